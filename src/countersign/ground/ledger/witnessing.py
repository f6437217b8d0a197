"""The house asks witnesses to cosign its checkpoints and keeps what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from countersign.ground.db import Pool
from countersign.ground.egress import Answer, Egress
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

from .cosignature import Cosignature, WitnessKey
from .errors import NoteRefused, WitnessSettings
from .ledger import Ledger
from .note import SIZE, Checkpoint
from .witness import compose

Kind = Literal["split-view", "longer"]
TRIES = 3
LARGEST = 65_536


@dataclass(frozen=True, slots=True)
class Place:
    """Where a witness listens (the prefix before ``/add-checkpoint``) and its public key."""

    url: str
    key: WitnessKey


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A witness that saw another history (split view), or a longer one, than this ledger has."""

    at: datetime
    witness: str
    kind: Kind
    size: int
    theirs: int
    note: str

    @property
    def words(self) -> Words:
        """What it means, and what to do."""
        if self.kind == "longer":
            return Words(
                f"{self.witness} has signed {self.theirs} leaves of this ledger, which has "
                f"{self.size}: an old backup was restored, or leaves were removed.",
                f"{self.witness} 已对本账本的 {self.theirs} 个叶签名，而本账本只有 {self.size} 个："
                "可能恢复了旧备份，或有叶被删除。",
            )
        return Words(
            f"{self.witness} has signed another history of {self.theirs} leaves than this ledger "
            f"shows with its {self.size}: the record was rewritten, or shown in two versions.",
            f"{self.witness} 所签的 {self.theirs} 个叶与本账本的 {self.size} 个叶属于不同的历史："
            "记录被改写，或对外出示了两个版本。",
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a witness is: the newest checkpoint that it cosigned, and how many leaves came since.

    ``problem`` says why it did not cosign the last time it was asked in this process.
    """

    witness: str
    url: str
    size: int
    at: datetime | None
    behind: int
    problem: str
    disagreement: Disagreement | None


class Witnesses:
    """``pool`` is of the role LEDGER. Without places, nothing is sent and nothing expected."""

    def __init__(
        self, ledger: Ledger, pool: Pool, egress: Egress, places: Sequence[Place], clock: Clock
    ) -> None:
        self._ledger = ledger
        self._pool = pool
        self._egress = egress
        self._places = tuple(places)
        self._clock = clock
        self._problems: dict[str, str] = {}

    @property
    def places(self) -> tuple[Place, ...]:
        """The configured witnesses."""
        return self._places

    def send(self, checkpoint: Checkpoint | None = None) -> int:
        """Asks every witness that is behind; returns how many cosigned now.

        ``checkpoint`` is one that was just made, else one is made of all that is durable. A
        witness that does not answer is asked again the next time; nothing is lost by it.
        """
        if not self._places:
            return 0
        return sum(
            self._ask(place, checkpoint or self._ledger.checkpoint()) for place in self._places
        )

    def cosigned(self, checkpoint: Checkpoint) -> str:
        """The note with the cosignatures that are kept of it, for whoever trusts the witnesses."""
        rows = self._pool.rows(
            "select line from ledger.cosignature where size = %s order by witness",
            (checkpoint.size,),
        )
        note = checkpoint.note + "".join(row["line"] for row in rows)
        return "".join([checkpoint.note, *(found.line for found in self._good(note))])

    def witnessed(self) -> list[tuple[Checkpoint, Cosignature]]:
        """For each witness its newest cosignature whose key and checkpoint are good."""
        found: list[tuple[Checkpoint, Cosignature]] = []
        for place in self._places:
            size = self._last(place)
            notes = self._ledger.checkpoints([size]) if size is not None else {}
            for note in notes.values():
                checkpoint = self._ledger.opened(note)
                for one in self._good(self.cosigned(checkpoint)):
                    if one.witness == place.key.name:
                        found.append((checkpoint, one))
        return found

    def standing(self) -> list[Standing]:
        """What the audit page shows of each witness."""
        size = self._ledger.size()
        good = {one.witness: (checkpoint, one) for checkpoint, one in self.witnessed()}
        said = {one.witness: one for one in reversed(self.disagreements())}
        result: list[Standing] = []
        for place in self._places:
            name = place.key.name
            checkpoint, one = good.get(name, (None, None))
            signed = checkpoint.size if checkpoint else 0
            problem = self._problems.get(name, "")
            at = one.at if one else None
            result.append(
                Standing(name, place.url, signed, at, size - signed, problem, said.get(name))
            )
        return result

    def disagreements(self) -> list[Disagreement]:
        """Every contradiction that a witness found, the newest first."""
        rows = self._pool.rows(
            "select at, witness, kind, size, theirs, note from ledger.disagreement"
            " order by number desc limit 100"
        )
        return [Disagreement(**row) for row in rows]

    def _good(self, note: str) -> list[Cosignature]:
        found: list[Cosignature] = []
        for place in self._places:
            try:
                one = place.key.find(note)
            except NoteRefused:
                continue  # fsck names it; here it counts as not cosigned
            if one is not None:
                found.append(one)
        return found

    def _last(self, place: Place) -> int | None:
        return self._pool.rows(
            "select max(size) as size from ledger.cosignature where witness = %s",
            (place.key.name,),
        )[0]["size"]

    def _ask(self, place: Place, checkpoint: Checkpoint) -> bool:
        """True when the witness cosigned this checkpoint now."""
        old = self._last(place) or 0
        if old >= checkpoint.size and old and self._ledger.size() >= old:
            self._problems.pop(place.key.name, None)
            return False
        try:
            return self._converse(place, checkpoint, min(old, checkpoint.size))
        except CountersignError as problem:
            self._problems[place.key.name] = problem.sentence()
            return False

    def _converse(self, place: Place, checkpoint: Checkpoint, old: int) -> bool:
        name = place.key.name
        for _ in range(TRIES):
            proof = self._ledger.consistency(old, checkpoint.size)
            answer = self._post(place, compose(old, proof, checkpoint.note))
            theirs = _size(answer)
            if answer.status == 200:
                return self._kept(place, checkpoint, answer)
            if answer.status == 422 or (answer.status == 409 and theirs == checkpoint.size == old):
                self._disagree(name, "split-view", checkpoint, old)
                return False
            if answer.status != 409 or theirs is None:
                self._problems[name] = f"HTTP {answer.status}"
                return False
            if theirs > checkpoint.size:
                newer = self._ledger.checkpoint()  # another process may have gone ahead
                if theirs > newer.size:
                    self._disagree(name, "longer", newer, theirs)
                    return False
                checkpoint = newer
            old = theirs
        self._problems[name] = "HTTP 409"
        return False

    def _post(self, place: Place, body: bytes) -> Answer:
        return self._egress.request(
            "POST",
            f"{place.url.rstrip('/')}/add-checkpoint",
            headers={"content-type": "text/plain; charset=utf-8"},
            content=body,
            largest=LARGEST,
        )

    def _kept(self, place: Place, checkpoint: Checkpoint, answer: Answer) -> bool:
        """Keeps a cosignature that its key made over our note, and nothing else."""
        try:
            found = place.key.find(checkpoint.note + answer.content.decode())
        except (NoteRefused, UnicodeDecodeError):
            found = None
        if found is None:
            self._problems[place.key.name] = "the answer is not signed by the witness's key"
            return False
        with self._pool.transaction() as connection:
            connection.execute(
                "select ledger.cosign(%s, %s, %s, %s)",
                (checkpoint.size, found.witness, found.line, found.at),
            )
        self._problems.pop(place.key.name, None)
        return True

    def _disagree(self, name: str, kind: Kind, checkpoint: Checkpoint, theirs: int) -> None:
        with self._pool.transaction() as connection:
            connection.execute(
                "select ledger.disagree(%s, %s, %s, %s, %s, %s)",
                (self._clock(), name, kind, checkpoint.size, theirs, checkpoint.note),
            )
        self._problems[name] = kind


def places(text: str) -> tuple[Place, ...]:
    """Witnesses as the setting writes them: ``URL KEY``, with commas between.

    Raises WitnessSettings.
    """
    return tuple(_place(one) for one in text.split(",") if one.strip())


def _place(text: str) -> Place:
    url, _, key = text.strip().partition(" ")
    if not url.startswith(("http://", "https://")):
        raise WitnessSettings(text=url[:60])
    try:
        return Place(url, WitnessKey.parse(key))
    except NoteRefused:
        raise WitnessSettings(text=text.strip()[:60]) from None


def _size(answer: Answer) -> int | None:
    text = answer.content.decode("ascii", "replace")
    return int(text) if text.endswith("\n") and SIZE.fullmatch(text[:-1]) else None
