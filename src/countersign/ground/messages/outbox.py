"""What was released here on its way to another system: once, in order, until it is acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from countersign.ground.db import WHOLE, Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock

from .arrived import Outgoing
from .errors import NotInThisState
from .inbox import ACTOR

PAUSES: Final = (5, 15, 60, 300)
"""Seconds until another attempt; the last of them from then on."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """``pool`` logs in as DbRole.INTERFACE."""

    pool: Pool
    ledger: Ledger
    policy: Policy
    clock: Clock

    def plan(self, peer: str) -> int:
        """Enters what was released since this peer was first named; returns how many are new."""
        with self.pool.within(WHOLE).transaction() as connection:
            connection.execute(
                "insert into messages.peer (name, since) values (%s, %s) on conflict do nothing",
                (peer, self.clock()),
            )
            rows = connection.execute(
                "insert into messages.outgoing (peer, release_id, patient, released_at)"
                " select p.name, r.id, r.patient, r.released_at from messages.peer p"
                " join release.released r on r.released_at >= p.since where p.name = %s"
                " and not exists (select from messages.outgoing o where o.peer = p.name"
                " and o.release_id = r.id) order by r.released_at, r.id"
                " on conflict do nothing returning number",
                (peer,),
            ).fetchall()
        return len(rows)

    def next(self, peer: str) -> Outgoing | None:
        """The oldest that waits, if its time has come: none overtakes another."""
        rows = self.pool.within(WHOLE).rows(
            "select o.number, o.peer, o.release_id as release, o.patient, o.released_at, o.state,"
            " o.reason, o.attempts, o.changed_at, o.next_at, r.targets from messages.outgoing o"
            " join release.released r on r.id = o.release_id"
            " where o.peer = %s and o.state = 'waiting' order by o.number limit 1",
            (peer,),
        )
        if not rows or rows[0].pop("next_at") > self.clock():
            return None
        found: dict[str, Any] = {**rows[0], "targets": tuple(rows[0]["targets"])}
        return Outgoing(**found)

    def sent(self, one: Outgoing, content: str, resources: Sequence[str]) -> None:
        """It was acknowledged; ``content`` is the SHA-256 of what went, in hexadecimal."""
        with self.ledger.unit(self.pool) as unit:
            unit.connection.execute(_SETTLE, ("sent", "", one.number))
            unit.record(
                Event(
                    EventKind.MESSAGE_SENT,
                    ACTOR,
                    patient=one.patient,
                    subject=f"release:{one.release}",
                    commits={"message": content},
                    detail={"peer": one.peer, "resources": len(resources)},
                )
            )

    def settle(self, one: Outgoing, state: str, reason: str) -> None:
        """It is not sent: the peer refuses it for good, or nothing of it may leave."""
        with self.pool.transaction() as connection:
            connection.execute(_SETTLE, (state, reason[:100], one.number))

    def later(self, one: Outgoing, reason: str) -> None:
        """The peer could not be reached or did not take it now."""
        pause = PAUSES[min(one.attempts, len(PAUSES) - 1)]
        with self.pool.transaction() as connection:
            connection.execute(
                "update messages.outgoing set attempts = attempts + 1, reason = %s, next_at = %s,"
                " changed_at = clock_timestamp() where number = %s and state = 'waiting'",
                (reason[:100], self.clock() + timedelta(seconds=pause), one.number),
            )

    def retry(self, number: int, by: Principal) -> None:
        """Sends again what was refused, or at once what waits. Raises Forbidden, NotInThisState."""
        self.policy.require(by, Action.JOBS_RETRY, Facts.house("messages"))
        with self.ledger.unit(self.pool) as unit:
            done = unit.connection.execute(
                "update messages.outgoing set state = 'waiting', next_at = %s"
                " where number = %s and state in ('waiting', 'refused') returning number",
                (self.clock(), number),
            ).fetchall()
            if not done:
                raise NotInThisState
            unit.record(Event(EventKind.MESSAGES_REPLAYED, by.actor, subject=f"outgoing:{number}"))

    def listed(self, by: Principal, limit: int = 50) -> list[Outgoing]:
        """The newest first. Raises Forbidden."""
        self.policy.require(by, Action.JOBS_READ, Facts.house("messages"))
        rows = self.pool.rows(
            "select number, peer, release_id as release, patient, released_at, state, reason,"
            " attempts, changed_at from messages.outgoing order by number desc limit %s",
            (limit,),
        )
        return [Outgoing(**row) for row in rows]

    def oldest_waiting(self) -> datetime | None:
        """When the oldest that still waits was released."""
        rows = self.pool.rows(
            "select min(released_at) as at from messages.outgoing where state = 'waiting'"
        )
        return rows[0]["at"]


_SETTLE: Final = (
    "update messages.outgoing set state = %s, reason = %s, attempts = attempts + 1,"
    " changed_at = clock_timestamp() where number = %s and state = 'waiting'"
)
