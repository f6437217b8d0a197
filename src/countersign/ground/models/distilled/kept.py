"""Keeps distillations: plan and texts sealed, the ladder sealed, every step recorded."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.models.card import ModelCard, ModelRef
from countersign.ground.models.registry import Registry
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.ids import NewId
from countersign.kit.json import JSON, decode, encode

from .errors import FrozenSetRefuses, NotInThatState, UnknownDistillation

State = Literal["waiting", "trained", "failed", "live", "withdrawn"]
Part = Literal["labelled", "unlabelled", "told"]
DISTIL = "modelbench.distil"
BUNDLE = 500
"""Texts of one sealed row."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A distillation. ``plan`` is as its room wrote it; ``report`` holds counts and shares only.

    ``model`` is None until students are made; ``holds`` is what the frozen set said.
    """

    id: str
    work: str
    actor: str
    made_at: datetime
    state: State
    reason: str
    plan: JSON = field(repr=False)
    model: ModelRef | None
    holds: bool
    report: JSON | None


class Distilled:
    """``pool`` logs in as DbRole.ROOM. Safe to share among threads."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        registry: Registry,
        jobs: Jobs,
        new_id: NewId,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._registry = registry
        self._jobs = jobs
        self._new_id = new_id

    def start(
        self,
        principal: Principal,
        work: str,
        plan: JSON,
        texts: Mapping[Part, Sequence[Any]],
        *,
        queue: bool = True,
    ) -> str:
        """Keeps a plan and its texts, and queues the work unless the caller does it at once.

        Raises Forbidden, LedgerUnavailable, DatabaseUnavailable.
        """
        self._policy.require(principal, Action.MODELS_REGISTER, Facts.house("models"))
        task = self._new_id()
        box = self._sealed(plan, _place(task))
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into distilling.task (id, work, actor, suite, key_id, box)"
                " values (%s, %s, %s, %s, %s, %s)",
                (task, work, principal.actor, *box),
            )
            for part, items in texts.items():
                self._add(unit.connection, task, part, items)
            unit.record(_changed(principal, task, "started"))
            if queue:
                self._jobs.defer(unit.connection, DISTIL, {"task": task}, lock=f"{DISTIL}:{task}")
        return task

    def add(self, task: str, part: Part, items: Sequence[Any], place: int) -> None:
        """Keeps one more bundle, such as what a teacher said; the same place twice is harmless."""
        with self._pool.transaction() as connection:
            self._bundle(connection, task, part, place, items)

    def texts(self, task: str, part: Part) -> dict[int, list[Any]]:
        """The bundles of a part by their place."""
        rows = self._pool.rows(
            "select place, suite, key_id, box from distilling.text"
            " where task_id = %s and part = %s order by place",
            (task, part),
        )
        return {
            row["place"]: decode(self._opened(row, f"{_place(task)}/{part}/{row['place']}"))
            for row in rows
        }

    def all(self) -> list[Kept]:
        """Every distillation, the newest first."""
        return [
            self._read(row)
            for row in self._pool.rows("select * from distilling.task_state order by made_at desc")
        ]

    def one(self, task: str) -> Kept:
        """Raises UnknownDistillation."""
        rows = self._pool.rows("select * from distilling.task_state where id = %s", (task,))
        if not rows:
            raise UnknownDistillation
        return self._read(rows[0])

    def finish(
        self,
        by: Principal,
        task: str,
        card: ModelCard,
        made: bytes,
        report: JSON,
        passed: Sequence[str],
        *,
        holds: bool,
    ) -> ModelRef:
        """Registers the ladder as a new version and lets go of what it learnt from.

        ``made`` is the ladder's bytes and ``passed`` a few texts that it passed upwards; both are
        sealed. Raises NotInThatState, VersionTaken, LedgerUnavailable.
        """
        ref = self._registry.register(card, sha256(made).hexdigest(), by)
        box = self._sealed({"made": made.hex(), "passed": list(passed)}, f"student/{task}")
        with _states(), self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into distilling.student (task_id, name, version, sha256, holds, report,"
                " suite, key_id, box) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (task, ref.name, ref.version, ref.digest, holds, Jsonb(report), *box),
            )
            self._step(unit.connection, by, task, "trained")
            unit.record(_changed(by, task, "trained", ref))
        return ref

    def fail(self, by: Principal, task: str, reason: str) -> None:
        """Nothing was made; ``reason`` is the code of an error."""
        with _states(), self._ledger.unit(self._pool) as unit:
            self._step(unit.connection, by, task, "failed", reason)
            unit.record(_changed(by, task, "failed"))

    def go_live(self, principal: Principal, task: str) -> None:
        """Rooms are answered by it from now on. Raises Forbidden, FrozenSetRefuses, NotInThatState,
        UnknownDistillation."""
        self._move(principal, task, "live")

    def withdraw(self, principal: Principal, task: str) -> None:
        """Takes it out of service; the one that was live before it answers again, if any."""
        self._move(principal, task, "withdrawn")

    def live(self, work: str) -> tuple[str, ModelRef] | None:
        """The model that answers for this work now: of those in service the one put there last."""
        rows = self._pool.rows(
            "select id, name, version, sha256 from distilling.task_state"
            " where work = %s and state = 'live' order by step desc limit 1",
            (work,),
        )
        if not rows:
            return None
        return rows[0]["id"], ModelRef(rows[0]["name"], rows[0]["version"], rows[0]["sha256"])

    def artefact(self, task: str) -> bytes:
        """The ladder's bytes. Raises UnknownDistillation, Unreadable."""
        return bytes.fromhex(self._student(task)["made"])

    def passed(self, principal: Principal, task: str) -> list[str]:
        """Texts that were passed upwards, for the person who brought the text and nobody else.

        That they were shown is recorded first. Empty for anybody else, and where there are none.
        """
        kept = self.one(task)
        if kept.model is None or principal.actor != kept.actor:
            return []
        found: list[str] = self._student(task)["passed"]
        if found:
            detail = {"distillation": task, "texts": str(len(found))}
            self._ledger.record(Event(EventKind.DISTILLATION_SHOWN, principal.actor, detail=detail))
        return found

    def _move(self, principal: Principal, task: str, state: State) -> None:
        self._policy.require(principal, Action.MODELS_REGISTER, Facts.house("models"))
        ref = self.one(task).model
        with _states(), self._ledger.unit(self._pool) as unit:
            self._step(unit.connection, principal, task, state)
            unit.record(_changed(principal, task, state, ref))

    def _step(
        self, connection: Connection[Any], by: Principal, task: str, state: State, reason: str = ""
    ) -> None:
        connection.execute(
            "insert into distilling.step (task_id, state, reason, actor) values (%s, %s, %s, %s)",
            (task, state, reason, by.actor),
        )
        if state in ("trained", "failed"):
            connection.execute("delete from distilling.text where task_id = %s", (task,))

    def _add(
        self, connection: Connection[Any], task: str, part: Part, items: Sequence[Any]
    ) -> None:
        for place, at in enumerate(range(0, len(items), BUNDLE)):
            self._bundle(connection, task, part, place, items[at : at + BUNDLE])

    def _bundle(
        self, connection: Connection[Any], task: str, part: Part, place: int, items: Sequence[Any]
    ) -> None:
        connection.execute(
            "insert into distilling.text (task_id, part, place, suite, key_id, box)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            (task, part, place, *self._sealed(list(items), f"{_place(task)}/{part}/{place}")),
        )

    def _student(self, task: str) -> JSON:
        rows = self._pool.rows(
            "select suite, key_id, box from distilling.student where task_id = %s", (task,)
        )
        if not rows:
            raise UnknownDistillation
        return decode(self._opened(rows[0], f"student/{task}"))

    def _sealed(self, value: Any, place: str) -> tuple[int, int, bytes]:
        box = self._vault.seal(HOUSE, encode(value), place)
        return int(box.suite), box.key_id, box.box

    def _opened(self, row: DictRow, place: str) -> bytes:
        return self._vault.open(HOUSE, Sealed(row["suite"], row["key_id"], row["box"]), place)

    def _read(self, row: DictRow) -> Kept:
        ref = ModelRef(row["name"], row["version"], row["sha256"]) if row["name"] else None
        return Kept(
            id=row["id"],
            work=row["work"],
            actor=row["actor"],
            made_at=row["made_at"],
            state=row["state"],
            reason=row["reason"],
            plan=decode(self._opened(row, _place(row["id"]))),
            model=ref,
            holds=row["holds"],
            report=row["report"],
        )


def _place(task: str) -> str:
    return f"distillation/{task}"


def _changed(by: Principal, task: str, what: str, ref: ModelRef | None = None) -> Event:
    return Event(
        EventKind.DISTILLATION_CHANGED,
        by.actor,
        model=ref.label if ref else None,
        detail={"distillation": task, "step": what},
    )


@contextmanager
def _states() -> Generator[None]:
    """What the database refuses, in words."""
    try:
        yield
    except psycopg.Error as problem:
        if problem.sqlstate == "CSD02":
            raise FrozenSetRefuses from None
        if problem.sqlstate in ("CSD01", "23505"):
            raise NotInThatState from None
        raise
