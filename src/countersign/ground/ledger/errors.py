"""What can go wrong with the ledger, and what the person should do then."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class LedgerUnavailable(CountersignError):
    code = "ledger.unavailable"
    status = 503
    message = (
        "No receipt can be written now, so this is not shown and not done; the chart goes on. "
        "Try again in a minute. If it stays so, tell IT."
    )


class EventRefused(CountersignError):
    code = "ledger.event"
    status = 400
    message = "The ledger cannot record this ({reason}). Check the identifier and try again."


class NotInLedger(CountersignError):
    code = "ledger.range"
    status = 404
    message = "The ledger has no leaf {index} in a tree of {size}. Check the number."


class LedgerBroken(CountersignError):
    code = "ledger.broken"
    status = 500
    message = (
        "The ledger no longer agrees with itself ({reason}); nothing more is signed. "
        "Run “countersign ledger verify”, change nothing in the database and tell the "
        "security officer."
    )


class KeyUnsafe(CountersignError):
    code = "ledger.key"
    status = 500
    message = "The ledger's signing key in {file} cannot be used: {reason}."


class NoteRefused(CountersignError):
    code = "ledger.note"
    status = 400
    message = "This is not a checkpoint signed by the ledger's key: {reason}."


class BundleRefused(CountersignError):
    code = "ledger.bundle"
    status = 400
    message = "The bundle cannot be exported: {reason}."


class WitnessUnfit(CountersignError):
    code = "ledger.witness"
    status = 500
    message = (
        "The witness's state in {folder} is gone, though its key has signed. Restore the newest "
        "state; if there is none, retire this key and make a witness with a new name."
    )


class RetentionRefused(CountersignError):
    code = "ledger.retention"
    status = 400
    message = "This cannot be pruned: {reason}."


class WitnessSettings(CountersignError):
    code = "ledger.witness_setting"
    status = 500
    message = (
        "“{text}” names no witness. Write its address, a space and its public key as “countersign "
        "witness” prints them, several with commas between."
    )


class DeviceFailed(CountersignError):
    code = "ledger.device"
    status = 502
    message = (
        "The device that signs checkpoints beside the ledger's own key does not work: {reason}. "
        "Checkpoints are signed without it. Let IT look at COUNTERSIGN_SIGNER_COMMAND."
    )
