"""What is measured on a slide: runs that go on where they ended, and results as sealed files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Pool, Scope
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import (
    SealedReader,
    Unreadable,
    Vault,
    known_stream_key,
    new_stream_key,
    seal_stream,
)
from countersign.kit.ids import NewId
from countersign.kit.json import digest

from . import rows
from .charting import Figures
from .charting import put as put_figures
from .errors import NothingMeasured, SlidesFull
from .files import SlideFiles, new_file, sync_folder
from .held import Run, State
from .keeping import Keeping, moved, refused

SWEPT = 500
"""Folders of results that are compared with their rows at once."""

PLAN, NUCLEI, FINDINGS = "plan", "nuclei", "findings"


def part_name(number: int) -> str:
    """The name of the part that begins with a plan's tile ``number``."""
    return f"part-{number:06d}"


class Running:
    """``pool`` logs in as DbRole.ROOM. Results lie as sealed streams under ``files.root``."""

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        ledger: Ledger,
        new_id: NewId,
        files: SlideFiles,
        keeping: Keeping,
    ) -> None:
        self._pool = pool
        self._whole = pool.within(WHOLE)
        self._vault = vault
        self._ledger = ledger
        self._new_id = new_id
        self._files = files
        self._keeping = keeping

    def begin(self, by: Principal, slide: str, analysis: str, version: str) -> Run | None:
        """The run to work on: the one that was interrupted, or a new one.

        None where the slide waits for nothing any more. A run of another version, or about
        another patient, is not gone on with. Raises UnknownSlide, DatabaseUnavailable.
        """
        with refused(), self._whole.transaction() as connection:
            one = rows.locked(connection, slide)
            if one.state not in ("queued", "running") or one.patient is None:
                return None
            if one.state == "queued":
                self._keeping.step(connection, slide, "running", "", by)
            row = connection.execute(_LATEST, (slide,)).fetchone()
            if row is not None and row["outcome"] is None:
                found = rows.run_of(row)
                if (found.analysis, found.version, found.patient) == (
                    analysis,
                    version,
                    one.patient,
                ):
                    return found
                connection.execute(_END, (found.id, "cancelled", "superseded"))
            made = self._new_id()
            connection.execute(
                "insert into slides.run (id, slide, patient, analysis, version, actor)"
                " values (%s, %s, %s, %s, %s, %s)",
                (made, slide, one.patient, analysis, version, by.actor),
            )
            row = connection.execute(_LATEST, (slide,)).fetchone()
            assert row is not None  # noqa: S101 - it was made a line above
            return rows.run_of(row)

    def latest(self, scope: Scope, slide: str) -> Run | None:
        """The newest run, whatever became of it."""
        found = self._pool.within(scope).rows(_LATEST, (slide,))
        return rows.run_of(found[0]) if found else None

    def measured(self, scope: Scope, slide: str) -> Run:
        """The run whose result counts. Raises NothingMeasured."""
        found = self._pool.within(scope).rows(_MEASURED, (slide,))
        if not found:
            raise NothingMeasured
        return rows.run_of(found[0])

    def going(self, slide: str) -> bool:
        """Whether the slide still is to be measured: nobody set it aside meanwhile."""
        return self._keeping.one(WHOLE, slide).state == "running"

    def advance(self, run: Run, done: int, total: int, *, first: bool = False) -> None:
        """Says how far a run is; ``first`` at the beginning of an attempt."""
        with self._whole.transaction() as connection:
            connection.execute(_FIRST if first else _ADVANCE, (run.id, done, total))

    def put(self, run: Run, name: str, content: Iterable[bytes]) -> int:
        """Keeps a file of a run, durable and sealed; the same name a second time keeps the first.

        Returns the plain bytes. Raises SlidesFull, Destroyed, DatabaseUnavailable.
        """
        key = new_stream_key(self._vault, run.patient, _place(run, name))
        folder = self._folder(run)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{name}.{self._new_id()}"
        try:
            with new_file(path) as file:
                size = seal_stream(key, content, file)
            sync_folder(folder)
            with self._whole.transaction() as connection:
                made = connection.execute(
                    "insert into slides.stored (run, name, file, bytes, suite, key_id, box)"
                    " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
                    (run.id, name, path.name, size, *rows.boxed(key.sealed)),
                )
        except BaseException as problem:
            path.unlink(missing_ok=True)
            if isinstance(problem, OSError):
                raise SlidesFull(megabytes=1) from None
            raise
        if not made.rowcount:
            path.unlink(missing_ok=True)
        return size

    def get(self, run: Run, name: str, scope: Scope = WHOLE) -> bytes:
        """A file of a run as it was put. Raises NothingMeasured where there is none, Unreadable."""
        found = self.find(run, name, scope)
        if found is None:
            raise NothingMeasured
        return found

    def find(self, run: Run, name: str, scope: Scope = WHOLE) -> bytes | None:
        """The same, or None where there is none. Raises Unreadable."""
        found = self._pool.within(scope).rows(
            "select file, suite, key_id, box from slides.stored where run = %s and name = %s",
            (run.id, name),
        )
        return self._read(run, name, found[0]) if found else None

    def parts(self, run: Run) -> list[int]:
        """The numbers of the parts that are there, in order."""
        found = self._whole.rows(
            "select name from slides.stored where run = %s and name like 'part-%%' order by name",
            (run.id,),
        )
        return [int(row["name"][5:]) for row in found]

    def drop(self, run: Run, name: str) -> None:
        """Removes a file of a run that can be made again."""
        file = self._forget(run.id, name)
        if file is not None:
            (self._folder(run) / file).unlink(missing_ok=True)

    def finish(
        self,
        by: Principal,
        run: Run,
        nuclei: bytes,
        findings: bytes,
        count: int,
        figures: Figures,
    ) -> bool:
        """Keeps the result and makes the slide ready, once; False where that was done before, or
        the slide is not to be measured any more. ``figures`` are those of the control charts.
        Raises SlidesFull, LedgerUnavailable.
        """
        self.put(run, NUCLEI, [nuclei])
        self.put(run, FINDINGS, [findings])
        sums = {NUCLEI: digest(nuclei), FINDINGS: digest(findings)}
        with refused(), self._ledger.unit(self._whole) as unit:
            one = rows.locked(unit.connection, run.slide)
            made = unit.connection.execute(
                "insert into slides.outcome (run, outcome, nuclei, nuclei_sha256, findings_sha256)"
                " values (%s, 'measured', %s, %s, %s) on conflict do nothing",
                (run.id, count, sums[NUCLEI], sums[FINDINGS]),
            )
            if not made.rowcount or one.state != "running":
                unit.connection.rollback()
                return False
            self._keeping.step(unit.connection, run.slide, "ready", "", by)
            put_figures(unit.connection, run.slide, figures)
            unit.record(
                Event(
                    EventKind.SLIDE_MEASURED,
                    by.actor,
                    patient=run.patient,
                    subject=f"slide:{run.slide}",
                    model=f"{run.analysis}@{run.version}",
                    commits={name: value.hex() for name, value in sums.items()},
                    detail={"run": run.id, "nuclei": count},
                )
            )
        for number in self.parts(run):
            self.drop(run, part_name(number))
        return True

    def end(self, by: Principal, run: Run, outcome: str, code: str, state: State | None) -> None:
        """Ends a run without a result and takes the slide to ``state``, where it still runs."""
        with refused(), self._ledger.unit(self._whole) as unit:
            one = rows.locked(unit.connection, run.slide)
            unit.connection.execute(_END, (run.id, outcome, code))
            if state is not None and one.state == "running":
                self._keeping.step(unit.connection, run.slide, state, code, by)
                unit.record(moved(by, run.patient, run.slide, state, code))
        for number in self.parts(run):
            self.drop(run, part_name(number))

    def sweep(self, older: float, now: float) -> int:
        """Removes files of runs and of intake that no row names and that are ``older`` (seconds),
        and parts of runs that are over; returns how many. A crash between a file and its row, or
        between a result and the clearing of its parts, leaves such. Slides themselves stay: after
        a restore to an earlier moment a file that no row knows may be all there is of one."""
        gone, results = 0, (self._files.root / "results").glob("*/*")
        while folders := list(islice(results, SWEPT)):
            gone += self._clear(folders, older, now)
        for folder in self._files.incoming.glob("*"):
            if _age(folder, now) > older:
                shutil.rmtree(folder, ignore_errors=True)
                gone += 1
        return gone

    def _clear(self, folders: list[Path], older: float, now: float) -> int:
        gone, known = 0, set[tuple[str, str]]()
        for row in self._whole.rows(_STORED, ([folder.name for folder in folders],)):
            path = self._files.root / "results" / row["slide"] / row["run"] / row["file"]
            if row["over"] and row["name"].startswith("part-") and _age(path, now) > older:
                self._forget(row["run"], row["name"])
            else:
                known.add((row["run"], row["file"]))
        for folder in folders:
            for path in folder.iterdir():
                if (folder.name, path.name) not in known and _age(path, now) > older:
                    path.unlink(missing_ok=True)
                    gone += 1
            with suppress(OSError):
                folder.rmdir()
        return gone

    def _forget(self, run: str, name: str) -> str | None:
        """The file that held it, which goes after the row: never before."""
        with self._whole.transaction() as connection:
            row = connection.execute(
                "delete from slides.stored where run = %s and name = %s returning file", (run, name)
            ).fetchone()
        return None if row is None else row["file"]

    def _read(self, run: Run, name: str, row: DictRow) -> bytes:
        key = known_stream_key(self._vault, run.patient, rows.sealed(row), _place(run, name))
        try:
            with (self._folder(run) / row["file"]).open("rb") as file:
                return b"".join(SealedReader(key, file))
        except OSError:
            raise Unreadable from None

    def _folder(self, run: Run) -> Path:
        return self._files.root / "results" / run.slide / run.id


def _place(run: Run, name: str) -> str:
    return f"slide/{run.id}/{name}"


def _age(path: Path, now: float) -> float:
    """Seconds since it changed; 0 where it is not there any more."""
    try:
        return now - os.lstat(path).st_mtime
    except OSError:
        return 0.0


_LATEST = rows.RUNS + " where r.slide = %s order by r.number desc limit 1"
_MEASURED = (
    rows.RUNS + " where r.slide = %s and o.outcome = 'measured' order by r.number desc limit 1"
)
_STORED = """
select s.run, s.name, s.file, r.slide, o.run is not null as over
from slides.stored s join slides.run r on r.id = s.run left join slides.outcome o on o.run = s.run
where s.run = any(%s)
"""
_END = "insert into slides.outcome (run, outcome, code) values (%s, %s, %s) on conflict do nothing"
_ADVANCE = """
insert into slides.progress (run, done, total) values (%s, %s, %s)
on conflict (run) do update set done = excluded.done, total = excluded.total,
    at = clock_timestamp()
"""
_FIRST = """
insert into slides.progress (run, done, total) values (%s, %s, %s)
on conflict (run) do update set done = excluded.done, total = excluded.total,
    began = clock_timestamp(), began_done = excluded.done, at = clock_timestamp()
"""
