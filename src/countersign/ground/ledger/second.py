"""Adds a second signature, of a device of the hospital, below the ledger's own checkpoints.

The Ed25519 line stays what outsiders verify. A device that fails or hangs costs its line and,
once in a while, its budget; never a checkpoint.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from .errors import DeviceFailed, NoteRefused
from .note import Checkpoint, Verifier, parted
from .signing import Engine

RETRY = 30.0
"""Seconds for which a device that failed is not asked again."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SecondStanding:
    """Whether the newest checkpoint carries the device's line, and what it said last here."""

    key: str
    algorithm: str
    size: int
    signed: bool
    problem: DeviceFailed | None


class SecondSigner:
    """``engine`` holds the private key of ``verifier``; None only verifies.

    ``seconds`` is a clock that only goes forward.
    """

    def __init__(
        self,
        verifier: Verifier,
        engine: Engine | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.verifier = verifier
        self._engine = engine
        self._seconds = seconds
        self._not_before = float("-inf")
        self.problem: DeviceFailed | None = None

    def added(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with the device's line, or as it is when the device has failed."""
        if self._engine is None or self._seconds() < self._not_before:
            return checkpoint
        try:
            line = self.line(checkpoint.note)
        except DeviceFailed as problem:
            self.problem = problem
            self._not_before = self._seconds() + RETRY
            _log.error("a checkpoint has no second signature: %s", problem.code)
            return checkpoint
        self.problem = None
        return replace(checkpoint, note=checkpoint.note + line)

    def line(self, note: str) -> str:
        """The device's line below ``note``, verified. Raises DeviceFailed."""
        if self._engine is None:
            raise DeviceFailed(reason="no command is configured")
        text, _ = parted(note)
        line = self.verifier.line(self._engine.sign(text.encode()))
        try:
            self.verifier.signed(f"{text}\n{line}")
        except NoteRefused:
            raise DeviceFailed(reason="its signature is not of the configured key") from None
        return line

    def standing(self, newest: Checkpoint | None) -> SecondStanding:
        """What is to be shown of it; ``newest`` is the newest checkpoint that was kept."""
        signed = newest is not None and self.present(newest.note)
        size = newest.size if newest else 0
        name = self.verifier.algorithm.name
        return SecondStanding(self.verifier.text, name, size, signed, self.problem)

    def present(self, note: str) -> bool:
        """Whether a good line of the device stands below ``note``."""
        try:
            return self.verifier.signed(note)
        except NoteRefused:
            return False
