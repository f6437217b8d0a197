"""The port for signatures: which algorithms are known, and what holds a key that signs.

Ed25519 is built in and is what outsiders verify. A device of the hospital adds a line of its
own algorithm by a command that speaks three words on its input and output.
"""

from __future__ import annotations

import os
import signal
import subprocess
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from . import sm2
from .encoding import strict_base64
from .errors import DeviceFailed

BUDGET = 3.0
"""Seconds that a device may take for one signature."""

LONGEST = 4096
"""Characters of a device's answer."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """``kind`` begins the encoding of keys in notes (c2sp.org/signed-note, signature types);
    ``length`` is of a public key in bytes; ``verified(public, message, signature)`` never raises;
    ``plain`` turns what a device answers into what a note carries, or raises ValueError."""

    name: str
    kind: bytes
    length: int
    verified: Callable[[bytes, bytes, bytes], bool]
    plain: Callable[[bytes], bytes]


class Engine(Protocol):
    """Holds a key and signs with it."""

    @property
    def algorithm(self) -> Algorithm:
        """How it signs."""
        ...

    @property
    def public(self) -> bytes:
        """Its public key. Raises DeviceFailed."""
        ...

    def sign(self, message: bytes) -> bytes:
        """A signature as a note carries it. Raises DeviceFailed."""
        ...


def _ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


ED25519 = Algorithm("ed25519", b"\x01", 32, _ed25519, bytes)
# 0xff is for types without a byte of their own, followed by a longer identifier.
SM2 = Algorithm("sm2-sm3", b"\xffcountersign/sm2-sm3\x00", 65, sm2.verified, sm2.plain)
ALGORITHMS = (ED25519, SM2)


class Ed25519Engine:
    """A key in this process, made from its seed (32 bytes)."""

    algorithm = ED25519

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Sixty-four bytes; the same message gives the same."""
        return self._key.sign(message)


class CommandEngine:
    """A device behind ``command``, which is started anew for each request.

    It reads one line, ``public`` or ``sign BASE64``, and answers one: ``sm2-sm3 BASE64`` (the
    algorithm and the public key, ``04 || x || y``), ``signature BASE64`` (DER), or ``error TEXT``.
    """

    def __init__(
        self, command: Sequence[str], algorithm: Algorithm = SM2, budget: float = BUDGET
    ) -> None:
        self._command = tuple(command)
        self._budget = budget
        self.algorithm = algorithm

    @property
    def public(self) -> bytes:
        """Asks the device. Raises DeviceFailed."""
        raw = strict_base64(self._asked("public", self.algorithm.name))
        if len(raw) != self.algorithm.length:
            raise DeviceFailed(reason="its public key is malformed")
        return raw

    def sign(self, message: bytes) -> bytes:
        """Raises DeviceFailed, after the budget at the latest."""
        raw = strict_base64(self._asked(f"sign {b64encode(message).decode()}", "signature"))
        try:
            return self.algorithm.plain(raw)
        except ValueError:
            raise DeviceFailed(reason="its signature is malformed") from None

    def _asked(self, request: str, wanted: str) -> str:
        status, raw = self._run(f"{request}\n".encode())
        answer = raw[: LONGEST + 1].decode("utf-8", "replace").strip()
        word, _, said = answer.partition(" ")
        if word == "error":
            raise DeviceFailed(reason=_readable(said))
        if status or len(answer) > LONGEST or word != wanted:
            raise DeviceFailed(reason=f"exit status {status}, and no {wanted}")
        return said

    def _run(self, request: bytes) -> tuple[int, bytes]:
        """The exit status and the answer; whatever the command started ends with it."""
        try:
            device = subprocess.Popen(  # noqa: S603 - the hospital's own command, no shell
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as problem:
            raise DeviceFailed(reason=f"it does not start ({type(problem).__name__})") from None
        with device:
            try:
                answer, _ = device.communicate(request, self._budget)
            except subprocess.TimeoutExpired:
                raise DeviceFailed(reason=f"no answer within {self._budget:g} s") from None
            finally:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(device.pid, signal.SIGKILL)
        return device.returncode, answer


def _readable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:200] or "?"
