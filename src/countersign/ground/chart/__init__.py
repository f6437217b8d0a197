"""The patient's record: FHIR R4 resources, every version, sealed, searchable, with receipts."""

from ._write import Written
from .chart import Chart
from .errors import (
    Ambiguous,
    BadParameter,
    ConcurrentChange,
    Deleted,
    DuplicateEntry,
    Invalid,
    MissingReference,
    NoPatient,
    NotABundle,
    NotFound,
    PatientInUse,
    Refusal,
    Refused,
    ReleasedOnly,
    TooLarge,
    TwoPatients,
    UnknownParameter,
    UnsignedAI,
    Unsupported,
    VersionConflict,
    refusal,
)
from .facts import Placed
from .identify import Candidate, Identified
from .label_rules import LabelRule, LabelRules
from .limits import Limits
from .limits import check as check_limits
from .limits import read as read_limited
from .placement import refused_by
from .prepare import Prepared, PreparedBundle, prepare, prepare_own
from .problems import Problem
from .query import known as search_parameters
from .reader import Page, PatientChart, PatientFilter, PatientPage, Reader
from .receive import Listeners, Received
from .sensitivity import Sensitivity, Standing
from .summary import PatientSummary
from .validation import validate
from .version import Version, commitment

__all__ = [
    "Candidate",
    "Identified",
    "Ambiguous",
    "BadParameter",
    "Chart",
    "ConcurrentChange",
    "ConcurrentChange",
    "Deleted",
    "DuplicateEntry",
    "Invalid",
    "LabelRule",
    "LabelRules",
    "Limits",
    "Listeners",
    "MissingReference",
    "NoPatient",
    "NotABundle",
    "NotFound",
    "Page",
    "PatientChart",
    "PatientFilter",
    "PatientInUse",
    "PatientPage",
    "PatientSummary",
    "Placed",
    "Prepared",
    "PreparedBundle",
    "Problem",
    "Reader",
    "Received",
    "Refusal",
    "Refused",
    "ReleasedOnly",
    "Sensitivity",
    "Standing",
    "TooLarge",
    "TwoPatients",
    "UnknownParameter",
    "UnsignedAI",
    "Unsupported",
    "Version",
    "VersionConflict",
    "Written",
    "check_limits",
    "commitment",
    "prepare",
    "prepare_own",
    "read_limited",
    "refusal",
    "refused_by",
    "search_parameters",
    "validate",
]
