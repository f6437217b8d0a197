"""The ledger: every step leaves a leaf in an RFC 6962 tree that outsiders can check."""

from .bundle import BundleOrder, Exported, export
from .errors import (
    BundleRefused,
    EventRefused,
    KeyUnsafe,
    LedgerBroken,
    LedgerUnavailable,
    NoteRefused,
    NotInLedger,
)
from .event import Event, EventKind, Receipt, Recorded
from .findings import Finding, FindingKind, Report
from .keyfile import open_signer
from .ledger import Ledger
from .note import Checkpoint, Signer, Verifier
from .query import EventPage, EventQuery
from .unit import Unit

__all__ = [
    "BundleOrder",
    "BundleRefused",
    "Checkpoint",
    "Event",
    "EventKind",
    "EventPage",
    "EventQuery",
    "EventRefused",
    "Exported",
    "Finding",
    "FindingKind",
    "KeyUnsafe",
    "Ledger",
    "LedgerBroken",
    "LedgerUnavailable",
    "NotInLedger",
    "NoteRefused",
    "Receipt",
    "Recorded",
    "Report",
    "Signer",
    "Unit",
    "Verifier",
    "export",
    "open_signer",
]
