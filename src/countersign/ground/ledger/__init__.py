"""The ledger: every step leaves a leaf in an RFC 6962 tree that outsiders can check."""

from .audit_export import AuditExport, Format
from .bundle import BundleOrder, Exported, export
from .cosignature import Cosignature, Cosigner, WitnessKey
from .errors import (
    BundleRefused,
    DeviceFailed,
    EventRefused,
    KeyUnsafe,
    LedgerBroken,
    LedgerUnavailable,
    NoteRefused,
    NotInLedger,
    RetentionRefused,
    WitnessSettings,
    WitnessUnfit,
)
from .event import Event, EventKind, Receipt, Recorded
from .findings import Finding, FindingKind, Report
from .forwarding import Forwarding, ForwardStanding
from .keyfile import open_cosigner, open_signer
from .ledger import Ledger, random_salt
from .note import Checkpoint, Signer, Verifier
from .query import EventPage, EventQuery, Tally
from .retention import Due, Retention, Rule
from .returned import Entry, NothingKept, Opening, Returned
from .second import SecondSigner, SecondStanding
from .signing import SM2, CommandEngine, Ed25519Engine, Engine
from .tiles import Resource, Tiles
from .unit import Unit
from .witness import Witness
from .witnessing import Disagreement, Place, Standing, Witnesses, places

__all__ = [
    "SM2",
    "AuditExport",
    "BundleOrder",
    "BundleRefused",
    "Checkpoint",
    "CommandEngine",
    "Cosignature",
    "Cosigner",
    "DeviceFailed",
    "Disagreement",
    "Due",
    "Ed25519Engine",
    "Engine",
    "Entry",
    "Event",
    "EventKind",
    "EventPage",
    "EventQuery",
    "EventRefused",
    "Exported",
    "Finding",
    "ForwardStanding",
    "Forwarding",
    "FindingKind",
    "Format",
    "KeyUnsafe",
    "Ledger",
    "LedgerBroken",
    "LedgerUnavailable",
    "NotInLedger",
    "NoteRefused",
    "NothingKept",
    "Opening",
    "Place",
    "Receipt",
    "Recorded",
    "Report",
    "Resource",
    "Retention",
    "RetentionRefused",
    "Returned",
    "Rule",
    "SecondSigner",
    "SecondStanding",
    "Signer",
    "Standing",
    "Tally",
    "Tiles",
    "Unit",
    "Verifier",
    "Witness",
    "WitnessKey",
    "WitnessSettings",
    "WitnessUnfit",
    "Witnesses",
    "export",
    "open_cosigner",
    "open_signer",
    "places",
    "random_salt",
]
