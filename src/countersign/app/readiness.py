"""Whether this process can serve, and what of it cannot; strangers learn the names alone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

import psycopg
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from countersign.ground.db import DbRole, connection_check
from countersign.ground.vault import HOUSE
from countersign.kit.errors import CountersignError

from .house import House

ROOM_LEFT = 256 * 2**20
"""Bytes below which the disk counts as full: a checkpoint and a log still fit."""

HURRY = 3
"""Seconds that the database may take to answer before it counts as hung."""

REMEMBERED = 2.0
"""Seconds for which an answer is repeated, so that asking often costs nothing."""

ASTRAY = timedelta(minutes=1)
"""By how much clocks may differ before it is said."""

NEEDED = frozenset({"database", "keys", "schema"})
"""Without these no chart can be shown. Without the others AI is withheld and the chart goes on."""


class Readiness:
    """Looks at most every two seconds, however often it is asked."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lock = Lock()
        self._known: dict[str, bool] = {}
        self._at = float("-inf")

    def checks(self) -> dict[str, bool]:
        """Each check by its name, and whether it holds."""
        with self._lock:
            if time.monotonic() - self._at > REMEMBERED:
                looks: dict[str, Callable[[], bool]] = {
                    "ledger": self._ledger,
                    "keys": self._keys,
                    "schema": self._schema,
                    "disk": self._disk,
                    "clock": self._clock,
                    "signer": self._signer,
                    "collector": self._collector,
                }
                known = {"database": _holds(self._database)}
                for name, look in looks.items():
                    # Where the database hangs, each further look would wait for it again.
                    known[name] = (known["database"] or name == "disk") and _holds(look)
                self._known = known
                self._at = time.monotonic()
            return dict(self._known)

    def _database(self) -> bool:
        conninfo = self._house.database.conninfo(DbRole.STEWARD)
        return connection_check.answers(conninfo, HURRY)

    def _ledger(self) -> bool:
        """An event is appended and taken back: the tables can be written, and nothing is."""
        with self._house.database.pool(DbRole.LEDGER).transaction() as connection:
            connection.execute("select ledger.append(%b::bytea[])", ([_PROBE],))
            connection.rollback()
        return True

    def _keys(self) -> bool:
        vault, where = self._house.vault, "readiness"
        vault.check()
        return vault.open(HOUSE, vault.seal(HOUSE, b"ready", where), where) == b"ready"

    def _schema(self) -> bool:
        """A newer schema than ours is an upgrade under way: it only adds."""
        present, needed = connection_check.schema(self._house.database.owner_conninfo)
        return present >= needed

    def _clock(self) -> bool:
        """Our clock and the database's agree, and neither lies before the newest event."""
        pool, now = self._house.database.pool(DbRole.LEDGER), self._house.floor.clock()
        row = pool.rows(
            "select clock_timestamp() as theirs,"
            " (select at from ledger.event order by index desc limit 1) as newest"
        )[0]
        newest = row["newest"] or now
        return abs(row["theirs"] - now) <= ASTRAY and newest <= min(now, row["theirs"]) + ASTRAY

    def _signer(self) -> bool:
        """The newest checkpoint carries the line of the hospital's device, where there is one."""
        second = self._house.floor.ledger.second()
        return second is None or second.signed or not second.size

    def _collector(self) -> bool:
        """No event waits for the syslog collector longer than it should."""
        forwarded = self._house.floor.forwarding.standing()
        return forwarded is None or not forwarded.late

    def _disk(self) -> bool:
        return shutil.disk_usage(self._house.settings.home).free >= ROOM_LEFT


_PROBE = b'{"actor":"system:readiness","at":"2026-01-01T00:00:00.000Z","kind":"audit-viewed"}'


def _holds(look: Callable[[], bool]) -> bool:
    try:
        return look()
    except (CountersignError, psycopg.Error, OSError):
        return False


def health_routes(readiness: Readiness) -> APIRouter:
    """``/live``: the process answers. ``/ready``: it can show charts, and what else fails."""
    router = APIRouter()

    @router.get("/live")
    def live() -> Response:
        return JSONResponse({"live": True})

    @router.get("/ready")
    def ready() -> Response:
        failing = [name for name, good in readiness.checks().items() if not good]
        good = not NEEDED.intersection(failing)
        return JSONResponse({"ready": good, "failing": failing}, 200 if good else 503)

    return router
