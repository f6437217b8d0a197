"""Alerts on an order: shown only with a receipt, answered once, and counted by rule without names.

The physician writes the order; what warns about it is a model's and is treated as a draft is:
it is recorded before it is shown, and she accepts or overrides it with a coded reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Receipt, Unit
from countersign.ground.vault import Sealed, Vault
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId
from countersign.kit.json import JSON, decode, digest, encode

from .errors import AlreadyAnswered, BadAnswer, UnknownCheck, translated
from .facts import FactsOf
from .reasons import REASONS

Outcome = Literal["kept", "changed", "withdrawn"]
OUTCOMES: tuple[Outcome, ...] = ("kept", "changed", "withdrawn")
LONGEST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert of a check: the rule and how it spoke (``interrupt``, ``inform``, ``silent``)."""

    rule: str
    level: str


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """A check as it was shown. ``content`` belongs to the room; ``alerts`` are (id, Raised)."""

    id: str
    patient: str
    person: str
    model: str
    content: JSON
    alerts: tuple[tuple[str, Raised], ...]
    at: datetime
    outcome: Outcome | None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class RuleUse:
    """What became of the alerts of one rule; ``reasons`` count the coded reasons of overrides,
    ``elsewhere`` those of the shown that stood as cards in other systems.
    """

    rule: str
    shown: int
    accepted: int
    overridden: int
    reasons: tuple[tuple[str, int], ...]
    elsewhere: int = 0


class Alerts:
    """``pool`` logs in as DbRole.ROOM and sees the whole house; the policy is asked here."""

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        facts: FactsOf,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._pool = pool
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._facts = facts
        self._clock = clock
        self._new_id = new_id

    def allow(self, principal: Principal, patient: str) -> None:
        """Raises Forbidden where this person may not write an order for this patient, or the
        patient refuses that AI takes part.
        """
        self._policy.require(principal, Action.ORDER_CHECK, self._facts(patient, frozenset()))

    def show(
        self,
        principal: Principal,
        patient: str,
        model: str,
        pack: str,
        raised: Sequence[Raised],
        content: JSON,
    ) -> OrderCheck:
        """Records a check and its alerts; only what this returns may be shown.

        ``model`` is ``name@version``, ``pack`` the version of the rules with the pharmacy's
        changes. Raises Forbidden, AIStopped, ModelRecalled, LedgerUnavailable.
        """
        self.allow(principal, patient)
        check_id, now = self._new_id(), self._clock()
        alerts = [(self._new_id(), one) for one in raised]
        named = [{"id": key, "rule": one.rule, "level": one.level} for key, one in alerts]
        raw = encode({"content": content, "alerts": named})
        box = self._vault.seal(patient, raw, f"order-check/{check_id}")
        try:
            with self._ledger.unit(self._pool) as unit:
                unit.connection.execute(
                    "insert into signoff.order_check (id, patient, person_id, model, suite, key_id,"
                    " box, at) values (%s, %s, %s, %s, %s, %s, %s, %s)",
                    (check_id, patient, principal.id, model, box.suite, box.key_id, box.box, now),
                )
                _count(unit, alerts, pack, now)
                unit.record(_checked(principal, check_id, patient, model, raw, raised))
        except psycopg.errors.DatabaseError as problem:
            raise translated(problem) from problem
        return replace(self.one(principal, patient, check_id), receipt=unit.receipts[0])

    def one(self, principal: Principal, patient: str, check_id: str) -> OrderCheck:
        """One's own check. Raises UnknownCheck, Forbidden."""
        self.allow(principal, patient)
        rows = self._pool.rows(
            "select c.*, a.outcome from signoff.order_check c"
            " left join signoff.order_answer a on a.check_id = c.id"
            " where c.id = %s and c.patient = %s and c.person_id = %s",
            (check_id, patient, principal.id),
        )
        if not rows:
            raise UnknownCheck
        return self._opened(rows[0])

    def of_draft(
        self, principal: Principal, patient: str, draft: str, made: str
    ) -> list[OrderCheck]:
        """The check from which an order was written (``made``), whoever asked for it, and this
        person's own checks of it at the moment of signing, the oldest first. The latter name the
        draft in their content (``draft``). Raises Forbidden.
        """
        self.allow(principal, patient)
        asked = {"patient": patient, "made": made, "draft": draft, "person": principal.id}
        found = [self._opened(row) for row in self._pool.rows(_OF_DRAFT, asked)]
        return [one for one in found if one.id == made or one.content.get("draft") == draft]

    def answer(
        self,
        principal: Principal,
        patient: str,
        check_id: str,
        outcome: str,
        reasons: Mapping[str, str],
        comment: str = "",
    ) -> None:
        """Keeps what the physician does with the order, once.

        ``kept`` overrides every alert that interrupts, each with a reason of ``REASONS`` by the
        alert's id; ``changed`` and ``withdrawn`` accept them. Raises UnknownCheck, BadAnswer,
        AlreadyAnswered, Forbidden, LedgerUnavailable.
        """
        found = self.one(principal, patient, check_id)
        given = [(key, *_said(key, one, outcome, reasons)) for key, one in found.alerts]
        if outcome not in OUTCOMES or len(comment) > LONGEST_COMMENT:
            raise BadAnswer(problem="Choose what becomes of the order.")
        box = self._vault.seal(patient, comment.strip().encode(), f"order-answer/{check_id}")
        try:
            with self._ledger.unit(self._pool) as unit:
                unit.connection.execute(
                    "insert into signoff.order_answer (check_id, outcome, suite, key_id, box,"
                    " actor) values (%s, %s, %s, %s, %s, %s)",
                    (check_id, outcome, box.suite, box.key_id, box.box, principal.actor),
                )
                with unit.connection.cursor() as cursor:
                    cursor.executemany(
                        "insert into signoff.alert_answer (alert_id, answer, reason)"
                        " values (%s, %s, %s)",
                        [one for one in given if one[1]],
                    )
                unit.record(_answered(principal, found, outcome, given))
        except psycopg.errors.UniqueViolation:
            raise AlreadyAnswered from None

    def uses(self, principal: Principal) -> list[RuleUse]:
        """Every rule that was ever shown, with counts and no names. Raises Forbidden."""
        self._policy.require(principal, Action.PHARMACY_READ, Facts.house("pharmacy"))
        counts = self._pool.rows(_USES)
        reasons: dict[str, list[tuple[str, int]]] = {}
        for row in self._pool.rows(_REASONS):
            reasons.setdefault(row["rule"], []).append((row["reason"], row["count"]))
        return [
            RuleUse(
                row["rule"],
                row["shown"],
                row["accepted"],
                row["overridden"],
                tuple(reasons.get(row["rule"], ())),
                row["elsewhere"],
            )
            for row in counts
        ]

    def _opened(self, row: DictRow) -> OrderCheck:
        box = Sealed(row["suite"], row["key_id"], row["box"])
        held = decode(self._vault.open(row["patient"], box, f"order-check/{row['id']}"))
        alerts = tuple((one["id"], Raised(one["rule"], one["level"])) for one in held["alerts"])
        return OrderCheck(
            row["id"],
            row["patient"],
            row["person_id"],
            row["model"],
            held["content"],
            alerts,
            row["at"],
            row["outcome"],
        )


