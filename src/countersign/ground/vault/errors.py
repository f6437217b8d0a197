"""What can go wrong with keys, said without ever showing one."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class Unreadable(CountersignError):
    code = "vault.unreadable"
    status = 500
    message = (
        "This entry cannot be decrypted: it was changed after it was written, or it belongs "
        "elsewhere. Do not rely on it, and tell IT."
    )


class KeysMissing(CountersignError):
    code = "vault.keys-missing"
    status = 503
    message = (
        "{folder} does not hold the keys of this database. Put the key folder back from its "
        "backup before anything is written."
    )


class KeysExposed(CountersignError):
    code = "vault.keys-exposed"
    status = 503
    message = (
        "{path} can be read or changed by others than its owner (mode {mode}). Find out who had "
        "access, then run: chmod {wanted} {path}"
    )


class KeyDamaged(CountersignError):
    code = "vault.key-damaged"
    status = 503
    message = "{path} is not a complete key file. Put it back from its backup."


class WrongKeys(CountersignError):
    code = "vault.wrong-keys"
    status = 503
    message = (
        "These keys are not the ones with which this database was written. Nothing was sealed. "
        "Put the right key folder back from its backup."
    )


class KeysUnavailable(CountersignError):
    code = "vault.keys-unavailable"
    status = 503
    message = (
        "The keys cannot be reached ({where}: {problem}). Nothing was sealed or opened. Try "
        "again; if it stays so, tell IT."
    )


class Destroyed(CountersignError):
    """The keys of this patient's data were destroyed on purpose; nobody can read them again."""

    code = "vault.destroyed"
    status = 410
    message = (
        "The data of this patient were destroyed on {day}, on purpose and for good. Certificate "
        "{certificate} in the ledger says who ordered it and why."
    )


class Undeclared(CountersignError):
    code = "vault.undeclared"
    status = 500
    message = (
        "{tables} hold sealed values that no migration declared, so they cannot be rotated. "
        "Declare them with vault.declare_sealed first."
    )


class BadOrder(CountersignError):
    code = "vault.bad-order"
    status = 422
    message = "This cannot be destroyed: {problem}. Nothing was changed."
