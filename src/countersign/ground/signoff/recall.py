"""Recalls a model, a prompt, a rule pack or a guideline version: what it touched is reviewed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, People, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import HOUSE, Sealed, Vault
from countersign.kit.ids import NewId
from countersign.kit.json import digest

from .errors import AlreadyRecalled, NothingToRecall, UnknownRecall, WhyRecall

LEAST_REASON, LONGEST_REASON = 10, 4000
_NODE = re.compile(r"(model|document):\S.{0,255}")
_QUALITY = Facts.house("safety")


@dataclass(frozen=True, slots=True)
class Scope:
    """How much a node touched: distinct patients, drafts, signatures, releases, versions."""

    node: str
    patients: int
    drafts: int
    signatures: int
    releases: int
    versions: int


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall and how far its review has come; ``reason`` is what its starter wrote."""

    id: str
    scope: Scope
    actor: str
    reason: str
    started_at: datetime
    tasks: int
    answered: int
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Touched:
    """One line of what a recall reaches."""

    node: str
    patient: str


class Recalls:
    """Starts and shows recalls. ``pool`` logs in as STEWARD, which neither signs nor releases."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        people: People,
        new_id: NewId,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._people = people
        self._new_id = new_id

    def choices(self) -> list[str]:
        """What may be recalled and is not: every registered version, every cited document."""
        rows = self._pool.rows(
            "select node from (select 'model:' || name || '@' || version as node"
            " from models.version union select target from signoff.edge"
            " where target like 'document:%%') as known"
            " where not models.is_recalled(node) order by node",
            (),
        )
        return [row["node"] for row in rows]

    def preview(self, principal: Principal, node: str) -> Scope:
        """How much a recall would reach. Raises Forbidden, NothingToRecall."""
        self._policy.require(principal, Action.SAFETY_READ, _QUALITY)
        _check(node)
        return _scope(node, reach(self._pool, node))

    def start(self, principal: Principal, node: str, reason: str) -> str:
        """Recalls a node and opens a task for each signer; returns the recall's id.

        From then on nothing that rests on the node is proposed or signed. Raises Forbidden,
        WhyRecall, NothingToRecall, AlreadyRecalled, LedgerUnavailable; then nothing changed.
        """
        self._policy.require(principal, Action.SAFETY_CHANGE, _QUALITY)
        reason = reason.strip()
        if not LEAST_REASON <= len(reason) <= LONGEST_REASON:
            raise WhyRecall(least=LEAST_REASON)
        _check(node)
        if node not in self.choices():
            known = self._pool.rows("select models.is_recalled(%s) as yes", (node,))[0]["yes"]
            raise AlreadyRecalled if known else NothingToRecall
        return self._begin(principal, node, reason)

    def withdrawn(self, principal: Principal, facts: Facts, node: str, reason: str) -> str:
        """Recalls a version of a document because the library withdrew it; returns the id.

        Whoever may curate the document (``facts``) may do so, and also where nothing cites it
        yet: no draft that is being written will. Raises as ``start``.
        """
        self._policy.require(principal, Action.DOCUMENT_CURATE, facts)
        if not node.startswith("document:"):
            raise NothingToRecall
        _check(node)
        return self._begin(principal, node, reason.strip())

    def _begin(self, principal: Principal, node: str, reason: str) -> str:
        recall_id = self._new_id()
        box = self._vault.seal(HOUSE, reason.encode(), f"recall/{recall_id}")
        try:
            with self._ledger.unit(self._pool) as unit:
                # Whoever proposes or signs holds this lock until the end of the transaction.
                unit.connection.execute("select pg_advisory_xact_lock(73114)")
                unit.connection.execute(
                    "insert into models.recalled (node, recall_id, actor, at)"
                    " values (%s, %s, %s, now())",
                    (node, recall_id, principal.actor),
                )
                scope, touched = self._reach(unit.connection, recall_id, node)
                _insert(unit.connection, recall_id, scope, principal.actor, box)
                unit.record(_started(principal, recall_id, scope, reason, touched))
                tasks = self._open_tasks(unit.connection, recall_id)
                if tasks == 0:
                    close(unit.connection, recall_id)
                    unit.record(closed(principal, recall_id))
        except psycopg.errors.UniqueViolation:
            raise AlreadyRecalled from None
        return recall_id

    def all(self, principal: Principal) -> list[Recall]:
        """Every recall, the newest first."""
        self._policy.require(principal, Action.SAFETY_READ, _QUALITY)
        return [self._read(row) for row in self._pool.rows(_RECALLS, {"id": None})]

    def one(self, principal: Principal, recall_id: str) -> Recall:
        """Raises Forbidden, UnknownRecall."""
        self._policy.require(principal, Action.SAFETY_READ, _QUALITY)
        rows = self._pool.rows(_RECALLS, {"id": recall_id})
        if not rows:
            raise UnknownRecall
        return self._read(rows[0])

    def touched(
        self, principal: Principal, recall_id: str, kind: str, limit: int, offset: int
    ) -> list[Touched]:
        """A page of what it reaches of one kind: draft, signature, release or version."""
        self._policy.require(principal, Action.SAFETY_READ, _QUALITY)
        rows = self._pool.rows(
            "select node, patient from signoff.recall_touched where recall_id = %(id)s"
            " and starts_with(node, %(kind)s) order by node limit %(limit)s offset %(offset)s",
            {"id": recall_id, "kind": f"{kind}:", "limit": limit, "offset": offset},
        )
        return [Touched(row["node"], row["patient"]) for row in rows]

    def progress(self, principal: Principal, recall_id: str) -> list[tuple[str, int, int]]:
        """From each assignee to how many tasks they have and how many they answered."""
        self._policy.require(principal, Action.SAFETY_READ, _QUALITY)
        rows = self._pool.rows(
            "select k.assignee, count(*) as tasks, count(a.task_id) as answered"
            " from signoff.recall_task k left join signoff.recall_answer a on a.task_id = k.id"
            " where k.recall_id = %s group by k.assignee order by k.assignee",
            (recall_id,),
        )
        return [(row["assignee"], row["tasks"], row["answered"]) for row in rows]

    def _reach(
        self, connection: Connection[DictRow], recall_id: str, node: str
    ) -> tuple[Scope, str]:
        """Writes down what the node touched; also the digest that the ledger commits to."""
        connection.execute("set local work_mem = '128MB'")
        connection.execute(_REACH, {"node": node, "recall": recall_id})
        row = connection.execute(_SUMMARY, (recall_id,)).fetchone()
        return _scope(node, row or {}), (row or {})["digest"].hex()

    def _open_tasks(self, connection: Connection[DictRow], recall_id: str) -> int:
        """A task goes to the signer; one who has left is replaced by a senior colleague."""
        rows = connection.execute(_SIGNATURES, (recall_id,)).fetchall()
        heirs: dict[str, str] = {}
        for row in rows:
            if row["left_at"] is not None and row["signer_id"] not in heirs:
                heirs[row["signer_id"]] = self._heir(row)
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into signoff.recall_task"
                " (id, recall_id, signature_id, draft_id, patient, assignee, opened_at)"
                " values (%s, %s, %s, %s, %s, %s, now())",
                [
                    (
                        self._new_id(),
                        recall_id,
                        row["id"],
                        row["draft_id"],
                        row["patient"],
                        heirs.get(row["signer_id"], row["signer_id"]),
                    )
                    for row in rows
                ],
            )
        return len(rows)

    def _heir(self, row: DictRow) -> str:
        seniors = self._people.seniors(row["departments"])
        return next((one for one in seniors if one != row["signer_id"]), row["signer_id"])

    def _read(self, row: DictRow) -> Recall:
        box = Sealed(row["suite"], row["key_id"], row["box"])
        return Recall(
            id=row["id"],
            scope=_scope(row["node"], row),
            actor=row["actor"],
            reason=self._vault.open(HOUSE, box, f"recall/{row['id']}").decode(),
            started_at=row["started_at"],
            tasks=row["tasks"],
            answered=row["answered"],
            closed_at=row["closed_at"],
        )


def reach(pool: Pool, node: str) -> DictRow:
    """The counts of what rests on a node, however far."""
    with pool.transaction() as connection:
        # A wide recall walks hundreds of thousands of nodes; they stay in memory.
        connection.execute("set local work_mem = '128MB'")
        row = connection.execute(COUNTS, {"node": node}).fetchone()
    return row or {}


def close(connection: Connection[DictRow], recall_id: str) -> None:
    """Writes that every task is answered; the database refuses it while one is not."""
    connection.execute("insert into signoff.recall_closing (recall_id) values (%s)", (recall_id,))


def closed(principal: Principal, recall_id: str) -> Event:
    """What the ledger says of a recall that is over."""
    return Event(EventKind.RECALL_CLOSED, principal.actor, subject=f"recall:{recall_id}")


def _check(node: str) -> None:
    if not _NODE.fullmatch(node) or not node.isprintable():
        raise NothingToRecall


def _scope(node: str, row: DictRow) -> Scope:
    return Scope(
        node,
        row["patients"],
        row["drafts"],
        row["signatures"],
        row["releases"],
        row["versions"],
    )


def _insert(
    connection: Connection[DictRow], recall_id: str, scope: Scope, actor: str, box: Sealed
) -> None:
    connection.execute(
        "insert into signoff.recall (id, node, actor, suite, key_id, box, patients, drafts,"
        " signatures, releases, versions, started_at)"
        " values (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,now())",
        (
            recall_id,
            scope.node,
            actor,
            box.suite,
            box.key_id,
            box.box,
            scope.patients,
            scope.drafts,
            scope.signatures,
            scope.releases,
            scope.versions,
        ),
    )


def _started(
    principal: Principal, recall_id: str, scope: Scope, reason: str, touched: str
) -> Event:
    kind, _, name = scope.node.partition(":")
    return Event(
        kind=EventKind.RECALL_STARTED,
        actor=principal.actor,
        subject=f"recall:{recall_id}",
        model=name if kind == "model" else None,
        commits={
            "reason": digest(reason.encode()).hex(),
            "touched": touched,
            "node": digest(scope.node.encode()).hex(),
        },
        detail={
            "patients": scope.patients,
            "drafts": scope.drafts,
            "signatures": scope.signatures,
            "releases": scope.releases,
        },
    )


# offset 0 keeps the planner from reading the whole table once for each step of the walk.
REACHED: Final = """
with recursive reached (node, patient) as (
    select source, patient from signoff.edge where target = %(node)s
    union
    select e.source, e.patient from reached r cross join lateral (
        select source, patient from signoff.edge where target = r.node offset 0) e)
