"""Checkpoints as signed notes, in the formats c2sp.org/signed-note and c2sp.org/tlog-checkpoint."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from .errors import NoteRefused

_ED25519 = b"\x01"
NAME = re.compile(r"[^\s+\x00-\x20\x7f]+")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_LONGEST = 65_535


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The root (32 bytes) over the first ``size`` leaves, and the note that signs it."""

    origin: str
    size: int
    root: bytes
    note: str


class Signer:
    """Signs checkpoints of the ledger named ``origin`` with an Ed25519 key (seed: 32 bytes)."""

    def __init__(self, origin: str, seed: bytes) -> None:
        if not NAME.fullmatch(origin):
            raise ValueError("an origin has no spaces and no plus, such as hospital.example/ledger")
        self.origin = origin
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(origin, self._key.public_key().public_bytes_raw())

    def sign(self, size: int, root: bytes) -> Checkpoint:
        """The signed checkpoint; the same size and root give the same note."""
        text = f"{self.origin}\n{size}\n{b64encode(root).decode()}\n"
        signature = b64encode(self.verifier.key_id + self._key.sign(text.encode())).decode()
        note = f"{text}\n\u2014 {self.origin} {signature}\n"
        return Checkpoint(self.origin, size, root, note)


class Verifier:
    """Opens notes that the key of ``origin`` signed (public key: 32 bytes)."""

    def __init__(self, origin: str, public: bytes) -> None:
        self.origin = origin
        self.key_id = sha256(origin.encode() + b"\n" + _ED25519 + public).digest()[:4]
        self._public = public

    @property
    def text(self) -> str:
        """The key as signed-note verifiers write it: ``name+id+base64``."""
        key = b64encode(_ED25519 + self._public).decode()
        return f"{self.origin}+{self.key_id.hex()}+{key}"

    @staticmethod
    def parse(text: str) -> Verifier:
        """Reads what ``text`` wrote; raises NoteRefused."""
        origin, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        key = strict_base64(encoded)
        if not NAME.fullmatch(origin) or len(key) != 33 or key[:1] != _ED25519:
            raise NoteRefused(reason="the verifier key is not an Ed25519 key")
        verifier = Verifier(origin, key[1:])
        if verifier.key_id.hex() != key_id:
            raise NoteRefused(reason="the verifier key's id does not belong to it")
        return verifier

    def open(self, note: str) -> Checkpoint:
        """The checkpoint in a note with a good signature of this key; raises NoteRefused."""
        text, signatures = parted(note)
        if not any(self._signed(text, line) for line in signatures):
            raise NoteRefused(reason="the key did not sign it")
        lines = text.split("\n")
        if len(lines) < 4 or lines[0] != self.origin or not SIZE.fullmatch(lines[1]):
            raise NoteRefused(reason="it does not name the origin and the size")
        root = strict_base64(lines[2])
        if len(root) != 32:
            raise NoteRefused(reason="it does not hold a root")
        return Checkpoint(lines[0], int(lines[1]), root, note)

    def _signed(self, text: str, line: str) -> bool:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "\u2014" or name != self.origin:
            return False
        signature = strict_base64(encoded)
        if signature[:4] != self.key_id:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self._public).verify(signature[4:], text.encode())
        except InvalidSignature:
            raise NoteRefused(reason="the signature is wrong") from None
        return True


def parted(note: str) -> tuple[str, list[str]]:
    """The signed text of a note, with its last newline, and its signature lines, without.

    Raises NoteRefused for what is no signed note.
    """
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or len(note) > _LONGEST or not signatures.endswith("\n"):
        raise NoteRefused(reason="it is not a signed note")
    if any(sign < " " and sign != "\n" for sign in note):
        raise NoteRefused(reason="it holds signs that no note may hold")
    return text + "\n", signatures[:-1].split("\n")


def strict_base64(text: str) -> bytes:
    """The bytes, or none for anything but canonical standard base64."""
    try:
        value = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""
    return value if b64encode(value).decode() == text else b""
