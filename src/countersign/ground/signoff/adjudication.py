"""Where two decide differently a case goes to a named senior, with a time limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, LicenceKind, People, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import Sealed, Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.words import Words

from .errors import AlreadyAdjudicated, BadOutcome, NotYourCase, UnknownCase
from .facts import FactsOf
from .rules import SENIOR, Rules

CAUSES: dict[str, Words] = {
    "high-risk-rejected": Words("A draft of high risk was rejected", "高风险草稿被否决"),
    "second-declined": Words("The second signer declined", "第二签署人不予签署"),
    "accepted-after-rejection": Words(
        "One rejected what another accepted later", "一人否决，另一人其后接受"
    ),
}
OUTCOMES: dict[str, Words] = {
    "rejection-stands": Words("The rejection was right", "否决正确"),
    "acceptance-stands": Words("The draft was right", "草稿正确"),
    "neither": Words("Neither: something else is right", "两者均不成立：应另作处理"),
}
ROOTS: dict[str, Words] = {
    "model-wrong": Words("The model was wrong", "模型有误"),
    "data-missing": Words("Data were missing or old", "数据缺失或过时"),
    "guideline-unclear": Words("The guideline is unclear", "指南表述不清"),
    "judgement": Words("A matter of judgement", "属临床判断差异"),
    "communication": Words("A misunderstanding", "沟通误解"),
}
LEAST, LONGEST = 10, 4000
REMEMBERED = timedelta(days=90)
"""How far back a rejection on the same topic counts; our own starting point."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """What will be opened together with the signature that causes it."""

    cause: str
    draft_id: str
    counter_id: str | None
    patient: str
    first: str
    second: str | None
    senior: str | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands. ``reasoning`` is the senior's, empty until it is decided;
    ``senior`` is None where nobody could be named."""

    id: str
    cause: str
    draft_id: str
    counter_id: str | None
    patient: str
    first: str
    second: str | None
    senior: str | None
    step: str
    due_at: datetime | None
    overdue: bool
    opened_at: datetime
    outcome: str | None
    root: str | None
    reasoning: str
    decided_at: datetime | None


