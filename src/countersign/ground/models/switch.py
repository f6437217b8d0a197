"""Stop AI: one switch for every process of the hospital."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock
from countersign.kit.json import digest

from .errors import AIStopped, NotStopped, ReasonTooShort

LEAST_REASON = 10
"""Characters that a reason to resume has at least."""


@dataclass(frozen=True, slots=True)
class SwitchState:
    """Whether AI is stopped, and who pressed last, why and when (None: never pressed)."""

    stopped: bool
    by: str | None
    reason: str
    at: datetime | None


class Switch:
    """``pool`` logs in as STEWARD. The gate in the database asks ``models.ai_stopped()``
    itself, so that a process which never looks here is stopped as well.
    """

    def __init__(self, pool: Pool, ledger: Ledger, clock: Clock) -> None:
        self._pool = pool
        self._ledger = ledger
        self._clock = clock

    def state(self) -> SwitchState:
        """The state now: one indexed row, never a remembered one."""
        return _state(self._pool.rows(_NEWEST))

    def require_running(self) -> None:
        """Raises AIStopped while the switch is pressed."""
        if self.state().stopped:
            raise AIStopped

    def stop(self, principal: Principal, reason: str = "") -> SwitchState:
        """Stops every room everywhere. In an emergency nobody has to explain first."""
        return self._press(principal, reason.strip(), stopped=True)

    def resume(self, principal: Principal, reason: str) -> SwitchState:
        """Lets AI propose again. Raises ReasonTooShort, and NotStopped when it runs already."""
        reason = reason.strip()
        if len(reason) < LEAST_REASON:
            raise ReasonTooShort(least=LEAST_REASON)
        return self._press(principal, reason, stopped=False)

    def _press(self, principal: Principal, reason: str, *, stopped: bool) -> SwitchState:
        state = SwitchState(stopped, principal.actor, reason, self._clock())
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute("select pg_advisory_xact_lock(73105)")  # one press at a time
            if not stopped and not _state(unit.connection.execute(_NEWEST).fetchall()).stopped:
                raise NotStopped
            _insert(unit.connection, state)
            unit.record(
                Event(
                    EventKind.AI_STOPPED if stopped else EventKind.AI_RESUMED,
                    principal.actor,
                    commits={"reason": digest(reason.encode()).hex()},
                )
            )
        return state


_NEWEST = "select stopped, actor, reason, at from models.switch order by id desc limit 1"


def _state(rows: list[DictRow]) -> SwitchState:
    if not rows:
        return SwitchState(stopped=False, by=None, reason="", at=None)
    row = rows[0]
    return SwitchState(row["stopped"], row["actor"], row["reason"], row["at"])


def _insert(connection: Connection[DictRow], state: SwitchState) -> None:
    connection.execute(
        "insert into models.switch (stopped, actor, reason, at) values (%s, %s, %s, %s)",
        (state.stopped, state.by, state.reason, state.at),
    )
