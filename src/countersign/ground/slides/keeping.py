"""Where slides stand, whose they are and what they say of themselves."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Pool, Scope
from countersign.ground.identity import Principal
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import Vault
from countersign.kit.json import digest, encode

from . import rows
from .errors import BadCorrection, SlideGone, WrongSlideState
from .files import SlideFiles
from .held import Described, KeptSlide, Match, State, Told
from .places import still_at

_RECORDED = frozenset({"damaged", "failed", "rescan", "set-aside"})
"""States whose reaching is worth a receipt whoever caused it."""

AFTER = -1
"""Priority of measuring: a day's slides wait for hours, and what other rooms ask for does not
wait behind them."""


@dataclass(frozen=True, slots=True)
class Step:
    """A state that a slide reached."""

    state: State
    code: str
    actor: str
    at: datetime


class Keeping:
    """``pool`` logs in as DbRole.ROOM; ``watched`` is the hospital's folder of slides, None where
    none is watched; ``task`` measures a slide. Rights are asked for by whoever calls."""

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        ledger: Ledger,
        jobs: Jobs,
        files: SlideFiles,
        watched: Path | None,
        task: str,
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._ledger = ledger
        self._jobs = jobs
        self._files = files
        self.watched = watched
        self._task = task

    def one(self, scope: Scope, slide: str) -> KeptSlide:
        """Raises UnknownSlide."""
        return rows.one(self._pool.within(scope), slide)

    def counts(self, scope: Scope) -> dict[State, int]:
        """How many slides stand in each state, exactly: for programs that have the time."""
        found = self._pool.within(scope).rows(
            "select state, count(*)::integer as slides from slides.standing group by state"
        )
        return {row["state"]: row["slides"] for row in found}

    def history(self, scope: Scope, slide: str) -> list[Step]:
        """Every state it reached, the first first."""
        found = self._pool.within(scope).rows(
            "select state, code, actor, at from slides.step where slide = %s order by number",
            (slide,),
        )
        return [Step(**row) for row in found]

    def told(self, scope: Scope, slide: str) -> Told:
        """What its file and label say, which may name a patient. Raises UnknownSlide."""
        return rows.told(self._pool.within(scope), self._vault, slide)

    def match(self, scope: Scope, slide: str) -> Match | None:
        """Whose it is, None while nobody knows. Raises Destroyed."""
        found = self._pool.within(scope).rows(
            "select * from slides.match where slide = %s order by number desc limit 1", (slide,)
        )
        return rows.match_of(self._vault, found[0]) if found else None

    def path(self, one: KeptSlide) -> Path:
        """What is opened to read it; a file of the watched folder only while it is the one that
        came, else the same content where somebody brought it back. Raises SlideGone, Destroyed."""
        found = None
        if not one.kept and self.watched is not None:
            place = self.told(WHOLE, one.id).place
            found = still_at(self._pool.within(WHOLE), self._vault, one, self.watched, place)
        found = found or self._files.found(bytes.fromhex(one.sha256), one.layout, one.suffix)
        if found is None:
            raise SlideGone
        return found

    def describe(self, slide: str, said: Described, label: str, codes: Sequence[str]) -> None:
        """Writes down what an opened slide says, and its label. Repeating changes the label only.

        Raises UnknownSlide, Destroyed.
        """
        with self._pool.within(WHOLE).transaction() as connection:
            connection.execute(rows.LOCK, (slide,))
            mpp_x, mpp_y = said.mpp or (None, None)
            connection.execute(
                "insert into slides.described (slide, format, width, height, levels, mpp_x, mpp_y,"
                " scanner) values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
                (slide, said.format, said.width, said.height, said.levels, mpp_x, mpp_y,
                 said.scanner[:200]),
            )  # fmt: skip
            held, subject = self._told(connection, slide)
            new = replace(held, label=label[:2000], codes=tuple(codes)[:20])
            rows.put_told(connection, self._vault, slide, subject, new)

    def read(self, slide: str, text: str) -> None:
        """Writes down what was recognised on the label's picture. Raises SlideGone, Destroyed."""
        with self._pool.within(WHOLE).transaction() as connection:
            connection.execute(rows.LOCK, (slide,))
            held, subject = self._told(connection, slide)
            new = replace(held, read=text[:2000])
            rows.put_told(connection, self._vault, slide, subject, new)

    def move(
        self, by: Principal, slide: str, state: State, code: str = "", scope: Scope = WHOLE
    ) -> None:
        """Takes a slide to another state; to ``queued``, it is measured (again) or examined.

        Raises WrongSlideState, UnknownSlide, LedgerUnavailable.
        """
        with refused(), self._ledger.unit(self._pool.within(scope)) as unit:
            self.move_within(unit, by, slide, state, code)

    def follow(self, by: Principal, one: KeptSlide, state: State) -> bool:
        """Takes a slide on to what became of its draft; False where it does not stand any more as
        ``one`` says, because somebody else was quicker. Raises LedgerUnavailable."""
        with refused(), self._ledger.unit(self._pool.within(WHOLE)) as unit:
            now = rows.locked(unit.connection, one.id)
            if (now.state, now.code, now.changed_at) != (one.state, one.code, one.changed_at):
                return False
            self.step(unit.connection, one.id, state, one.code, by)
        return True

    def move_within(
        self, unit: Unit, by: Principal, slide: str, state: State, code: str = ""
    ) -> None:
        """The same within a transaction that somebody else began. Raises as ``move``."""
        one = rows.locked(unit.connection, slide)
        self.step(unit.connection, slide, state, code, by)
        if state == "queued":
            self.queue(unit.connection, slide)
        if state in _RECORDED or by.kind == "person":
            unit.record(moved(by, one.patient, slide, state, code))

    def give(
        self,
        by: Principal,
        slide: str,
        match: Match,
        scope: Scope = WHOLE,
        *,
        queue: bool = True,
        first: bool = False,
    ) -> None:
        """Says whose a slide is and, with ``queue``, has it measured; what was measured before
        for another is measured anew. With ``first`` nothing happens where somebody or something
        said it before: two workers may look at one slide, and the slower one says nothing.
        Raises WrongSlideState while it runs, is drafted or signed.
        """
        said = {
            "accession": match.accession,
            "block": match.block,
            "specimen": match.specimen,
            "order": match.order,
        }
        raw = encode(said)
        with refused(), self._ledger.unit(self._pool.within(scope)) as unit:
            connection = unit.connection
            one = rows.locked(connection, slide)
            if first and one.matched:
                return
            number = one.matched + 1
            box = self._vault.seal(match.patient, raw, f"slide-match/{slide}/{number}")
            connection.execute(
                "insert into slides.match (slide, number, patient, stain, how, actor, suite,"
                " key_id, box) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (slide, number, match.patient, match.stain, match.how, by.actor, *rows.boxed(box)),
            )
            held, _ = self._told(connection, slide)
            rows.put_told(connection, self._vault, slide, match.patient, held)
            if one.state in ("unmatched", "ready"):
                self.step(connection, slide, "queued", "", by)
            if queue and one.state in ("queued", "unmatched", "ready"):
                self.queue(connection, slide)
            unit.record(
                Event(
                    EventKind.SLIDE_MATCHED,
                    by.actor,
                    patient=match.patient,
                    subject=f"slide:{slide}",
                    commits={"match": digest(raw).hex()},
                    detail={"how": match.how, "stain": match.stain},
                )
            )

    def step(
        self, connection: Connection[DictRow], slide: str, state: State, code: str, by: Principal
    ) -> None:
        """One more state within the caller's transaction; the database refuses a wrong one."""
        connection.execute(
            "insert into slides.step (slide, number, state, code, actor)"
            " values (%s, 1, %s, %s, %s)",
            (slide, state, code, by.actor),
        )

    def queue(self, connection: Connection[DictRow], slide: str) -> None:
        """Has it examined and measured, within the caller's transaction."""
        queue(self._jobs, connection, self._task, slide)

    def stale(self, minutes: int) -> list[str]:
        """Slides that wait or run although nothing happened to them for so long."""
        found = self._pool.within(WHOLE).rows(
            "select s.slide from slides.standing s where s.state in ('queued', 'running')"
            " and s.changed_at < now() - make_interval(mins => %(minutes)s) and not exists ("
            "select from slides.run r join slides.progress p on p.run = r.id"
            " where r.slide = s.slide and p.at > now() - make_interval(mins => %(minutes)s))"
            " order by s.number limit 1000",
            {"minutes": minutes},
        )
        return [row["slide"] for row in found]

    def wake(self, slide: str) -> None:
        """Has it examined and measured again without another state; harmless where it is."""
        with self._pool.within(WHOLE).transaction() as connection:
            self.queue(connection, slide)

    def _told(self, connection: Connection[DictRow], slide: str) -> tuple[Told, str]:
        row = connection.execute(
            "select patient, suite, key_id, box from slides.told where slide = %s for update",
            (slide,),
        ).fetchone()
        if row is None:
            raise SlideGone
        return rows.told_of(self._vault, slide, row), row["patient"]


def queue(jobs: Jobs, connection: Connection[DictRow], task: str, slide: str) -> None:
    """Puts a slide's job behind everything else that waits."""
    jobs.defer(connection, task, {"slide": slide}, lock=f"slide:{slide}", priority=AFTER)


def moved(by: Principal, patient: str | None, slide: str, state: str, code: str) -> Event:
    """What the ledger says of a state that was reached."""
    detail: dict[str, str | int | bool] = {"state": state}
    if code:
        detail["code"] = code
    return Event(
        EventKind.SLIDE_MOVED, by.actor, patient=patient, subject=f"slide:{slide}", detail=detail
    )


@contextmanager
def refused() -> Generator[None]:
    """Says in words what the database refuses."""
    try:
        yield
    except psycopg.Error as problem:
        if problem.sqlstate in ("CSP01", "CSP02", "CSP03", "CSP05"):
            raise WrongSlideState from None
        if problem.sqlstate in ("CSP06", "CSP07"):
            raise BadCorrection(reason="changed") from None
        raise
