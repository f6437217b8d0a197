"""Leaves one's work to a named colleague while on leave; the colleague accepts, either ends it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, Literal, LiteralString

from psycopg import errors
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.errors import CountersignError
from countersign.kit.ids import NewId

from .action import Action
from .directory import Directory
from .errors import (
    BadValue,
    ColleagueAway,
    DelegationOver,
    DelegationOverlaps,
    DelegationUnknown,
    NotKindred,
    StandsInThen,
)
from .lending import MEDICAL, PATHOLOGY, kindred
from .policy import Policy
from .principal import Facts, LicenceKind, Principal

KINDS = ("inbox", "care")
"""All of one's work: the departments' patients and those in one's care; or the latter alone."""
LONGEST = timedelta(days=92)
SHORTEST_REASON, LONGEST_REASON = 5, 500
DELEGATIONS = Facts.house("delegation")

State = Literal[
    "waiting", "declined", "withdrawn", "upcoming", "current", "ended", "over", "lapsed"
]


@dataclass(frozen=True, slots=True)
class Delegation:
    """One appointment. ``reason`` is empty for whom it does not concern.

    ``by`` is away from ``starts`` until ``ends``; ``ended_by`` is one of the two.
    """

    id: str
    by: str
    to: str
    kind: str
    starts: datetime
    ends: datetime
    accepted_at: datetime | None
    declined_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    reason: str = field(default="", repr=False)

    def state(self, now: datetime) -> State:
        """Where it stands at ``now``."""
        if self.declined_at is not None:
            return "declined"
        if self.ended_at is not None:
            return "ended" if self.accepted_at is not None else "withdrawn"
        if now >= self.ends:
            return "over" if self.accepted_at is not None else "lapsed"
        if self.accepted_at is None:
            return "waiting"
        return "upcoming" if now < self.starts else "current"


@dataclass(frozen=True, slots=True)
class Appointment:
    """Whom a person appoints, for what, from and to (the end is not included), and why."""

    to: str
    kind: str
    starts: datetime
    ends: datetime
    reason: str = field(repr=False)


class Delegations:
    """Appointing, accepting, declining and ending. ``pool`` is that of DbRole.IDENTITY.

    The database keeps the times and refuses what overlaps. ``changed`` is called after each
    change, so that this process forgets older rights; others never remember what was lent.
    """

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        vault: Vault,
        directory: Directory,
        new_id: NewId,
        changed: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._vault = vault
        self._directory = directory
        self._new_id = new_id
        self._changed = changed

    def colleagues(self, by: Principal) -> list[tuple[str, str]]:
        """Who could stand in: identifiers and names of those with a licence of the right kind."""
        self._policy.require(by, Action.DELEGATE, DELEGATIONS)
        rows = self._pool.rows(_COLLEAGUES, {"day": self._directory.today(), "me": by.id})
        return [
            (row["id"], row["name"])
            for row in rows
            if kindred(by.licences, [LicenceKind(kind) for kind in row["kinds"]])
        ]

    def appoint(self, by: Principal, wanted: Appointment) -> str:
        """Asks the colleague and returns the identifier; nothing is lent before it is accepted.

        Raises Forbidden, BadValue, NotKindred, DelegationOverlaps, StandsInThen, ColleagueAway.
        """
        self._policy.require(by, Action.DELEGATE, DELEGATIONS)
        reason = _checked(by, wanted)
        delegation = self._new_id()
        box = self._vault.seal(HOUSE, reason.encode(), f"delegation/{delegation}")
        values = {
            "id": delegation,
            "me": by.id,
            "to": wanted.to,
            "kind": wanted.kind,
            "starts": wanted.starts,
            "ends": wanted.ends,
            "suite": box.suite,
            "key": box.key_id,
            "box": box.box,
        }
        with _told(), self._ledger.unit(self._pool) as unit:
            row = unit.connection.execute(_APPOINT, values).fetchone()
            self._record(unit, by, EventKind.DELEGATED, row)
        self._changed()
        return delegation

    def accept(self, by: Principal, delegation: str) -> None:
        """The colleague takes it on. Raises Forbidden, DelegationUnknown, DelegationOver, and
        what appointing raises: days may have passed since.
        """
        self._step(by, delegation, _ACCEPT, EventKind.DELEGATION_ACCEPTED)

    def decline(self, by: Principal, delegation: str) -> None:
        """The colleague does not take it on. Raises as ``accept``."""
        self._step(by, delegation, _DECLINE, EventKind.DELEGATION_DECLINED)

    def end(self, by: Principal, delegation: str) -> None:
        """Either of the two ends it, or withdraws what was asked, at once and in every process.

        It needs no right but being one of the two. Raises DelegationUnknown, DelegationOver.
        """
        self._step(by, delegation, _END, EventKind.DELEGATION_ENDED, free=True)

    def of(self, by: Principal) -> list[Delegation]:
        """What concerns this person, with the reasons, the latest first."""
        self._policy.require(by, Action.DELEGATIONS_READ, DELEGATIONS)
        rows = self._pool.rows(_MINE, {"me": by.id})
        return [_delegation(row, self._reason(row)) for row in rows]

    def all(self, by: Principal, limit: int = 500) -> list[Delegation]:
        """Everybody's, without the reasons, the latest first. Raises Forbidden."""
        self._policy.require(by, Action.DELEGATIONS_LIST, DELEGATIONS)
        return [_delegation(row) for row in self._pool.rows(_ALL, {"limit": limit})]

    def waiting(self, by: Principal) -> int:
        """How many colleagues wait for this person's answer."""
        if not self._policy.decide(by, Action.DELEGATIONS_READ, DELEGATIONS).allowed:
            return 0
        return self._pool.rows(_WAITING, {"me": by.id})[0]["n"]

    def _step(
        self,
        by: Principal,
        delegation: str,
        query: LiteralString,
        kind: EventKind,
        *,
        free: bool = False,
    ) -> None:
        if not free:
            self._policy.require(by, Action.DELEGATE, DELEGATIONS)
        values = {"id": delegation, "me": by.id}
        with _told(), self._ledger.unit(self._pool) as unit:
            row = unit.connection.execute(query, values).fetchone()
            if row is None:
                known = unit.connection.execute(_KNOWN, values).fetchone()
                raise DelegationOver if known is not None else DelegationUnknown
            self._record(unit, by, kind, row)
        self._changed()

    def _record(self, unit: Unit, by: Principal, kind: EventKind, row: DictRow | None) -> None:
        assert row is not None  # noqa: S101 - an insert that returns
        detail = {
            "from": f"person:{row['from_id']}",
            "to": f"person:{row['to_id']}",
            "kind": row["kind"],
            "starts": row["starts"].isoformat(timespec="seconds"),
            "ends": row["ends"].isoformat(timespec="seconds"),
        }
        unit.record(Event(kind, by.actor, subject=f"delegation:{row['id']}", detail=detail))

    def _reason(self, row: DictRow) -> str:
        if row["box"] is None:
            return ""  # entered by hand before reasons were asked for
        sealed = Sealed(row["suite"], row["key_id"], row["box"])
        return self._vault.open(HOUSE, sealed, f"delegation/{row['id']}").decode()


