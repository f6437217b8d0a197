"""Keeps what other systems send, and hands a series on when no more of it comes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.imaging.dicom.header import series_at
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.ids import NewId
from countersign.kit.json import decode, encode

from .errors import ImageTaken, ImageUnwritable
from .instance import Instance, read_instance
from .spool import MEBIBYTE, Spool, linked, settle_into

ARRIVING = "arriving"
"""The folder, within that of received pictures, of what is not whole yet."""

RESERVE = 512 * MEBIBYTE
"""Bytes of the disk that pictures leave free."""

ABANDONED = 24 * 3600.0
"""Seconds after which a file that no row knows is of no use: its sender was told so or is gone."""


STALLED = 600.0
"""Seconds without a byte after which an instance on its way is awaited no more."""

KEPT_DAYS = 7
"""Days for which a late instance still finds the others of its series."""


@dataclass(frozen=True, slots=True)
class Stored:
    """That an instance is durable. ``again`` says that the very same one was there before."""

    sop_class: str
    sop_instance: str
    study: str
    series: str
    again: bool


@dataclass(frozen=True, slots=True)
class Series:
    """A series as it was received. ``files`` are in the order in which they came; ``said`` holds
    what its first instance says of patient and specimen, by the names of DICOM attributes."""

    uid: str
    study: str
    peer: str
    at: datetime
    files: tuple[Path, ...]
    said: dict[str, str] = field(repr=False)


class Received:
    """``pool`` logs in as DbRole.INTERFACE; ``task`` is deferred with each series that is whole.

    ``folder`` holds a folder for each series; ``largest`` is the most bytes of an instance,
    ``quiet`` the seconds after which no more of a series is awaited. Safe to share among threads.
    """

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        ledger: Ledger,
        jobs: Jobs,
        new_id: NewId,
        folder: Path,
        task: str,
        *,
        largest: int,
        quiet: float,
        reserve: int = RESERVE,
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._ledger = ledger
        self._jobs = jobs
        self._new_id = new_id
        self._folder = folder
        self._task = task
        self._largest = largest
        self._quiet = quiet
        self._reserve = reserve

    def spool(self) -> Spool:
        """A file for an instance that begins to arrive. Raises ImageFull, ImageUnwritable."""
        arriving = self._folder / ARRIVING
        with suppress(OSError):  # a disk that refuses is met again when the file is made
            arriving.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Spool(arriving / f"{self._new_id()}.part", self._largest, self._reserve)

    def read(self, spool: Spool) -> Instance:
        """What lies in a file that is written; it is on the disk, and nobody knows of it yet.

        Takes the file away unless it can be kept. Raises ImageUnreadable, ImageUnsupported,
        ImageFull, ImageUnwritable.
        """
        try:
            spool.finish()
            return read_instance(spool.path)
        except BaseException:
            spool.discard()
            raise

    def keep(self, spool: Spool, found: Instance, actor: str, peer: str) -> Stored:
        """The instance is durable, known and recorded when this returns; else nothing is kept.

        ``found`` is what ``read`` said of the same file; ``peer`` names the system that sent it.
        The same data set twice is harmless, and has a series handed on once more that nobody took
        in so far. Raises ImageTaken, ImageFull, ImageUnwritable,
        LedgerUnavailable, DatabaseUnavailable.
        """
        try:
            again = self._known(found)
            if not again:
                settle_into(spool.path, self._place(found.series, found.sop_instance, found.sha256))
                again = not self._record(found, actor, peer)
            if again:
                self._await(found.series)
        finally:
            spool.discard()
        return Stored(found.sop_class, found.sop_instance, found.study, found.series, again)

    def hand_on(self) -> list[str]:
        """Wakes the room for each series of which no more came, and nothing is on its way: the
        largest instance of a slide may take minutes. Returns their identifiers."""
        with self._pool.transaction() as connection:
            rows = connection.execute(
                "update imaging.waiting set last_at = 'infinity'"  # until it is taken in
                " where last_at < clock_timestamp() - make_interval(secs => %s)"
                " and not series = any (%s) returning series",
                (self._quiet, self._arriving()),
            ).fetchall()
            whole = sorted(row["series"] for row in rows)
            for series in whole:
                self._jobs.defer(connection, self._task, {"series": series}, lock=series)
            connection.execute(
                "insert into imaging.handed (series, instances) select series, count(*)"
                " from imaging.instance where series = any (%s) group by series",
                (whole,),
            )
        return whole

    def _arriving(self) -> list[str]:
        """Series of instances of which something was written lately, by their first bytes."""
        since, found = time.time() - STALLED, set[str]()
        for file in (self._folder / ARRIVING).glob("*.part"):
            with suppress(OSError):  # it arrived, or was given up, at this moment
                if file.stat().st_mtime > since and (series := series_at(file)):
                    found.add(series)
        return sorted(found)

    def series(self, uid: str) -> Series | None:
        """One series with its files, or None when nothing of it came."""
        rows = self._pool.rows("select * from imaging.series where series = %s", (uid,))
        if not rows:
            return None
        row = rows[0]
        instances = self._pool.rows(
            "select instance, sha256 from imaging.instance where series = %s order by number",
            (uid,),
        )
        box = Sealed(row["suite"], row["key_id"], row["box"])
        return Series(
            uid,
            row["study"],
            row["peer"],
            row["at"],
            tuple(self._place(uid, one["instance"], one["sha256"].hex()) for one in instances),
            decode(self._vault.open(HOUSE, box, _sealed_at(uid))),
        )

    @contextmanager
    def lent(self, found: Series) -> Generator[tuple[Path, ...]]:
        """Second names (hard links) of the files of a series, for whoever takes them away; those
        that are left go with the end of the block. Nothing is copied.

        Without those that ``clear`` removed; empty when it removed all. Raises ImageFull,
        ImageUnwritable.
        """
        if not (self._folder / found.uid).is_dir():  # which stays when its files are cleared
            raise ImageUnwritable
        files = [file for file in found.files if file.is_file()]
        folder = self._folder / ARRIVING / self._new_id()
        try:
            yield linked(files, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def taken(self, found: Series) -> None:
        """Whoever was woken for a series has what ``found`` says of it for good, so that the files
        may go. Changes nothing where more of it came meanwhile, or the same again."""
        with self._pool.transaction() as connection:
            connection.execute(
                "delete from imaging.waiting w where w.series = %(series)s"
                " and w.last_at = 'infinity' and %(many)s = ("
                "select count(*) from imaging.instance i where i.series = w.series)",
                {"series": found.uid, "many": len(found.files)},
            )

    def clear(self) -> int:
        """Removes names that nobody needs: of files that no row knows, a day after they were
        written, and of series that were taken in, a week after they were handed on. Returns how
        many."""
        gone = self._clear_unknown()
        rows = self._pool.rows(
            "select h.series from imaging.handed h where not exists ("
            "select from imaging.waiting w where w.series = h.series) group by h.series"
            " having max(h.at) < clock_timestamp() - make_interval(days => %s)",
            (KEPT_DAYS,),
        )
        for row in rows:
            for file in (self._folder / row["series"]).glob("*"):
                with suppress(OSError):
                    file.unlink()
                    gone += 1
        return gone

    def _clear_unknown(self) -> int:
        gone, before = 0, time.time() - ABANDONED
        for file in self._folder.glob("*/*"):
            with suppress(OSError):
                if file.stat().st_mtime < before and not self._wanted(file):
                    shutil.rmtree(file) if file.is_dir() else file.unlink()
                    gone += 1
        return gone

    def _wanted(self, file: Path) -> bool:
        if file.parent.name == ARRIVING:
            return False
        rows = self._pool.rows(
            "select instance, sha256 from imaging.instance where series = %s", (file.parent.name,)
        )
        return file.name in {_name(row["instance"], row["sha256"].hex()) for row in rows}

    def _await(self, series: str) -> None:
        """Has a series handed on (again), unless it was taken in."""
        with self._pool.transaction() as connection:
            connection.execute(
                "update imaging.waiting set last_at = clock_timestamp() where series = %s",
                (series,),
            )

    def _known(self, found: Instance) -> bool:
        """Whether the same came before. Raises ImageTaken when it was another."""
        rows = self._pool.rows(
            "select sha256, series from imaging.instance where instance = %s",
            (found.sop_instance,),
        )
        if rows and (rows[0]["sha256"].hex(), rows[0]["series"]) != (found.sha256, found.series):
            raise ImageTaken
        return bool(rows)

    def _record(self, found: Instance, actor: str, peer: str) -> bool:
        """False when another sender of the same was quicker. Raises ImageTaken."""
        box = self._vault.seal(HOUSE, encode(found.said), _sealed_at(found.series))
        event = Event(
            EventKind.IMAGES_RECEIVED,
            actor,
            subject=f"series:{found.series}",
            commits={"instance": found.sha256},
            detail={"bytes": found.size},
        )
        with self._ledger.unit(self._pool) as unit:
            made = _insert(unit.connection, found, peer, box)
            if made:
                unit.record(event)
        return made or not self._known(found)

    def _place(self, series: str, instance: str, digest: str) -> Path:
        return self._folder / series / _name(instance, digest)


def _name(instance: str, digest: str) -> str:
    """Two contents never share a name, so that nothing that was kept is written over."""
    return f"{instance}-{digest[:16]}.dcm"


def _sealed_at(series: str) -> str:
    return f"received-series/{series}"


def _insert(connection: Connection[DictRow], found: Instance, peer: str, box: Sealed) -> bool:
    given: dict[str, Any] = {
        "series": found.series,
        "study": found.study,
        "peer": peer[:100],
        "suite": int(box.suite),
        "key_id": box.key_id,
        "box": box.box,
        "instance": found.sop_instance,
        "syntax": found.syntax,
        "size": found.size,
        "sha256": bytes.fromhex(found.sha256),
    }
    connection.execute(
        "insert into imaging.series (series, study, peer, suite, key_id, box) values (%(series)s,"
        " %(study)s, %(peer)s, %(suite)s, %(key_id)s, %(box)s) on conflict do nothing",
        given,
    )
    made = connection.execute(
        "insert into imaging.instance (instance, series, syntax, size, sha256) values"
        " (%(instance)s, %(series)s, %(syntax)s, %(size)s, %(sha256)s)"
        " on conflict do nothing returning instance",
        given,
    ).fetchone()
    if made is None:
        return False
    connection.execute(
        "insert into imaging.waiting (series) values (%(series)s)"
        " on conflict (series) do update set last_at = clock_timestamp()",
        given,
    )
    return True
