"""Envelope encryption: one data key for each patient, wrapped by a versioned key."""

from .errors import KeyDamaged, KeysExposed, KeysMissing, Unreadable, WrongKeys
from .provider import KeyProvider
from .sealedfile import SealedFileProvider, open_keys
from .vault import HOUSE, Sealed, Vault

__all__ = [
    "HOUSE",
    "KeyDamaged",
    "KeyProvider",
    "KeysExposed",
    "KeysMissing",
    "Sealed",
    "SealedFileProvider",
    "Unreadable",
    "Vault",
    "WrongKeys",
    "open_keys",
]
