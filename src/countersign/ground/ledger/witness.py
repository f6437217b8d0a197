"""A witness: cosigns a ledger's checkpoint only when it extends all that it saw before.

Speaks add-checkpoint of c2sp.org/tlog-witness. Its state lies in a folder of its own, one file
for each ledger with the newest checkpoint that it cosigned; what contradicts that is kept.
"""

from __future__ import annotations

import fcntl
import os
import threading
from base64 import b64encode
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from countersign.kit.clock import Clock, stamp

from . import merkle
from .cosignature import Cosigner
from .encoding import strict_base64
from .errors import NoteRefused, WitnessUnfit
from .note import SIZE, Checkpoint, Verifier

LARGEST = 65_535 + 64 * 46
"""Bytes of a request: a note and the longest proof."""

MOST_HASHES = 63
EVIDENCE_KEPT = 1000
"""Contradictions kept of one ledger; the first ones stay."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness answers: an HTTP status, a content type, the body."""

    status: int
    content: str
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the size that the ledger takes for our last, the proof, the note."""

    old: int
    proof: tuple[bytes, ...]
    note: str


class Witness:
    """``folder`` holds the state; ``logs`` are the ledgers that it knows. Safe across threads
    and processes of one machine.

    Raises WitnessUnfit when the state of a key that has already signed is gone: whoever
    starts again from nothing would sign a second history.
    """

    most_bytes = LARGEST
    """Of one request."""

    def __init__(
        self, cosigner: Cosigner, folder: Path, logs: Sequence[Verifier], clock: Clock
    ) -> None:
        self._cosigner = cosigner
        self._folder = folder
        self._logs = {log.origin: log for log in logs}
        self._clock = clock
        self._lock = threading.Lock()
        used = folder / "used"
        (folder / "evidence").mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "state").mkdir(exist_ok=True, mode=0o700)
        if used.exists() and not any((folder / "state").iterdir()):
            raise WitnessUnfit(folder=folder)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosigns or refuses; a new state is on the disk before the answer."""
        asked = parse(body)
        if asked is None:
            return Answer(400, "The request is not of the form add-checkpoint.\n")
        log = self._logs.get(asked.note.partition("\n")[0])
        if log is None:
            return Answer(404, "This witness does not know the ledger.\n")
        try:
            checkpoint = log.open(asked.note)
        except NoteRefused:
            return Answer(403, "No key known for this ledger signed the checkpoint.\n")
        if asked.old > checkpoint.size:
            return Answer(400, "The old size exceeds the checkpoint's.\n")
        with self._held():
            return self._judge(log, asked, checkpoint)

    def latest(self, origin: str) -> Checkpoint | None:
        """The newest checkpoint that this witness cosigned of a ledger."""
        log = self._logs.get(origin)
        file = self._file(origin)
        if log is None or not file.exists():
            return None
        return log.open(file.read_text(encoding="utf-8"))

    def evidence(self) -> list[Path]:
        """Files that each hold two notes of one ledger which contradict each other."""
        return sorted((self._folder / "evidence").glob("*.txt"))

    def _judge(self, log: Verifier, asked: Asked, checkpoint: Checkpoint) -> Answer:
        last = self.latest(log.origin)
        known = last.size if last else 0
        if asked.old != known:
            if last and checkpoint.size == known and checkpoint.root != last.root:
                self._keep(last, checkpoint)
            return Answer(409, f"{known}\n", "text/x.tlog.size")
        if last and checkpoint.size == last.size and checkpoint.root != last.root:
            self._keep(last, checkpoint)
            return Answer(409, f"{known}\n", "text/x.tlog.size")
        root = last.root if last else merkle.EMPTY_ROOT
        if not merkle.verify_consistency(
            known, checkpoint.size, root, checkpoint.root, asked.proof
        ):
            if last:
                self._keep(last, checkpoint)
            return Answer(422, "The proof does not lead from what was cosigned before.\n")
        self._write(self._file(log.origin), checkpoint.note)
        if not (self._folder / "used").exists():
            self._write(self._folder / "used", stamp(self._clock()))
        return Answer(200, self._cosigner.cosign(checkpoint.note, self._clock()).line)

    def _keep(self, last: Checkpoint, other: Checkpoint) -> None:
        """Both notes, signed by the ledger's own key, in one file; each pair once."""
        pair = sha256(last.note.encode() + other.note.encode()).hexdigest()[:16]
        file = self._folder / "evidence" / f"{last.size}-{other.size}-{pair}.txt"
        if not file.exists() and len(self.evidence()) < EVIDENCE_KEPT:
            self._write(file, f"{last.note}\n{other.note}")

    def _file(self, origin: str) -> Path:
        return self._folder / "state" / f"{sha256(origin.encode()).hexdigest()[:32]}.note"

    @contextmanager
    def _held(self) -> Generator[None]:
        """One at a time, in all threads and processes, from the look at the state to its change."""
        with self._lock, (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, file: Path, text: str) -> None:
        """Aside, to the disk, then in place: a power cut leaves the old or the new."""
        draft = file.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def parse(body: bytes) -> Asked | None:
    """A request of add-checkpoint, or None when it is none."""
    if len(body) > LARGEST:
        return None
    try:
        head, gap, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        return None
    first, *hashes = head.split("\n")
    word, _, size = first.partition(" ")
    proof = tuple(strict_base64(line) for line in hashes)
    if (
        not gap
        or word != "old"
        or not SIZE.fullmatch(size)
        or len(proof) > MOST_HASHES
        or any(len(one) != 32 for one in proof)
    ):
        return None
    return Asked(int(size), proof, note)


def compose(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """The body of a request; what ``parse`` reads."""
    lines = [f"old {old}", *(b64encode(one).decode() for one in proof), "", note]
    return "\n".join(lines).encode()