class Adjudication:
    """Opens cases with the signature, names seniors, takes outcomes; never signs."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        people: People,
        rules: Rules,
        facts: FactsOf,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._people = people
        self._rules = rules
        self._facts = facts
        self._clock = clock
        self._new_id = new_id

    def dispute(
        self, principal: Principal, row: DictRow, *, rejects: bool, behalf: str | None = None
    ) -> Dispute | None:
        """The case that a decision about a draft (a row of ``signoff.state``) will cause;
        ``behalf`` is the colleague on leave for whom it is made.
        """
        first, counter = row["first_signer"], None
        if rejects and row["state"] == "countersignature":
            cause = "second-declined"
        elif rejects and row["risk"] == "high":
            cause, first = "high-risk-rejected", principal.id
        elif not rejects and (earlier := self._rejected(principal, row)):
            cause, first, counter = "accepted-after-rejection", earlier[0], earlier[1]
        else:
            return None
        second = None if first == principal.id else principal.id
        patient = row["patient"]
        sides = {first, second or first} | ({behalf} if behalf else set[str]())
        senior = self._senior(patient, sides | self._behalves(row["id"], counter))
        due = self._clock() + timedelta(hours=self._rules.hours())
        return Dispute(cause, row["id"], counter, patient, first, second, senior, due)

    def open(self, unit: Unit, dispute: Dispute) -> None:
        """Writes the case in the transaction of the signature (as SIGNER)."""
        case_id = self._new_id()
        made = unit.connection.execute(
            "insert into signoff.adjudication"
            " (id, draft_id, counter_id, patient, cause, first_id, second_id)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing returning id",
            (
                case_id,
                dispute.draft_id,
                dispute.counter_id,
                dispute.patient,
                dispute.cause,
                dispute.first,
                dispute.second,
            ),
        ).fetchone()
        if made is None:
            return
        unit.connection.execute(
            "insert into signoff.adjudication_step (case_id, number, kind, senior_id, due_at)"
            " values (%s, 1, 'named', %s, %s)",
            (case_id, dispute.senior, dispute.due_at),
        )
        unit.record(
            Event(
                kind=EventKind.CASE_OPENED,
                actor="system:adjudication",
                patient=dispute.patient,
                subject=f"draft:{dispute.draft_id}",
                detail={
                    "cause": dispute.cause,
                    "senior": dispute.senior or "nobody",
                    "case": case_id,
                },
            )
        )

    def mine(self, principal: Principal) -> list[Case]:
        """The cases in which a person is named or is one of the two; undecided ones first."""
        rows = self._pool.rows(_CASES, {"person": principal.id, "id": None})
        return [self._read(row) for row in rows]

    def waiting(self, principal: Principal) -> int:
        """How many cases wait for this person's outcome."""
        rows = self._pool.rows(
            "select count(*) as n from signoff.adjudication_state"
            " where step <> 'decided' and senior_id = %s",
            (principal.id,),
        )
        return int(rows[0]["n"])

    def one(self, principal: Principal, case_id: str) -> Case:
        """One of a person's own cases. Raises UnknownCase."""
        rows = self._pool.rows(_CASES, {"person": principal.id, "id": case_id})
        if not rows:
            raise UnknownCase
        return self._read(rows[0])

    def all(self, principal: Principal) -> list[Case]:
        """Every case without what was reasoned, for the quality office; overdue ones first."""
        self._policy.require(principal, Action.SAFETY_READ, Facts.house("safety"))
        return [_case(row, "") for row in self._pool.rows(_CASES, {"person": None, "id": None})]

    def decide(
        self, principal: Principal, case_id: str, outcome: str, root: str, reasoning: str
    ) -> None:
        """The senior's outcome, which both sides see. It signs nothing.

        Raises UnknownCase, NotYourCase, AlreadyAdjudicated, BadOutcome, Forbidden.
        """
        case = self.one(principal, case_id)
        if case.outcome is not None:
            raise AlreadyAdjudicated
        if case.senior != principal.id:
            raise NotYourCase
        self._policy.require(principal, Action.DRAFT_READ, self._facts(case.patient, None))
        reasoning = reasoning.strip()
        if outcome not in OUTCOMES or root not in ROOTS:
            raise BadOutcome(problem="Choose an outcome and a cause.")
        if not LEAST <= len(reasoning) <= LONGEST:
            raise BadOutcome(problem="Give your reasoning in at least ten characters.")
        box = self._vault.seal(case.patient, reasoning.encode(), f"case/{case_id}")
        self._step(
            principal,
            case,
            EventKind.CASE_DECIDED,
            {"outcome": outcome, "root": root, "case": case_id},
            ("decided", principal.id, None, outcome, root, box.suite, box.key_id, box.box),
        )

    def escalate(self, principal: Principal) -> int:
        """Gives every overdue case to another senior; returns how many."""
        self._policy.require(principal, Action.DRAFT_EXPIRE, Facts.house())
        rows = self._pool.rows("select * from signoff.adjudication_state where overdue limit 100")
        for row in rows:
            case = _case(row, "")
            sides = {case.first, case.second or case.first}
            sides |= self._behalves(case.draft_id, case.counter_id)
            other = self._senior(case.patient, sides | ({case.senior} if case.senior else set()))
            senior = other or case.senior
            due = self._clock() + timedelta(hours=self._rules.hours())
            self._step(
                principal,
                case,
                EventKind.CASE_ESCALATED,
                {"senior": senior or "nobody", "case": case.id},
                ("escalated", senior, due, None, None, None, None, None),
            )
        return len(rows)

    def _step(
        self,
        principal: Principal,
        case: Case,
        kind: EventKind,
        detail: dict[str, str | int | bool],
        values: tuple[object, ...],
    ) -> None:
        try:
            with self._ledger.unit(self._pool) as unit:
                unit.connection.execute(
                    "insert into signoff.adjudication_step (case_id, number, kind, senior_id,"
                    " due_at, outcome, root, suite, key_id, box)"
                    " select %s, max(number) + 1, %s, %s, %s, %s, %s, %s, %s, %s"
                    " from signoff.adjudication_step where case_id = %s",
                    (case.id, *values, case.id),
                )
                subject = f"draft:{case.draft_id}"
                unit.record(Event(kind, principal.actor, case.patient, subject, detail=detail))
        except psycopg.DatabaseError as problem:
            if problem.sqlstate not in ("23505", "CSS03", "CSS04"):
                raise
            raise AlreadyAdjudicated from problem

    def _rejected(self, principal: Principal, row: DictRow) -> tuple[str, str] | None:
        """Who else rejected a draft on this topic lately, and which."""
        rows = self._pool.rows(
            "select s.signer_id, d.id from signoff.draft d join signoff.signature s"
            " on s.draft_id = d.id and s.decision = 'rejected'"
            " where d.patient = %(patient)s and d.room = %(room)s and d.topic = %(topic)s"
            " and d.id <> %(id)s and s.signer_id <> %(person)s and s.signed_at > %(since)s"
            " order by s.signed_at desc limit 1",
            {
                "patient": row["patient"],
                "room": row["room"],
                "topic": row["topic"],
                "id": row["id"],
                "person": principal.id,
                "since": self._clock() - REMEMBERED,
            },
        )
        return (rows[0]["signer_id"], rows[0]["id"]) if rows else None

    def _behalves(self, *drafts: str | None) -> set[str]:
        """In whose place these drafts were decided: they are sides of the case as well."""
        rows = self._pool.rows(
            "select on_behalf_of from signoff.signature"
            " where draft_id = any (%s) and on_behalf_of is not null",
            ([one for one in drafts if one],),
        )
        return {row["on_behalf_of"] for row in rows}

    def _senior(self, patient: str, excluded: set[str]) -> str | None:
        """The one whom a department's rule names, else the senior with the fewest cases."""
        departments = sorted(self._facts(patient, None).departments)
        named = [self._rules.value(SENIOR, code) or "" for code in departments]
        free = [
            one
            for one in self._people.seniors(departments)
            if one not in excluded and self._licensed(one)
        ]
        for person in named:
            if person in free:
                return person
        rows = self._pool.rows(
            "select senior_id, count(*) as n from signoff.adjudication_state"
            " where step <> 'decided' and senior_id = any (%s) group by senior_id",
            (free,),
        )
        busy = {row["senior_id"]: row["n"] for row in rows}
        return min(free, key=lambda one: (busy.get(one, 0), one), default=None)

    def _licensed(self, person: str) -> bool:
        kinds = {one.kind for one in self._people.licences_today(person)}
        return LicenceKind.SENIOR_PHYSICIAN in kinds

    def _read(self, row: DictRow) -> Case:
        reasoning = ""
        if row["step"] == "decided":
            box = Sealed(row["suite"], row["key_id"], row["box"])
            reasoning = self._vault.open(row["patient"], box, f"case/{row['id']}").decode()
        return _case(row, reasoning)


def _case(row: DictRow, reasoning: str) -> Case:
    return Case(
        id=row["id"],
        cause=row["cause"],
        draft_id=row["draft_id"],
        counter_id=row["counter_id"],
        patient=row["patient"],
        first=row["first_id"],
        second=row["second_id"],
        senior=row["senior_id"],
        step=row["step"],
        due_at=row["due_at"],
        overdue=bool(row["overdue"]),
        opened_at=row["opened_at"],
        outcome=row["outcome"],
        root=row["root"],
        reasoning=reasoning,
        decided_at=row["step_at"] if row["step"] == "decided" else None,
    )


_CASES: Final = """
select * from signoff.adjudication_state
where (%(person)s::text is null or %(person)s in (first_id, second_id, senior_id))
  and (%(id)s::text is null or id = %(id)s)
order by step = 'decided', overdue desc, due_at nulls last, step_at desc, id
limit 500
"""
