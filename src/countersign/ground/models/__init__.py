"""The registry of everything that may propose, and the switch that stops all of it."""

from .asking import (
    Asked,
    Asking,
    NoServers,
    PassedOver,
    Priority,
    Prompt,
    Ready,
    Said,
    Stream,
    Work,
)
from .card import Dataset, Measured, ModelCard, ModelKind, ModelRef, NotMeasured, Source
from .digest import digest_of
from .errors import (
    AIStopped,
    AnswerUnfinished,
    BudgetSpent,
    IncompleteCard,
    ModelsAway,
    NoLanguageModel,
    NotStopped,
    ReasonTooShort,
    UnknownModel,
    VersionTaken,
)
from .registry import Registered, Registry
from .studies import Studies
from .study import RUN as STUDY_RUN
from .study import KeptAnswer, KeptImport, KeptStudy, StudyEnded, UnknownStudy
from .switch import Switch, SwitchState

__all__ = [
    "KeptAnswer",
    "KeptImport",
    "KeptStudy",
    "STUDY_RUN",
    "Studies",
    "StudyEnded",
    "UnknownStudy",
    "BudgetSpent",
    "Priority",
    "Prompt",
    "ModelKind",
    "AIStopped",
    "digest_of",
    "IncompleteCard",
    "Registry",
    "SwitchState",
    "NoServers",
    "ModelCard",
    "ModelsAway",
    "NotMeasured",
    "Switch",
    "PassedOver",
    "Ready",
    "VersionTaken",
    "Source",
    "Registered",
    "ModelRef",
    "AnswerUnfinished",
    "Stream",
    "Said",
    "ReasonTooShort",
    "NoLanguageModel",
    "Dataset",
    "Asked",
    "UnknownModel",
    "Measured",
    "Work",
    "NotStopped",
    "Asking",
]
