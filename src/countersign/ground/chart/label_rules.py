"""Rules of the hospital by which entries of a department or with a code bear a label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import SENSITIVE, Action, BadValue, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import Vault
from countersign.kit.ids import NewId

from . import _patients
from .errors import NotFound
from .labelling import RULES_LOCK, relabel, tokens_of

KINDS = ("department", "code")
RULES = Facts.house("label-rule")
BATCH = 50
"""Patients whose entries are gone through in one transaction."""


@dataclass(frozen=True, slots=True)
class LabelRule:
    """``value`` is a department's code, or a code as in a search: ``system|code`` or ``code``.

    ``applied_at`` is when every chart had been gone through since it began or ended; None while
    that is under way.
    """

    id: str
    label: str
    kind: str
    value: str
    at: datetime
    applied_at: datetime | None
    ended_at: datetime | None


class LabelRules:
    """Keeps the rules and applies them to what is there; what comes in is labelled as it comes.

    ``pool`` is that of DbRole.RECEIVER, for the whole house.
    """

    def __init__(
        self, pool: Pool, ledger: Ledger, policy: Policy, vault: Vault, new_id: NewId
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._vault = vault
        self._new_id = new_id

    def all(self, by: Principal) -> list[LabelRule]:
        """The rules in force, then those that ended. Raises Forbidden."""
        self._policy.require(by, Action.LABEL_RULES, RULES)
        return [_rule(row) for row in self._pool.rows(_ALL)]

    def add(self, by: Principal, label: str, kind: str, value: str) -> str:
        """A new rule, in force for what comes in from now on, and for the rest by and by.

        Raises Forbidden; BadValue, also for a rule that is in force already.
        """
        self._policy.require(by, Action.LABEL_RULES, RULES)
        value = value.strip()
        if label not in SENSITIVE:
            raise BadValue(field="label")
        if kind not in KINDS:
            raise BadValue(field="kind")
        if not value or len(value) > 200 or not value.isprintable():
            raise BadValue(field="value")
        rule = self._new_id()
        tokens = tokens_of(self._vault, value) if kind == "code" else []
        values = (rule, label, kind, value, tokens, by.actor)
        try:
            with self._ledger.unit(self._pool) as unit:
                unit.connection.execute("select pg_advisory_xact_lock(%s)", (RULES_LOCK,))
                row = unit.connection.execute(_ADD, values).fetchone()
                unit.record(_event(by, row, "begun"))
        except UniqueViolation as problem:
            raise BadValue(field="value") from problem
        return rule

    def end(self, by: Principal, rule: str) -> None:
        """The rule labels nothing more, and by and by what it labelled alone bears no label.

        Raises Forbidden, NotFound.
        """
        self._policy.require(by, Action.LABEL_RULES, RULES)
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute("select pg_advisory_xact_lock(%s)", (RULES_LOCK,))
            row = unit.connection.execute(_END, {"id": rule, "by": by.actor}).fetchone()
            if row is None:
                raise NotFound(type="rule")
            unit.record(_event(by, row, "ended"))

    def apply(self, stopping: Callable[[], bool]) -> int:
        """Goes through the charts that new, ended or late-coming things concern; how many entries'
        patients changed. What is interrupted is begun again by the next call.
        """
        changed = self._late(stopping)
        due = self._pool.rows("select id, ended_at from chart.label_rule where applied_at is null")
        if not due:
            return changed
        last = ""
        while not stopping():
            rows = self._pool.rows(_BATCH, (last, BATCH))
            if not rows:
                self._applied(due)
                break
            last = rows[-1]["patient"]
            changed += self._relabel([row["patient"] for row in rows])
        return changed

    def _late(self, stopping: Callable[[], bool]) -> int:
        changed = 0
        while not stopping():
            rows = self._pool.rows("select patient from chart.label_due limit %s", (BATCH,))
            if not rows:
                break
            patients = [row["patient"] for row in rows]
            # What is noted while they are gone through clears the mark, and stays due.
            self._pool.rows(_TAKE, (patients,))
            changed += self._relabel(patients)
            self._pool.rows(_TAKEN, (patients,))
        return changed

    def _relabel(self, patients: list[str]) -> int:
        with self._pool.transaction() as connection:
            touched = relabel(connection, self._vault, patients)
            _patients.refresh(connection, self._vault, touched)
        return len(touched)

    def _applied(self, due: list[DictRow]) -> None:
        for row in due:
            self._pool.rows(_APPLIED, row)


def _rule(row: DictRow) -> LabelRule:
    return LabelRule(
        row["id"],
        row["label"],
        row["kind"],
        row["value"],
        row["at"],
        row["applied_at"],
        row["ended_at"],
    )


def _event(by: Principal, row: DictRow | None, change: str) -> Event:
    assert row is not None  # noqa: S101 - a statement that returns
    detail = {"change": change, "label": row["label"], "kind": row["kind"], "value": row["value"]}
    return Event(
        EventKind.LABEL_RULE_CHANGED, by.actor, subject=f"label-rule:{row['id']}", detail=detail
    )


_ALL: Final = (
    "select * from chart.label_rule order by ended_at desc nulls first, label, kind, value"
)
_ADD: Final = (
    "insert into chart.label_rule (id, label, kind, value, tokens, actor)"
    " values (%s, %s, %s, %s, %s, %s) returning *"
)
_END: Final = (
    "update chart.label_rule set ended_at = clock_timestamp(), ended_by = %(by)s,"
    " applied_at = null where id = %(id)s and ended_at is null returning *"
)
_TAKE: Final = "update chart.label_due set taken = true where patient = any (%s) returning patient"
_TAKEN: Final = "delete from chart.label_due where patient = any (%s) and taken returning patient"
_BATCH: Final = (
    "select patient from chart.patient where patient > %s and not destroyed"
    " order by patient limit %s"
)
_APPLIED: Final = (
    "update chart.label_rule set applied_at = clock_timestamp() where id = %(id)s"
    " and applied_at is null and ended_at is not distinct from %(ended_at)s returning id"
)
