"""The ciphers that a row may be sealed with; each row says which."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher as Machine
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import Unreadable

NONCE = 12
"""Bytes of the nonce: 96 bits, NIST SP 800-38D section 8.2 and RFC 8998 section 3.2.1."""

TAG = 16
"""Bytes of the authentication tag."""


class Suite(IntEnum):
    """Numbers that are stored; a number never changes its meaning."""

    AES_256_GCM = 1
    SM4_GCM = 2

    @property
    def key_bytes(self) -> int:
        """Bytes of a data key: 32, and 16 for SM4 (GB/T 32907)."""
        return 16 if self is Suite.SM4_GCM else 32


class Cipher(Protocol):
    """Authenticated encryption under one key; safe to use from many threads."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class SM4GCM:
    """SM4 (GB/T 32907) in Galois/Counter Mode as RFC 8998 uses it; the tag comes last."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        machine = Machine(self._algorithm, modes.GCM(nonce)).encryptor()
        machine.authenticate_additional_data(associated_data or b"")
        return machine.update(data) + machine.finalize() + machine.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plaintext; raises InvalidTag, or ValueError for what is too short."""
        if len(data) < TAG:
            raise ValueError("shorter than a tag")
        machine = Machine(self._algorithm, modes.GCM(nonce, data[-TAG:])).decryptor()
        machine.authenticate_additional_data(associated_data or b"")
        return machine.update(data[:-TAG]) + machine.finalize()


def cipher(suite: int, key: bytes) -> Cipher:
    """The cipher of a suite under ``key``. Raises Unreadable for an unknown suite or size."""
    if suite == Suite.AES_256_GCM and len(key) == Suite.AES_256_GCM.key_bytes:
        return AESGCM(key)
    if suite == Suite.SM4_GCM and len(key) == Suite.SM4_GCM.key_bytes:
        return SM4GCM(key)
    raise Unreadable
