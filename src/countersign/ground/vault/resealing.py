"""Gives every patient a new data key and seals every row again while everybody works."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from os import urandom

from psycopg.rows import DictRow

from . import census
from .census import Census
from .deeds import Batches, Deed
from .errors import Unreadable
from .keyring import KEPT_SECONDS, DataKey
from .keystore import KeyStore
from .rewrapping import Progress
from .suites import NONCE
from .vault import bound, opened

SUBJECTS = 25
ROWS = 400
GRACE = 2 * KEPT_SECONDS
"""Seconds between the last sealed row and the destruction of the key it was under before: by
then every process has let go of the old keys and finished what it had begun with them."""

PASSES = 5
KEYS = 1000
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Resealed:
    """``keys`` were made, ``rows`` sealed again, ``retired`` old keys destroyed by this run.

    ``damaged`` rows did not open and stay as they were, under their old key, which is kept.
    """

    generation: int
    resumed: bool
    keys: int
    rows: int
    retired: int
    damaged: int
    census: Census

    @property
    def complete(self) -> bool:
        """Whether no readable row is left under a key of an earlier generation."""
        return self.census.stragglers == 0 and self.census.lost == 0


class DataRotation:
    """One rotation of the data keys; ``store`` decides the suite of the new ones."""

    def __init__(
        self,
        store: KeyStore,
        batches: Batches,
        progress: Progress = lambda done, total: None,
        *,
        grace: float = GRACE,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._pool = store.pool
        self._batches = batches
        self._progress = progress
        self._grace = grace
        self._rest = rest
        self._made = self._rows = self._retired = self._damaged = 0

    def run(self) -> Resealed:
        """Rotates, or finishes what was interrupted; safe to repeat and to run twice at once.

        Raises Undeclared before anything is changed, KeysUnavailable, LedgerUnavailable,
        DatabaseUnavailable; what was done until then stays done.
        """
        census.take(self._pool).require_declared()
        generation, resumed = self._begin()
        for number in range(PASSES):
            before = self._rows
            left = self._pass(generation)
            if not left:
                break
            if number and self._rows == before:
                self._retire(left)
                break
            self._rest(self._grace)
        report = Resealed(
            generation,
            resumed,
            self._made,
            self._rows,
            self._retired,
            self._damaged,
            census.take(self._pool),
        )
        with self._batches() as unit:
            unit.record(self._deed(generation, "finished", report.census, report))
        return report

    def _begin(self) -> tuple[int, bool]:
        before = census.take(self._pool)
        with self._batches() as unit:
            row = unit.connection.execute("select vault.begin_generation() as n").fetchone()
            head = unit.connection.execute("select generation from vault.head").fetchone()
            assert row is not None and head is not None  # noqa: S101 - functions answer
            resumed, generation = row["n"] == 0, head["generation"]
            phase = "resumed" if resumed else "begun"
            unit.record(self._deed(generation, phase, before, None))
        return generation, resumed

    def _pass(self, generation: int) -> list[int]:
        """Goes through all old keys once and returns those that are still there."""
        total = self._pool.rows(
            "select count(*) as n from vault.data_key"
            " where wrapped is not null and generation < %s",
            (generation,),
        )[0]["n"]
        after, seen, self._damaged = 0, list[int](), 0
        while rows := self._older(generation, after, SUBJECTS):
            self._renew(generation, sorted({row["subject"] for row in rows}))
            self._reseal(rows)
            seen += [row["id"] for row in rows]
            after = seen[-1]
            self._progress(len(seen), total)
        return seen

    def _older(self, generation: int, after: int, many: int) -> list[DictRow]:
        return self._pool.rows(
            "select id, subject, version, suite, wrapping_version, wrapped from vault.data_key"
            " where wrapped is not null and generation < %s and id > %s order by id limit %s",
            (generation, after, many),
        )

    def _renew(self, generation: int, subjects: Sequence[str]) -> None:
        """A key of this generation for each subject that has none yet."""
        lacking = self._pool.rows(
            "select subject, max(version) + 1 as version from vault.data_key"
            " where subject = any(%s) group by subject having max(generation) < %s",
            (list(subjects), generation),
        )
        if lacking:
            wanted = [(row["subject"], row["version"]) for row in lacking]
            self._made += len(self._store.next_versions(wanted))

    def _reseal(self, rows: Sequence[DictRow]) -> None:
        old = {key.id: key for key in self._store.unwrapped(rows) if key is not None}
        fresh: dict[str, DataKey] = {}
        for row, key in self._store.of(sorted({row["subject"] for row in rows})):
            if key is not None and row["subject"] not in fresh:
                fresh[row["subject"]] = key
        keys = [one for one, key in old.items() if key.subject in fresh]
        for table in census.tables(self._pool):
            after = "(0,0)"
            while found := self._boxes(table, keys, after):
                changed = [one for row in found if (one := _again(row, old, fresh)) is not None]
                self._damaged += len(found) - len(changed)
                if changed:
                    self._write(table, changed)
                after = found[-1]["row"]

    def _boxes(self, table: str, keys: Sequence[int], after: str) -> list[DictRow]:
        return self._pool.rows(
            "select spot::text as row, place, suite, key_id, box"
            " from vault.boxes(%s, %s::bigint[], %s::tid, %s)",
            (table, list(keys), after, ROWS),
        )

    def _write(self, table: str, changed: Sequence[_Again]) -> None:
        with self._batches() as unit:
            answer = unit.connection.execute(
                "select batch, changed from vault.reseal("
                "%s, %s::tid[], %s::bytea[], %s::smallint[], %s::bigint[], %s::bytea[])",
                (
                    table,
                    [one.row for one in changed],
                    [one.nonce for one in changed],
                    [one.suite for one in changed],
                    [one.key for one in changed],
                    [one.box for one in changed],
                ),
            ).fetchone()
            assert answer is not None  # noqa: S101 - a function answers
            self._rows += answer["changed"]
            lines = "\n".join(f"{one.place} {one.old} {one.key}" for one in changed)
            unit.record(
                Deed(
                    "resealed",
                    f"resealing:{answer['batch']}",
                    commits={"rows": sha256(lines.encode()).hexdigest()},
                    detail={"table": table, "rows": answer["changed"]},
                )
            )

    def _retire(self, keys: Sequence[int]) -> None:
        """Destroys what nothing lies under any more; a key in use right now is tried again."""
        for attempt in range(ATTEMPTS):
            left: list[int] = []
            for first in range(0, len(keys), KEYS):
                some = list(keys[first : first + KEYS])
                rows = self._pool.rows("select vault.retire(%s::bigint[]) as gone", (some,))
                self._retired += len(rows[0]["gone"])
                left += sorted(set(some) - set(rows[0]["gone"]))
            if not left or attempt == ATTEMPTS - 1:
                return
            keys = left
            self._rest(min(1.0, self._grace))

    def _deed(self, generation: int, phase: str, counted: Census, report: Resealed | None) -> Deed:
        detail: dict[str, str | int | bool] = {"keys_of": "data", "phase": phase}
        if report is not None:
            detail |= {
                "keys": report.keys,
                "rows": report.rows,
                "retired": report.retired,
                "damaged": report.damaged,
                "stragglers": counted.stragglers,
            }
        return Deed(
            "rotated",
            f"data-keys:{generation}",
            commits={"census": counted.sha256()},
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class _Again:
    row: str
    place: str
    nonce: bytes
    old: int
    suite: int
    key: int
    box: bytes


def _again(row: DictRow, old: dict[int, DataKey], fresh: dict[str, DataKey]) -> _Again | None:
    """The row under its subject's newest key; None when it does not open."""
    was, box = old[row["key_id"]], bytes(row["box"])
    becomes = fresh[was.subject]
    try:
        if row["suite"] != was.suite:
            return None
        plaintext = opened(was, box, row["place"])
    except Unreadable:
        return None
    nonce = urandom(NONCE)
    sealed = becomes.cipher.encrypt(nonce, plaintext, bound(row["place"], becomes))
    return _Again(
        row["row"], row["place"], box[:NONCE], was.id, becomes.suite, becomes.id, nonce + sealed
    )
