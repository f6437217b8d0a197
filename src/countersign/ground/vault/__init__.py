"""Envelope encryption: one data key for each patient, wrapped by a versioned key."""

from .census import Census, Count
from .census import take as take_census
from .deeds import Batch, Batches, Deed
from .errors import (
    BadOrder,
    Destroyed,
    KeyDamaged,
    KeysExposed,
    KeysMissing,
    KeysUnavailable,
    Undeclared,
    Unreadable,
    WrongKeys,
)
from .keyfile import read_secret
from .keyring import KEPT_SECONDS
from .pkcs11 import Pkcs11Provider
from .provider import KeyProvider, open_kept
from .resealing import GRACE, DataRotation, Resealed
from .rewrapping import Progress, Rewrapped, rotate_wrapping
from .sealedfile import SealedFileProvider, open_keys
from .shredding import Certificate, Ground, Order, shred
from .stream import SealedReader, StreamKey, parts_of, seal_stream
from .stream import known_key as known_stream_key
from .stream import new_key as new_stream_key
from .suites import Suite
from .transit import Ask, Asked, TransitProvider
from .vault import HOUSE, Sealed, Vault

__all__ = [
    "GRACE",
    "HOUSE",
    "KEPT_SECONDS",
    "Ask",
    "Asked",
    "BadOrder",
    "Batch",
    "Batches",
    "Census",
    "Certificate",
    "Count",
    "DataRotation",
    "Deed",
    "Destroyed",
    "Ground",
    "KeyDamaged",
    "KeyProvider",
    "KeysExposed",
    "KeysMissing",
    "KeysUnavailable",
    "Order",
    "Pkcs11Provider",
    "Progress",
    "Resealed",
    "Rewrapped",
    "Sealed",
    "SealedFileProvider",
    "SealedReader",
    "StreamKey",
    "Suite",
    "TransitProvider",
    "Undeclared",
    "Unreadable",
    "Vault",
    "WrongKeys",
    "known_stream_key",
    "new_stream_key",
    "open_kept",
    "open_keys",
    "parts_of",
    "read_secret",
    "rotate_wrapping",
    "seal_stream",
    "shred",
    "take_census",
]