def days(first: date, last: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last, in the hospital's zone."""
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    after = last + timedelta(days=1)
    return start, datetime(after.year, after.month, after.day, tzinfo=zone)


def _checked(by: Principal, wanted: Appointment) -> str:
    """The reason without blanks around it, when all of it can be. Raises BadValue, NotKindred."""
    reason = wanted.reason.strip()
    if wanted.kind not in KINDS:
        raise BadValue(field="kind")
    if not wanted.to or wanted.to == by.id:
        raise BadValue(field="to")
    if wanted.ends <= wanted.starts or wanted.ends - wanted.starts > LONGEST:
        raise BadValue(field="until")
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise BadValue(field="reason")
    if not by.licences & (MEDICAL | PATHOLOGY):
        raise NotKindred
    return reason


@contextmanager
def _told() -> Generator[None]:
    """What the database refuses, in a sentence that says what to do."""
    try:
        yield
    except errors.DatabaseError as problem:
        known = _REFUSED.get(problem.sqlstate or "")
        if known is None:
            raise
        raise known() from problem


def _delegation(row: DictRow, reason: str = "") -> Delegation:
    return Delegation(
        row["id"],
        row["from_id"],
        row["to_id"],
        row["kind"],
        row["starts"],
        row["ends"],
        row["accepted_at"],
        row["declined_at"],
        row["revoked_at"],
        row["ended_by"],
        reason,
    )


_REFUSED: Final[dict[str, Callable[[], CountersignError]]] = {
    "CSD01": DelegationOverlaps,
    "CSD02": StandsInThen,
    "CSD03": ColleagueAway,
    "CSD04": NotKindred,
    "CSD05": DelegationOver,
    "23503": lambda: BadValue(field="to"),
    "23514": lambda: BadValue(field="until"),
}
_APPOINT: Final = """
insert into identity.delegation (id, from_id, to_id, kind, starts, ends, suite, key_id, box)
values (%(id)s, %(me)s, %(to)s, %(kind)s, %(starts)s, %(ends)s, %(suite)s, %(key)s, %(box)s)
returning *
"""
_OPEN: Final = (
    " where id = %(id)s and to_id = %(me)s and accepted_at is null and declined_at is null"
    " and revoked_at is null returning *"
)
_ACCEPT: Final = "update identity.delegation set accepted_at = clock_timestamp()" + _OPEN
_DECLINE: Final = "update identity.delegation set declined_at = clock_timestamp()" + _OPEN
_END: Final = (
    "update identity.delegation set revoked_at = clock_timestamp(), ended_by = %(me)s"
    " where id = %(id)s and (from_id = %(me)s or to_id = %(me)s and accepted_at is not null)"
    " and declined_at is null and revoked_at is null and ends > clock_timestamp() returning *"
)
_KNOWN: Final = "select from identity.delegation where id = %(id)s and %(me)s in (from_id, to_id)"
_MINE: Final = (
    "select * from identity.delegation where %(me)s in (from_id, to_id)"
    " order by starts desc, id limit 200"
)
_ALL: Final = "select * from identity.delegation order by starts desc, id limit %(limit)s"
_WAITING: Final = (
    "select count(*) as n from identity.delegation where to_id = %(me)s and accepted_at is null"
    " and declined_at is null and revoked_at is null and ends > clock_timestamp()"
)
_COLLEAGUES: Final = """
select p.id, p.name, array_agg(distinct l.kind) as kinds
from identity.person p join identity.licence l on l.person_id = p.id
where p.left_at is null and p.id <> %(me)s and %(day)s between l.valid_from and l.valid_to
  and not exists (select from identity.licence_revocation r where r.licence_id = l.id)
group by p.id, p.name order by p.name, p.id
"""
