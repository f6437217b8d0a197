"""What a department knows to have happened to scanners and stains, and what charts alarmed of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

import psycopg

from countersign.ground.db import WHOLE, Pool
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger

from .errors import ChangeWithdrawn, UnfitChange

Cause = Literal["reagent", "antibody", "protocol", "light", "scanner", "mended", "looked-into"]

ANEW: Final[frozenset[Cause]] = frozenset({"reagent", "antibody", "protocol", "light", "scanner"})
"""Causes after which what is usual is something else; after the others it is what it was."""

LOT: Final = re.compile(r"[A-Za-z0-9 ._/#+-]{0,40}")
"""What a lot or an order of service is called: no words, so that nobody is named."""

TOLD: Final = 7
"""Days for which an alarm is told beside the worklist."""


@dataclass(frozen=True, slots=True)
class ControlChange:
    """What happened on a day; an empty ``scanner`` or ``stain`` is any. ``actor`` wrote it down."""

    number: int
    day: date
    scanner: str
    stain: str
    cause: Cause
    lot: str
    actor: str
    at: datetime

    @property
    def anew(self) -> bool:
        """Whether limits begin anew with that day."""
        return self.cause in ANEW


@dataclass(frozen=True, slots=True)
class ControlAlarm:
    """A chart's newest day that broke a rule which alarms, which ``rules``, and its value."""

    scanner: str
    stain: str
    measure: str
    day: date
    rules: tuple[str, ...]
    value: float


class Changing:
    """``pool`` logs in as DbRole.ROOM. Rights are asked for by whoever calls."""

    def __init__(self, pool: Pool, ledger: Ledger) -> None:
        self._whole = pool.within(WHOLE)
        self._ledger = ledger

    def all(self) -> list[ControlChange]:
        """Those that nobody withdrew, the newest day first."""
        found = self._whole.rows(
            "select number, day, scanner, stain, cause, lot, actor, at from slides.control_change"
            " where withdrawn_by is null order by day desc, number desc"
        )
        return [ControlChange(**row) for row in found]

    def note(
        self, by: Principal, day: date, cause: str, scanner: str, stain: str, lot: str
    ) -> ControlChange:
        """Writes down what happened. Raises UnfitChange, LedgerUnavailable."""
        if cause not in get_args(Cause) or not LOT.fullmatch(lot):
            raise UnfitChange
        with self._ledger.unit(self._whole) as unit:
            row = unit.connection.execute(
                "insert into slides.control_change (day, scanner, stain, cause, lot, actor)"
                " select %(day)s, %(scanner)s, %(stain)s, %(cause)s, %(lot)s, %(actor)s"
                " where %(day)s <= house.today()"
                " returning number, day, scanner, stain, cause, lot, actor, at",
                {
                    "day": day,
                    "scanner": scanner,
                    "stain": stain,
                    "cause": cause,
                    "lot": lot,
                    "actor": by.actor,
                },
            ).fetchone()
            if row is None:
                raise UnfitChange
            made = ControlChange(**row)
            unit.record(_event(by, made, "noted"))
        return made

    def withdraw(self, by: Principal, number: int) -> None:
        """It never happened: limits are again as without it. Raises ChangeWithdrawn."""
        try:
            with self._ledger.unit(self._whole) as unit:
                row = unit.connection.execute(
                    "update slides.control_change set withdrawn_by = %s where number = %s"
                    " returning number, day, scanner, stain, cause, lot, actor, at",
                    (by.actor, number),
                ).fetchone()
                if row is None:
                    raise ChangeWithdrawn
                unit.record(_event(by, ControlChange(**row), "withdrawn"))
        except psycopg.Error as problem:
            if problem.sqlstate == "CSP08":
                raise ChangeWithdrawn from None
            raise

    def alarmed(self, alarms: Iterable[ControlAlarm]) -> None:
        """Keeps what the charts alarm of now, in place of what they did."""
        with self._whole.transaction() as connection:
            connection.execute("select pg_advisory_xact_lock(hashtext('slides.control_alarm'))")
            connection.execute("delete from slides.control_alarm")
            connection.cursor().executemany(
                "insert into slides.control_alarm (scanner, stain, measure, day, rules, value)"
                " values (%s, %s, %s, %s, %s, %s)",
                [
                    (one.scanner, one.stain, one.measure, one.day, list(one.rules), one.value)
                    for one in alarms
                ],
            )

    def alarms(self) -> list[ControlAlarm]:
        """Those of the last ``TOLD`` days, the newest first."""
        found = self._whole.rows(
            "select scanner, stain, measure, day, rules, value from slides.control_alarm"
            " where day > house.today() - %s order by day desc, scanner, stain, measure",
            (TOLD,),
        )
        return [_alarm(**row) for row in found]


def _alarm(rules: list[str], **row: Any) -> ControlAlarm:
    return ControlAlarm(rules=tuple(rules), **row)


def _event(by: Principal, made: ControlChange, what: str) -> Event:
    return Event(
        EventKind.CONTROL_CHANGED,
        by.actor,
        subject=f"control-change:{made.number}",
        detail={"what": what, "cause": made.cause, "day": made.day.isoformat()},
    )
