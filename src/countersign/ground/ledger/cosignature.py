"""What a witness signs: that it saw a checkpoint at a time (c2sp.org/tlog-cosignature, v1)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from .encoding import strict_base64
from .errors import NoteRefused
from .note import NAME, parted

ALGORITHM = b"\x04"
"""Ed25519 with a time before the message."""

_LATEST = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class Cosignature:
    """Who saw a checkpoint and when; ``line`` goes below the checkpoint's note as it is."""

    witness: str
    at: datetime
    line: str


class Cosigner:
    """Cosigns checkpoints under ``name`` with an Ed25519 key (seed: 32 bytes)."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not NAME.fullmatch(name):
            raise ValueError("a witness's name has no spaces and no plus, such as w1.example")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = WitnessKey(name, self._key.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        """Under which it cosigns."""
        return self.verifier.name

    def cosign(self, note: str, at: datetime) -> Cosignature:
        """A cosignature of the whole text of ``note``; seconds of ``at`` count."""
        seconds = int(at.timestamp())
        text, _ = parted(note)
        signed = self._key.sign(_message(text, seconds))
        raw = self.verifier.key_id + seconds.to_bytes(8, "big") + signed
        line = f"\u2014 {self.name} {b64encode(raw).decode()}\n"
        return Cosignature(self.name, datetime.fromtimestamp(seconds, UTC), line)


class WitnessKey:
    """The public key of a witness (32 bytes): checks what it cosigned."""

    def __init__(self, name: str, public: bytes) -> None:
        self.name = name
        self.key_id = sha256(name.encode() + b"\n" + ALGORITHM + public).digest()[:4]
        self._public = public

    @property
    def text(self) -> str:
        """``name+id+base64`` as in c2sp.org/signed-note."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ALGORITHM + self._public).decode()}"

    @staticmethod
    def parse(text: str) -> WitnessKey:
        """Reads what ``text`` wrote; raises NoteRefused."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = strict_base64(encoded)
        if not NAME.fullmatch(name) or len(raw) != 33 or raw[:1] != ALGORITHM:
            raise NoteRefused(reason="the witness's key is not of Ed25519 for cosignatures")
        key = WitnessKey(name, raw[1:])
        if key.key_id.hex() != key_id:
            raise NoteRefused(reason="the id of the witness's key does not belong to it")
        return key

    def find(self, note: str) -> Cosignature | None:
        """This witness's cosignature below ``note``, or None; NoteRefused for a wrong one."""
        text, lines = parted(note)
        for line in lines:
            dash, _, rest = line.partition(" ")
            name, _, encoded = rest.partition(" ")
            raw = strict_base64(encoded)
            if dash == "\u2014" and name == self.name and raw[:4] == self.key_id:
                return self._checked(text, raw, f"{line}\n")
        return None

    def _checked(self, text: str, raw: bytes, line: str) -> Cosignature:
        seconds = int.from_bytes(raw[4:12], "big")
        if len(raw) != 76 or seconds > _LATEST:
            raise NoteRefused(reason="the cosignature is not of 76 bytes and a time")
        try:
            key = Ed25519PublicKey.from_public_bytes(self._public)
            key.verify(raw[12:], _message(text, seconds))
        except (InvalidSignature, ValueError):
            raise NoteRefused(reason="the cosignature is wrong") from None
        return Cosignature(self.name, datetime.fromtimestamp(seconds, UTC), line)


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
