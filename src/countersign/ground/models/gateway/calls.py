"""Writes every call with its receipt, many at once: who asked which model of what, never a word."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.models.asking import PassedOver, Priority, Work
from countersign.ground.models.card import ModelRef

from .errors import CallsBehind

BATCH = 128
IDLE = 5.0
"""Seconds that the writing thread stays when nothing is to be written."""

PATIENCE = 5.0
"""Seconds that an answer waits for its record before it is withheld."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is kept of one asking. ``outcome`` is answered, repaired, failed or given-up."""

    id: str
    at: datetime
    work: Work
    priority: Priority
    room: str
    actor: str
    patient: str | None
    server: str | None
    model: ModelRef | None
    prompt: ModelRef
    inputs: tuple[str, ...]
    tokens_in: int
    tokens_out: int
    cost: Decimal
    seconds: float
    first_seconds: float | None
    waited: float
    outcome: str
    why: str = ""
    passed: tuple[PassedOver, ...] = ()


@dataclass(slots=True)
class _Waiting:
    call: Call
    done: threading.Event = field(default_factory=threading.Event)
    problem: Exception | None = None


class Calls:
    """``pool`` logs in as STEWARD. Rows and their events are one transaction."""

    def __init__(self, pool: Pool, ledger: Ledger) -> None:
        self._pool = pool
        self._ledger = ledger
        self._queue: deque[_Waiting] = deque()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._writing = False

    def record(self, call: Call, patience: float = PATIENCE) -> None:
        """Returns when the call is durable. Raises CallsBehind after ``patience`` seconds, and the
        answer that it was about is withheld."""
        waiting = self._add(call)
        if not waiting.done.wait(patience) or waiting.problem is not None:
            raise CallsBehind from waiting.problem

    def record_soon(self, call: Call) -> None:
        """Returns at once: for a call whose answer nobody is given."""
        self._add(call)

    def settle(self, seconds: float = PATIENCE) -> bool:
        """Waits until everything of this process is written; False where it is not in time."""
        until = time.monotonic() + seconds
        with self._wake:
            while self._queue or self._writing:
                if not self._wake.wait(max(0.0, until - time.monotonic())):
                    return False
        return True

    def _add(self, call: Call) -> _Waiting:
        waiting = _Waiting(call)
        with self._wake:
            self._queue.append(waiting)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="calls", daemon=True)
                self._thread.start()
            self._wake.notify_all()
        return waiting

    def _run(self) -> None:
        while True:
            with self._wake:
                self._writing = False
                self._wake.notify_all()
                self._wake.wait_for(lambda: self._queue, IDLE)
                batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
                if not batch:
                    self._thread = None
                    return
                self._writing = True
            self._settle(batch)

    def _settle(self, batch: list[_Waiting]) -> None:
        """One call that the database refuses must not take the others with it."""
        problem = self._written([one.call for one in batch])
        if problem is not None and len(batch) > 1:
            for one in batch:
                self._settle([one])
            return
        for one in batch:
            one.problem = problem
            one.done.set()

    def _written(self, calls: Sequence[Call]) -> Exception | None:
        try:
            with self._ledger.unit(self._pool) as unit:
                with unit.connection.cursor() as cursor:
                    cursor.executemany(_INSERT, [_row(call) for call in calls])
                for call in calls:
                    unit.record(_event(call))
        except Exception as problem:  # noqa: BLE001 - whoever waits is told, whatever it was
            return problem
        return None


_INSERT = """
insert into models.call (id, at, work, priority, room, actor, server, name, version, digest,
    prompt_name, prompt_version, prompt_digest, inputs, tokens_in, tokens_out, cost, seconds,
    first_seconds, waited, outcome, why, passed)
values (%(id)s, %(at)s, %(work)s, %(priority)s, %(room)s, %(actor)s, %(server)s, %(name)s,
    %(version)s, %(digest)s, %(prompt_name)s, %(prompt_version)s, %(prompt_digest)s, %(inputs)s,
    %(tokens_in)s, %(tokens_out)s, %(cost)s, %(seconds)s, %(first_seconds)s, %(waited)s,
    %(outcome)s, %(why)s, %(passed)s)
"""


def _row(call: Call) -> dict[str, Any]:
    model = call.model
    return {
        "id": call.id,
        "at": call.at,
        "work": str(call.work),
        "priority": int(call.priority),
        "room": call.room,
        "actor": call.actor,
        "server": call.server,
        "name": model.name if model else None,
        "version": model.version if model else None,
        "digest": bytes.fromhex(model.digest) if model else None,
        "prompt_name": call.prompt.name,
        "prompt_version": call.prompt.version,
        "prompt_digest": bytes.fromhex(call.prompt.digest),
        "inputs": list(call.inputs),
        "tokens_in": call.tokens_in,
        "tokens_out": call.tokens_out,
        "cost": call.cost,
        "seconds": call.seconds,
        "first_seconds": call.first_seconds,
        "waited": call.waited,
        "outcome": call.outcome,
        "why": call.why,
        "passed": Jsonb(
            [{"server": one.server, "model": one.model, "why": one.why} for one in call.passed]
        ),
    }


def _event(call: Call) -> Event:
    return Event(
        EventKind.MODEL_ANSWERED,
        call.actor,
        patient=call.patient,
        subject=f"call:{call.id}",
        model=call.model.label if call.model else None,
        detail={
            "outcome": call.outcome,
            "why": call.why or "none",
            "tokens_in": call.tokens_in,
            "tokens_out": call.tokens_out,
            "milliseconds": round(call.seconds * 1000),
            "passed_over": len(call.passed),
        },
    )
