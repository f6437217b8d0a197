"""Labels that people set and remove, with a reason; they hold from the same moment everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import SENSITIVE, Action, BadValue, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import Sealed, Vault
from countersign.kit.ids import NewId

from . import _patients
from .errors import NotFound
from .facts import facts_of_many
from .labelling import relabel

SHORTEST_REASON, LONGEST_REASON = 5, 500

Choice = Literal["set", "removed"]
CHOICES: tuple[Choice, ...] = ("set", "removed")


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided last about a label of an entry; it stands above rules and senders."""

    choice: str
    actor: str
    at: datetime
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """One label of one entry: whether it holds, and where it comes from.

    ``whole`` is true of the Patient itself, whose labels close the whole chart. ``sent`` says
    that another system put it there, ``ruled`` that a rule of the hospital does.
    """

    type: str
    id: str
    label: str
    holds: bool
    sent: bool
    ruled: bool
    decided: Decided | None

    @property
    def whole(self) -> bool:
        return self.type == "Patient"


class Sensitivity:
    """Reads and decides about labels. ``pool`` is that of DbRole.RECEIVER, for the whole house."""

    def __init__(
        self, pool: Pool, ledger: Ledger, policy: Policy, vault: Vault, new_id: NewId
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy
        self._vault = vault
        self._new_id = new_id

    def of(self, principal: Principal, patient: str) -> list[Standing]:
        """Every label that holds or was decided about, the whole chart's first, of those entries
        that this person may see. Raises Forbidden.
        """
        with self._pool.reading() as connection:
            facts = self._required(connection, principal, patient)
            rows = connection.execute(_STANDING, {"patient": patient}).fetchall()
        return [
            self._standing(row)
            for row in rows
            if self._allowed(principal, facts, row["type"], row["sensitivity"])
        ]

    def decide(
        self,
        principal: Principal,
        patient: str,
        entry: tuple[str, str],
        label: str,
        choice: str,
        reason: str,
    ) -> bool:
        """Sets or removes a label of an entry (type and id); of the Patient, of the whole chart.

        False, and no trace, where it is so already. Raises Forbidden, NotFound, BadValue.
        """
        reason = _checked(label, choice, reason)
        decision = self._new_id()
        with self._ledger.unit(self._pool) as unit:
            facts = self._required(unit.connection, principal, patient)
            row = self._entry(unit.connection, principal, facts, entry)
            if (label in row["sensitivity"]) == (choice == "set"):
                return False
            box = self._vault.seal(patient, reason.encode(), f"label/{decision}")
            values = {
                "id": decision,
                "patient": patient,
                "type": entry[0],
                "resource": entry[1],
                "label": label,
                "decision": choice,
                "actor": principal.actor,
                "suite": box.suite,
                "key": box.key_id,
                "box": box.box,
            }
            unit.connection.execute(_DECIDE, values)
            relabel(unit.connection, self._vault, [patient], [entry])
            _patients.refresh(unit.connection, self._vault, [patient])
            unit.record(
                Event(
                    EventKind.LABEL_CHANGED,
                    principal.actor,
                    patient,
                    f"{entry[0]}/{entry[1]}",
                    detail={"label": label, "change": choice, "decision": decision},
                )
            )
        return True

    def _required(
        self, connection: Connection[DictRow], principal: Principal, patient: str
    ) -> Facts:
        """Who may not see a patient does not learn whether there is such a one."""
        facts = facts_of_many(connection, [patient]).get(patient) or Facts("chart", patient)
        self._policy.require(principal, Action.LABEL_CHANGE, facts)
        return facts

    def _entry(
        self,
        connection: Connection[DictRow],
        principal: Principal,
        facts: Facts,
        entry: tuple[str, str],
    ) -> DictRow:
        row = connection.execute(_ENTRY, (facts.patient, *entry)).fetchone()
        if row is None:
            raise NotFound(type=entry[0][:64])
        self._policy.require(
            principal, Action.LABEL_CHANGE, _closer(facts, entry[0], row["sensitivity"])
        )
        return row

    def _allowed(
        self, principal: Principal, facts: Facts, kind: str, labels: Sequence[str]
    ) -> bool:
        return self._policy.decide(
            principal, Action.LABEL_CHANGE, _closer(facts, kind, labels)
        ).allowed

    def _standing(self, row: DictRow) -> Standing:
        decided = None
        if row["decision"] is not None:
            sealed = Sealed(row["suite"], row["key_id"], row["box"])
            raw = self._vault.open(row["patient"], sealed, f"label/{row['decided']}")
            decided = Decided(row["decision"], row["actor"], row["at"], raw.decode())
        return Standing(
            row["type"], row["id"], row["label"], row["holds"], row["sent"], row["ruled"], decided
        )


def _closer(facts: Facts, kind: str, labels: Sequence[str]) -> Facts:
    """The facts of one entry, which its own labels may close."""
    return replace(facts, kind=kind, sensitivity=facts.sensitivity | frozenset(labels))


def _checked(label: str, choice: str, reason: str) -> str:
    reason = reason.strip()
    if label not in SENSITIVE:
        raise BadValue(field="label")
    if choice not in CHOICES:
        raise BadValue(field="change")
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise BadValue(field="reason")
    return reason


_ENTRY: Final = (
    "select sensitivity from chart.current"
    " where patient = %s and type = %s and id = %s and not deleted for update"
)
_DECIDE: Final = """
insert into chart.label_decision
    (id, patient, type, resource, label, decision, actor, suite, key_id, box)
values (%(id)s, %(patient)s, %(type)s, %(resource)s, %(label)s, %(decision)s, %(actor)s,
        %(suite)s, %(key)s, %(box)s)
"""
_STANDING: Final = """
with decided as (
    select distinct on (type, resource, label) *
    from chart.label_decision where patient = %(patient)s
    order by type, resource, label, number desc
), named as (
    select c.type, c.id, label from chart.current c, unnest(c.sensitivity) as label
    where c.patient = %(patient)s and not c.deleted
    union select type, resource, label from decided
)
select n.type, n.id, n.label, c.patient, c.sensitivity, n.label = any (c.sensitivity) as holds,
       coalesce(n.label = any (c.sent), false) as sent,
       coalesce(n.label = any (c.ruled), false) as ruled,
       d.id as decided, d.decision, d.actor, d.at, d.suite, d.key_id, d.box
from named n join chart.current c on c.type = n.type and c.id = n.id and not c.deleted
left join decided d on d.type = n.type and d.resource = n.id and d.label = n.label
where n.label = any (array['PSY', 'HIV', 'GDIS', 'EMP'])
order by n.type <> 'Patient', n.type, c.low desc nulls last, n.id, n.label limit 500
"""