def _said(key: str, one: Raised, outcome: str, reasons: Mapping[str, str]) -> tuple[str, str]:
    """What the outcome says of one alert; nothing where nobody was asked."""
    if one.level == "silent":
        return "", ""
    if outcome != "kept":
        return "accepted", ""
    reason = reasons.get(key, "")
    if one.level == "interrupt" and reason not in REASONS:
        raise BadAnswer(problem="Give a reason for each alert that interrupts.")
    if reason and reason not in REASONS:
        raise BadAnswer(problem="Choose a reason from the list.")
    return ("overridden", reason) if reason else ("", "")


def _count(unit: Unit, alerts: Sequence[tuple[str, Raised]], pack: str, now: datetime) -> None:
    with unit.connection.cursor() as cursor:
        cursor.executemany(
            "insert into signoff.alert (id, rule, pack, level, day) values (%s, %s, %s, %s, %s)",
            # By id and not in their order, so that no row tells by its place what it belongs to.
            sorted((key, one.rule, pack, one.level, now.date()) for key, one in alerts),
        )


def _checked(
    principal: Principal,
    check_id: str,
    patient: str,
    model: str,
    raw: bytes,
    raised: Sequence[Raised],
) -> Event:
    return Event(
        EventKind.ORDER_CHECKED,
        principal.actor,
        patient=patient,
        subject=f"order-check:{check_id}",
        model=model,
        commits={"shown": digest(raw).hex()},
        detail={
            "interrupting": sum(one.level == "interrupt" for one in raised),
            "informing": sum(one.level == "inform" for one in raised),
        },
    )


def _answered(
    principal: Principal, found: OrderCheck, outcome: str, given: Sequence[tuple[str, str, str]]
) -> Event:
    return Event(
        EventKind.ALERTS_ANSWERED,
        principal.actor,
        patient=found.patient,
        subject=f"order-check:{found.id}",
        model=found.model,
        commits={"answers": digest(encode([list(one) for one in given])).hex()},
        detail={
            "outcome": outcome,
            "overridden": sum(answer == "overridden" for _, answer, _ in given),
        },
    )


_OF_DRAFT = """
select c.*, a.outcome from signoff.order_check c
left join signoff.order_answer a on a.check_id = c.id
where c.patient = %(patient)s and (c.id = %(made)s or (c.person_id = %(person)s
    and c.at >= (select proposed_at from signoff.draft where id = %(draft)s)))
order by c.at, c.id
"""
_USES = """
select a.rule, count(*) filter (where a.level <> 'silent') as shown,
       count(*) filter (where w.answer = 'accepted') as accepted,
       count(*) filter (where w.answer = 'overridden') as overridden,
       count(*) filter (where a.elsewhere and a.level <> 'silent') as elsewhere
from signoff.alert a left join signoff.alert_answer w on w.alert_id = a.id
group by a.rule order by a.rule
"""
_REASONS = """
select a.rule, w.reason, count(*) as count
from signoff.alert_answer w join signoff.alert a on a.id = w.alert_id
where w.reason <> '' group by a.rule, w.reason order by a.rule, count(*) desc, w.reason
"""
