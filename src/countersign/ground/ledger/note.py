"""Checkpoints as signed notes, in the formats c2sp.org/signed-note and c2sp.org/tlog-checkpoint."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from .encoding import strict_base64
from .errors import NoteRefused
from .signing import ALGORITHMS, ED25519, Algorithm, Ed25519Engine

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
        self._engine = Ed25519Engine(seed)
        self.verifier = Verifier(origin, self._engine.public)

    def sign(self, size: int, root: bytes) -> Checkpoint:
        """The signed checkpoint; the same size and root give the same note."""
        text = f"{self.origin}\n{size}\n{b64encode(root).decode()}\n"
        line = self.verifier.line(self._engine.sign(text.encode()))
        return Checkpoint(self.origin, size, root, f"{text}\n{line}")


class Verifier:
    """Opens notes that the key of ``origin`` signed; Ed25519 (32 bytes) unless said otherwise."""

    def __init__(self, origin: str, public: bytes, algorithm: Algorithm = ED25519) -> None:
        self.origin = origin
        self.public = public
        self.algorithm = algorithm
        self._encoded = algorithm.kind + public
        self.key_id = sha256(origin.encode() + b"\n" + self._encoded).digest()[:4]

    @property
    def text(self) -> str:
        """The key as signed-note verifiers write it: ``name+id+base64``."""
        return f"{self.origin}+{self.key_id.hex()}+{b64encode(self._encoded).decode()}"

    @staticmethod
    def parse(text: str) -> Verifier:
        """Reads what ``text`` wrote; raises NoteRefused."""
        origin, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        key = strict_base64(encoded)
        for algorithm in ALGORITHMS:
            public = key.removeprefix(algorithm.kind)
            if len(key) == len(algorithm.kind) + algorithm.length and len(public) < len(key):
                break
        else:
            raise NoteRefused(reason="the verifier key is of no algorithm that is known here")
        if not NAME.fullmatch(origin):
            raise NoteRefused(reason="the verifier key has no name")
        verifier = Verifier(origin, public, algorithm)
        if verifier.key_id.hex() != key_id:
            raise NoteRefused(reason="the verifier key's id does not belong to it")
        return verifier

    def line(self, signature: bytes) -> str:
        """The line below a note that carries a signature of this key."""
        return f"\u2014 {self.origin} {b64encode(self.key_id + signature).decode()}\n"

    def signed(self, note: str) -> bool:
        """Whether a line of this key stands below ``note``; NoteRefused when it is wrong."""
        text, signatures = parted(note)
        good = [self._signed(text, line) for line in signatures]  # every one is looked at
        return any(good)

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
        if not self.algorithm.verified(self.public, text.encode(), signature[4:]):
            raise NoteRefused(reason="the signature is wrong")
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
