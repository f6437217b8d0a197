"""The registry of everything that may propose, and the switch that stops all of it."""

from .card import Dataset, Measured, ModelCard, ModelKind, ModelRef, NotMeasured, Source
from .digest import digest_of
from .errors import (
    AIStopped,
    IncompleteCard,
    NotStopped,
    ReasonTooShort,
    UnknownModel,
    VersionTaken,
)
from .registry import Registered, Registry
from .switch import Switch, SwitchState

__all__ = [
    "AIStopped",
    "Dataset",
    "IncompleteCard",
    "Measured",
    "ModelCard",
    "ModelKind",
    "ModelRef",
    "NotMeasured",
    "NotStopped",
    "ReasonTooShort",
    "Registered",
    "Registry",
    "Source",
    "Switch",
    "SwitchState",
    "UnknownModel",
    "VersionTaken",
    "digest_of",
]
