"""What a person sees of the messages, and does about those that failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger

from .arrived import Incoming, State
from .errors import NoSuchMessage, NotInThisState
from .inbox import Inbox

PAGE = 50


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages are in each state, and when the last one came."""

    states: dict[State, int]
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Handling:
    """Every step asks the policy, and leaves a receipt in the transaction that it belongs to."""

    pool: Pool
    ledger: Ledger
    policy: Policy
    inbox: Inbox

    def counts(self, by: Principal) -> Counts:
        """Raises Forbidden."""
        self._require(by, Action.JOBS_READ)
        rows = self.pool.rows(
            "select state, count(*) as n, max(at) as last from messages.incoming group by state"
        )
        found = {State(row["state"]): row["n"] for row in rows}
        last = max((row["last"] for row in rows), default=None)
        return Counts({state: found.get(state, 0) for state in State}, last)

    def listed(self, by: Principal, state: State | None, before: int | None) -> list[Incoming]:
        """A page of messages, the newest first. Raises Forbidden."""
        self._require(by, Action.JOBS_READ)
        rows = self.pool.rows(
            _LISTED, {"state": state, "before": before, "limit": PAGE, "one": None}
        )
        return [_incoming(row) for row in rows]

    def one(self, by: Principal, identifier: str) -> Incoming:
        """Raises Forbidden, NoSuchMessage."""
        self._require(by, Action.JOBS_READ)
        given = {"state": None, "before": None, "limit": 1, "one": identifier}
        rows = self.pool.rows(_LISTED, given)
        if not rows:
            raise NoSuchMessage
        return _incoming(rows[0])

    def retry(self, identifier: str, by: Principal) -> int:
        """Processes a message again, and after it every later one of its patients, in order.

        Without the later ones what it says would overwrite what is newer. Returns how many
        wait now. Raises Forbidden, NoSuchMessage, NotInThisState.
        """
        self._require(by, Action.JOBS_RETRY)
        with self.ledger.unit(self.pool) as unit:
            row = unit.connection.execute(
                "select number, state, keys from messages.incoming where id = %s for update",
                (identifier,),
            ).fetchone()
            if row is None:
                raise NoSuchMessage
            if row["state"] == State.RECEIVED:
                raise NotInThisState
            done = unit.connection.execute(_AGAIN_ONE, {**row, "id": identifier}).fetchall()
            ids = [one["id"] for one in done]
            unit.record(_event(EventKind.MESSAGES_REPLAYED, by, identifier, len(ids)))
            self.inbox.wake(unit.connection)
        return len(ids)

    def replay(self, since: datetime, by: Principal) -> int:
        """Processes everything again that came since, in its order; what was set aside stays so.

        Returns how many wait now. Raises Forbidden.
        """
        self._require(by, Action.JOBS_RETRY)
        with self.ledger.unit(self.pool) as unit:
            done = unit.connection.execute(_AGAIN_ALL, (since,)).fetchall()
            unit.record(_event(EventKind.MESSAGES_REPLAYED, by, None, len(done)))
            self.inbox.wake(unit.connection)
        return len(done)

    def set_aside(self, identifier: str, by: Principal) -> None:
        """What failed is left; the later ones of its patient go on.

        Raises Forbidden, NoSuchMessage, NotInThisState.
        """
        self._require(by, Action.JOBS_RETRY)
        with self.ledger.unit(self.pool) as unit:
            row = unit.connection.execute(
                "select state from messages.incoming where id = %s for update", (identifier,)
            ).fetchone()
            if row is None:
                raise NoSuchMessage
            if row["state"] != State.FAILED:
                raise NotInThisState
            unit.connection.execute(
                "update messages.incoming set state = 'set-aside' where id = %s", (identifier,)
            )
            unit.record(_event(EventKind.MESSAGE_SET_ASIDE, by, identifier, 1))
            self.inbox.wake(unit.connection)

    def failing(self) -> int:
        """How many messages failed and hold up their patients: for monitoring."""
        rows = self.pool.rows(
            "select count(*) as n from messages.incoming where state = 'failed' and verdict = 'AA'"
        )
        return rows[0]["n"]

    def _require(self, by: Principal, action: Action) -> None:
        self.policy.require(by, action, Facts.house("messages"))


def _incoming(row: dict[str, Any]) -> Incoming:
    given: dict[str, Any] = {**row, "state": State(row["state"]), "notes": tuple(row["notes"])}
    return Incoming(**given)


def _event(kind: EventKind, by: Principal, identifier: str | None, count: int) -> Event:
    subject = f"message:{identifier}" if identifier else None
    return Event(kind, by.actor, subject=subject, detail={"count": count})


_LISTED: Final = """
select m.id, m.number, m.sender, m.control_id, m.kind, m.at, m.state, m.reason, m.notes,
    m.attempts, m.changed_at,
    case when m.state = 'failed' and m.verdict = 'AA' then (
        select count(*) from messages.incoming w
        where w.state = 'received' and w.number > m.number and w.keys && m.keys) else 0
    end as waiting_behind,
    exists (select from messages.incoming e where e.sender = m.sender
        and e.control_id = m.control_id and e.id <> m.id and m.control_id <> '') as again
from messages.incoming m
where (%(state)s::text is null or m.state = %(state)s::text)
    and (%(before)s::bigint is null or m.number < %(before)s::bigint)
    and (%(one)s::text is null or m.id = %(one)s::text)
order by m.number desc limit %(limit)s
"""
_AGAIN_ONE: Final = """
update messages.incoming set state = 'received', reason = ''
where id = %(id)s
    or number > %(number)s and keys && %(keys)s::bigint[]
    and state in ('processed', 'failed') and verdict = 'AA'
returning id
"""
_AGAIN_ALL: Final = """
update messages.incoming set state = 'received', reason = ''
where at >= %s and state in ('processed', 'failed') and verdict = 'AA'
returning id
"""
