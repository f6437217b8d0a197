"""What people change of a result: only added to, undone by one more line, closed by signing."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Pool, Scope
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import Destroyed, Vault
from countersign.kit.json import digest, encode

from . import rows
from .errors import CannotUndo, WrongSlideState
from .held import Correction, CorrectionKind, State
from .keeping import refused
from .running import Running


class Correcting:
    """``pool`` logs in as DbRole.ROOM. Whether a person may is asked before."""

    def __init__(self, pool: Pool, vault: Vault, ledger: Ledger, running: Running) -> None:
        self._pool = pool
        self._vault = vault
        self._ledger = ledger
        self._running = running

    def all(self, scope: Scope, slide: str) -> list[Correction]:
        """Those of the result that counts, undone ones too, in order. Raises NothingMeasured."""
        run = self._running.measured(scope, slide)
        found = self._pool.within(scope).rows(
            "select * from slides.correction where run = %s order by number", (run.id,)
        )
        return [rows.correction_of(self._vault, run.patient, row) for row in found]

    def add(
        self,
        by: Principal,
        scope: Scope,
        slide: str,
        kind: CorrectionKind,
        value: Mapping[str, Any],
        undoes: int | None = None,
    ) -> Correction:
        """One more correction of the result that counts.

        Raises NothingMeasured, WrongSlideState once it is drafted, LedgerUnavailable: what a
        physician signs is what stands in the draft, and every report says the same.
        """
        run = self._running.measured(scope, slide)
        raw = encode(dict(value))
        with refused(), self._ledger.unit(self._pool.within(scope)) as unit:
            one = rows.locked(unit.connection, slide)
            if one.state != "ready":
                raise WrongSlideState
            number = 1 + self._last(unit.connection, slide)
            box = self._vault.seal(run.patient, raw, f"slide-correction/{slide}/{number}")
            row = unit.connection.execute(
                "insert into slides.correction (slide, number, run, kind, undoes, actor, suite,"
                " key_id, box) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning *",
                (slide, number, run.id, kind, undoes, by.actor, *rows.boxed(box)),
            ).fetchone()
            assert row is not None  # noqa: S101 - an insert without conflict returns its row
            unit.record(
                Event(
                    EventKind.SLIDE_CORRECTED,
                    by.actor,
                    patient=run.patient,
                    subject=f"slide:{slide}",
                    commits={"correction": digest(raw).hex()},
                    detail={"kind": kind, "number": number, "run": run.id},
                )
            )
        return rows.correction_of(self._vault, run.patient, row)

    def undo(self, by: Principal, scope: Scope, slide: str) -> Correction:
        """Takes back the last correction that still counts. Raises CannotUndo, WrongSlideState."""
        standing = effective(self.all(scope, slide))
        if not standing:
            raise CannotUndo
        return self.add(by, scope, slide, "undo", {}, standing[-1].number)

    @contextmanager
    def held(self, slide: str, state: State = "ready") -> Generator[tuple[Unit, int]]:
        """Nobody corrects, measures or moves this slide until the block ends: what is read in it
        is what stands. Gives the transaction to move the slide within, and the number of the last
        correction. Whoever corrects meanwhile waits, and is answered by the state reached.

        Raises WrongSlideState where the slide is not in ``state``, UnknownSlide, LedgerUnavailable.
        """
        with refused(), self._ledger.unit(self._pool.within(WHOLE)) as unit:
            if rows.locked(unit.connection, slide).state != state:
                raise WrongSlideState
            yield unit, self._last(unit.connection, slide)

    def signed(
        self, destroyed: list[str] | None = None
    ) -> Iterator[tuple[str, str, list[Correction]]]:
        """Slide, run and what counts of the corrections, of every slide that was signed with
        any: the hospital's own training set. Patients whose keys were destroyed are not in it;
        their slides are added to ``destroyed``.
        """
        found = self._pool.within(WHOLE).rows(
            "select s.slide from slides.standing s where s.state = 'signed' and exists (select from"
            " slides.correction c where c.slide = s.slide) order by s.number"
        )
        for row in found:
            run = self._running.measured(WHOLE, row["slide"])
            try:
                standing = effective(self.all(WHOLE, row["slide"]))
            except Destroyed:
                if destroyed is not None:
                    destroyed.append(row["slide"])
                continue
            if standing:
                yield row["slide"], run.id, standing

    def _last(self, connection: Connection[DictRow], slide: str) -> int:
        row = connection.execute(
            "select coalesce(max(number), 0) as number from slides.correction where slide = %s",
            (slide,),
        ).fetchone()
        return int(row["number"]) if row else 0


def effective(corrections: Iterable[Correction]) -> list[Correction]:
    """What counts, in the order in which it was made: neither undone nor an undoing."""
    known = list(corrections)
    undone = {one.undoes for one in known if one.undoes is not None}
    return [one for one in known if one.kind != "undo" and one.number not in undone]