"""
_COUNT: Final = """
    count(*) filter (where node like 'draft:%%')::integer as drafts,
    count(*) filter (where node like 'signature:%%')::integer as signatures,
    count(*) filter (where node like 'release:%%')::integer as releases,
    count(*) filter (where node like 'version:%%')::integer as versions
"""
COUNTS: Final = (
    REACHED
    + "select "
    + _COUNT
    + ", (select count(*)::integer from (select distinct patient from reached) as one) as patients"
    + " from reached"
)
_REACH: Final = (
    REACHED
    + "insert into signoff.recall_touched (recall_id, node, patient)"
    + " select %(recall)s, node, patient from reached"
)
_SUMMARY: Final = (
    "select sha256(convert_to(coalesce(string_agg(node, E'\\n' order by node collate \"C\"), ''),"
    " 'UTF8')) as digest, count(distinct patient)::integer as patients,"
    + _COUNT
    + " from signoff.recall_touched where recall_id = %s"
)
_SIGNATURES: Final = """
select s.id, s.draft_id, s.patient, s.signer_id, p.left_at, c.departments
from signoff.recall_touched t
join signoff.signature s on 'signature:' || s.id = t.node
join identity.person p on p.id = s.signer_id
join chart.patient c on c.patient = s.patient
where t.recall_id = %s and s.decision <> 'rejected' order by s.id
"""
_RECALLS: Final = """
select r.*, k.tasks, k.answered, c.at as closed_at
from signoff.recall r
left join signoff.recall_closing c on c.recall_id = r.id
cross join lateral (
    select count(*) as tasks, count(a.task_id) as answered from signoff.recall_task t
    left join signoff.recall_answer a on a.task_id = t.id where t.recall_id = r.id) k
where %(id)s::text is null or r.id = %(id)s order by r.started_at desc, r.id
"""
