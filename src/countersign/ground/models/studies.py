"""Keeps studies of cost and performance: only added to, never a question or an answer's text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.ids import NewId
from countersign.kit.json import JSON

from .study import ENDED, RUN, KeptAnswer, KeptImport, KeptStudy, State, StudyEnded, UnknownStudy


class Studies:
    """``pool`` logs in as DbRole.ROOM. ``folder`` holds the hospital's copies of medical sets.

    Reading is for all staff who may see models; changing for those who may register them.
    """

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        policy: Policy,
        jobs: Jobs,
        new_id: NewId,
        folder: Path | None = None,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._jobs = jobs
        self._new_id = new_id
        self.folder = folder

    def start(self, principal: Principal, title: str, plan: JSON, *, queue: bool = True) -> str:
        """Begins a study and returns its id; a job carries it on, unless ``queue`` is False.

        Raises Forbidden, LedgerUnavailable, DatabaseUnavailable.
        """
        self._may_change(principal)
        made = self._new_id()
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into models.study (id, title, plan, actor) values (%s, %s, %s, %s)",
                (made, title, Jsonb(plan), principal.actor),
            )
            self._set(unit.connection, made, "running", principal)
            unit.record(_changed(principal, made, "started"))
            if queue:
                self._queue(unit.connection, made)
        return made

    def resume(self, principal: Principal, study: str) -> None:
        """Carries a failed study on from where it stopped. Raises UnknownStudy, StudyEnded."""
        self._may_change(principal)
        if self.one(principal, study).state in ENDED:
            raise StudyEnded
        with self._ledger.unit(self._pool) as unit:
            self._set(unit.connection, study, "running", principal)
            unit.record(_changed(principal, study, "resumed"))
            self._queue(unit.connection, study)

    def cancel(self, principal: Principal, study: str) -> None:
        """Ends a study early; what was measured stays. Raises UnknownStudy, StudyEnded."""
        self._may_change(principal)
        self.one(principal, study)
        self._end(principal, study, "cancelled")

    def finish(self, principal: Principal, study: str, detail: Mapping[str, int]) -> None:
        """Ends a study that is done; ``detail`` are counts for the ledger. Raises StudyEnded."""
        self._end(principal, study, "finished", detail)

    def fail(self, principal: Principal, study: str, code: str) -> None:
        """Notes why a study stopped; it may be resumed."""
        with self._pool.transaction() as connection:
            self._set(connection, study, "failed", principal, code)

    def all(self, principal: Principal, limit: int = 200) -> list[KeptStudy]:
        """The newest studies first. Raises Forbidden."""
        self._may_read(principal)
        return [_study(row) for row in self._pool.rows(_NEWEST, (limit,))]

    def one(self, principal: Principal, study: str) -> KeptStudy:
        """One study. Raises Forbidden, UnknownStudy."""
        self._may_read(principal)
        return self.kept(study)

    def kept(self, study: str) -> KeptStudy:
        """One study, for the program that carries it on. Raises UnknownStudy."""
        rows = self._pool.rows(_ONE, (study,))
        if not rows:
            raise UnknownStudy
        return _study(rows[0])

    def ahead(self, study: str) -> bool:
        """Whether an older study still runs; two at once would disturb each other's times."""
        rows = self._pool.rows(
            "select 1 from models.study as older where older.at <"
            " (select at from models.study where id = %s) and"
            " (select state from models.study_state where study = older.id"
            "  order by id desc limit 1) = 'running' limit 1",
            (study,),
        )
        return bool(rows)

    def note_set(self, study: str, name: str, content: JSON) -> JSON:
        """Keeps how a set was found at first; returns what is kept, the first one's."""
        with self._pool.transaction() as connection:
            connection.execute(
                "insert into models.study_set (study, set_name, content) values (%s, %s, %s)"
                " on conflict do nothing",
                (study, name, Jsonb(content)),
            )
        return self.sets(study)[name]

    def note_cases(self, principal: Principal, study: str, cases: int) -> None:
        """Records that signed cases were read for a study, before any of them is used."""
        with self._ledger.unit(self._pool) as unit:
            unit.record(_changed(principal, study, "cases-read", {"cases": cases}))

    def sets(self, study: str) -> dict[str, JSON]:
        """How each set was found, by its name."""
        rows = self._pool.rows(
            "select set_name, content from models.study_set where study = %s", (study,)
        )
        return {row["set_name"]: row["content"] for row in rows}

    def add_answers(self, study: str, answers: Iterable[KeptAnswer]) -> None:
        """Keeps answers; one that is there already stays as it was."""
        with self._pool.transaction() as connection, connection.cursor() as cursor:
            cursor.executemany(
                "insert into models.study_answer (study, configuration, set_name, item, score,"
                " label, gold, unreadable, failed, tokens_in, tokens_out, seconds)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
                [
                    (
                        study,
                        one.configuration,
                        one.set_name,
                        one.item,
                        one.score,
                        one.label,
                        one.gold,
                        one.unreadable,
                        one.failed,
                        one.tokens_in,
                        one.tokens_out,
                        one.seconds,
                    )
                    for one in answers
                ],
            )

    def answers(self, study: str) -> list[KeptAnswer]:
        """Every answer, in the order of configuration, set and item."""
        rows = self._pool.rows(
            "select configuration, set_name, item, score, label, gold, unreadable, failed,"
            " tokens_in, tokens_out, seconds from models.study_answer where study = %s"
            " order by configuration, set_name, item",
            (study,),
        )
        return [KeptAnswer(**row) for row in rows]

    def answered(self, study: str, configuration: str, set_name: str) -> frozenset[str]:
        """The items that this configuration has answered."""
        rows = self._pool.rows(
            "select item from models.study_answer"
            " where study = %s and configuration = %s and set_name = %s",
            (study, configuration, set_name),
        )
        return frozenset(row["item"] for row in rows)

    def add_load(self, study: str, configuration: str, rate: float, content: JSON) -> None:
        """Keeps one step of load; one that is there already stays as it was."""
        with self._pool.transaction() as connection:
            connection.execute(
                "insert into models.study_load (study, configuration, rate, content)"
                " values (%s, %s, %s, %s) on conflict do nothing",
                (study, configuration, rate, Jsonb(content)),
            )

    def loads(self, study: str) -> dict[str, list[JSON]]:
        """The steps of each configuration, in rising order."""
        found: dict[str, list[JSON]] = {}
        for row in self._pool.rows(
            "select configuration, content from models.study_load where study = %s"
            " order by configuration, rate",
            (study,),
        ):
            found.setdefault(row["configuration"], []).append(row["content"])
        return found

    def done(self, study: str) -> tuple[int, int]:
        """How many answers and how many steps of load there are."""
        row = self._pool.rows(
            "select (select count(*) from models.study_answer where study = %(study)s) as answers,"
            " (select count(*) from models.study_load where study = %(study)s) as loads",
            {"study": study},
        )[0]
        return row["answers"], row["loads"]

    def add_import(
        self,
        principal: Principal,
        tool: str,
        tool_version: str,
        file_sha256: str,
        content: JSON,
        study: str | None = None,
        configuration: str = "",
    ) -> str:
        """Keeps results of another tool and returns their id. Raises Forbidden, UnknownStudy."""
        self._may_change(principal)
        if study is not None:
            self.one(principal, study)
        made = self._new_id()
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into models.study_import (id, study, configuration, tool, tool_version,"
                " file_sha256, content, actor) values (%s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    made,
                    study,
                    configuration,
                    tool,
                    tool_version,
                    file_sha256,
                    Jsonb(content),
                    principal.actor,
                ),
            )
            event = _changed(principal, study or made, "imported")
            unit.record(event.committing(file=file_sha256))
        return made

    def imports(self, principal: Principal, study: str | None = None) -> list[KeptImport]:
        """What was imported, the newest first; of one study where one is named."""
        self._may_read(principal)
        rows = self._pool.rows(
            "select id, study, configuration, tool, tool_version, file_sha256, content, actor, at"
            " from models.study_import where (%(study)s::text is null or study = %(study)s)"
            " order by at desc limit 500",
            {"study": study},
        )
        return [KeptImport(**row) for row in rows]

    def set_prices(self, principal: Principal, content: JSON) -> None:
        """Puts a new version of the price list in force. Raises Forbidden, LedgerUnavailable."""
        self._may_change(principal)
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into models.price_list (content, actor) values (%s, %s)",
                (Jsonb(content), principal.actor),
            )
            unit.record(Event(EventKind.PRICES_CHANGED, principal.actor))

    def prices(self) -> tuple[int, JSON] | None:
        """The number and content of the price list in force; None while nobody wrote one."""
        rows = self._pool.rows("select id, content from models.price_list order by id desc limit 1")
        return (rows[0]["id"], rows[0]["content"]) if rows else None

    def may_change(self, principal: Principal) -> bool:
        """Whether this person may start studies and set prices, without a record of it."""
        return self._policy.decide(principal, Action.MODELS_REGISTER, Facts.house("study")).allowed

    def _may_change(self, principal: Principal) -> None:
        self._policy.require(principal, Action.MODELS_REGISTER, Facts.house("study"))

    def _may_read(self, principal: Principal) -> None:
        if principal.actor.startswith("system:"):
            self._may_change(principal)
        else:
            self._policy.require(principal, Action.MODELS_READ, Facts.house("study"))

    def _queue(self, connection: Connection[DictRow], study: str) -> None:
        self._jobs.defer(connection, RUN, {"study": study}, lock=f"{RUN}:{study}")

    def _end(
        self,
        principal: Principal,
        study: str,
        state: State,
        detail: Mapping[str, int] | None = None,
    ) -> None:
        try:
            with self._ledger.unit(self._pool) as unit:
                self._set(unit.connection, study, state, principal)
                unit.record(_changed(principal, study, state, detail))
        except psycopg.errors.UniqueViolation:
            raise StudyEnded from None

    def _set(
        self,
        connection: Connection[DictRow],
        study: str,
        state: State,
        principal: Principal,
        code: str = "",
    ) -> None:
        connection.execute(
            "insert into models.study_state (study, state, code, actor) values (%s, %s, %s, %s)",
            (study, state, code, principal.actor),
        )


_SHOWN = """
select study.id, study.title, study.plan, study.actor, study.at, newest.state, newest.code,
    newest.at as changed_at
from models.study cross join lateral (
    select state, code, at from models.study_state
    where study_state.study = study.id order by study_state.id desc limit 1) as newest
"""
_ONE = _SHOWN + " where study.id = %s"
_NEWEST = _SHOWN + " order by study.at desc limit %s"


def _study(row: dict[str, Any]) -> KeptStudy:
    return KeptStudy(**row)


def _changed(
    principal: Principal, study: str, step: str, detail: Mapping[str, int] | None = None
) -> Event:
    return Event(
        EventKind.STUDY_CHANGED,
        principal.actor,
        subject=f"study:{study}",
        detail={"step": step, **(detail or {})},
    )
