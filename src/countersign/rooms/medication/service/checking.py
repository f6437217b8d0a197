"""Checks orders against charts, keeps the rules in force, and reads how they are followed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast

from countersign.ground.chart import Chart
from countersign.ground.identity import Principal
from countersign.ground.signoff import OrderCheck, Raised, RuleVersion, Signoff, Warned
from countersign.kit.clock import Clock
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.medication.domain import (
    Alert,
    BadRule,
    Change,
    Checked,
    Order,
    Pack,
    Rule,
    Tried,
    Use,
    changed,
    check,
    ordered,
    read,
    read_rule,
    tried,
    unheeded,
)
from countersign.rooms.medication.inference import MODEL, shipped

from .content import Looked, Told, charted, content_of, still
from .writing import proposal, whole

LONGEST_RULE = 8000
WORKER = Principal.system("worker")


class NothingOrdered(CountersignError):
    code = "medication.nothing_ordered"
    status = 422
    message = "Write which drug is ordered, in English or Chinese, by substance or brand."


class NotAnswered(CountersignError):
    code = "medication.not_answered"
    status = 409
    message = (
        "Alerts that interrupt are answered first: keep the order with a reason for each, or "
        "change it and have the new one checked."
    )


class OrderIncomplete(CountersignError):
    code = "medication.order_incomplete"
    status = 422
    message = (
        "An order needs its dose and its frequency before it is written; on the skin, in eye, ear "
        "or nose, and inhaled, the frequency alone. Fill them in and have it checked again."
    )


class WrittenAlready(CountersignError):
    code = "medication.written_already"
    status = 409
    message = "This order was written already. It waits in the inbox, or was decided there."


class UnknownRule(CountersignError):
    code = "medication.unknown_rule"
    status = 404
    message = "There is no such rule. Choose one from the list of rules."


@dataclass(frozen=True, slots=True)
class OrderAlert:
    """One alert on the order at ``place`` among the drafts of another system.

    ``references`` name chart resources, with version, that it rests on; ``warned`` is what is
    counted of it, nothing where no rule speaks; ``about`` are the ordered drugs that it speaks of.
    """

    place: int
    rule: str
    interrupts: bool
    title: Words
    says: Words
    instead: Words
    cite: str
    published: str
    references: tuple[str, ...]
    warned: Warned | None = None
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule with its examples tried, its use, its versions, and how loud it shipped."""

    rule: Rule
    shipped: str | None
    trials: tuple[Tried, ...]
    use: Use
    versions: tuple[RuleVersion, ...]


class Medication:
    """The use cases of the room; safe to share among threads."""

    def __init__(self, chart: Chart, signoff: Signoff, clock: Clock) -> None:
        self._chart = chart
        self._signoff = signoff
        self._clock = clock
        self._held: tuple[int, Pack] | None = None
        self._lock = Lock()

    def pack(self) -> Pack:
        """The shipped rules with the pharmacy's newest versions, read again only when changed."""
        newest = self._signoff.pharmacy.newest()
        with self._lock:
            if self._held is not None and self._held[0] == newest:
                return self._held[1]
        made = changed(
            shipped(),
            [
                Change(one.number, one.rule, one.level, one.content)
                for one in self._signoff.pharmacy.in_force()
            ],
        )
        with self._lock:
            self._held = (newest, made)
        return made

    def check(self, principal: Principal, patient: str, order: Order, told: Told) -> OrderCheck:
        """Checks an order and records it; only what is returned may be shown.

        Raises NothingOrdered, Forbidden, AIStopped, LedgerUnavailable.
        """
        if not order.text.strip():
            raise NothingOrdered
        self._signoff.alerts.allow(principal, patient)
        looked = self.look(principal, patient, order, told)
        raised = [Raised(one.rule.id, str(one.rule.level)) for one in looked.every]
        return self._signoff.alerts.show(
            principal, patient, MODEL.label, looked.version, raised, content_of(looked)
        )

    def look(
        self, principal: Principal, patient: str, order: Order, told: Told, then: Told | None = None
    ) -> Looked:
        """What the rules say of an order beside the chart as it is now; nothing is recorded and
        nothing may be shown yet.

        ``then`` is what the chart alone said when that was told. Raises Forbidden, NotFound, and
        what the chart raises where it cannot be read.
        """
        rules = self.pack()
        chart = self._chart.reader(principal).open(patient)
        facts = read(
            ((one.resource, one.versioned) for one in chart.versions), rules, self._clock()
        )
        now = charted(facts)
        said = told if then is None else still(told, then, now)
        facts = facts.told(said.pregnant, said.lactating, said.weight)
        found = check(order, facts, rules)
        return Looked(order, said, now, facts, found, rules.version)

    def write(self, principal: Principal, patient: str, check: str) -> str:
        """Proposes the order of one's own check as a draft and returns its id; what is signed
        becomes a MedicationRequest.

        Raises UnknownCheck, NotAnswered, OrderIncomplete, WrittenAlready, Forbidden, AIStopped,
        BadProposal, LedgerUnavailable.
        """
        found = self._signoff.alerts.one(principal, patient, check)
        loud = any(one.level == "interrupt" for _, one in found.alerts)
        if found.content.get("draft"):
            raise WrittenAlready  # a check at the moment of signing: its order is that draft
        if found.outcome not in (None, "kept") or (loud and found.outcome is None):
            raise NotAnswered
        if not whole(found.content["order"]):
            raise OrderIncomplete
        chart = self._chart.reader(principal).open(patient)
        made = self._signoff.proposals.propose(
            WORKER,
            proposal(chart, principal, check, found.content, self._clock()),
            asked_by=principal,
        )
        if made is None:
            raise WrittenAlready
        return made

    def alerts_for(
        self, resources: Iterable[tuple[JSON, str]], orders: Sequence[JSON]
    ) -> tuple[OrderAlert, ...]:
        """What the rules say of draft MedicationRequests beside a chart.

        The other drafts count as taken. Nothing is recorded and nothing may be shown yet.
        """
        rules, chart = self.pack(), list(resources)
        found: list[OrderAlert] = []
        for place, one in enumerate(orders):
            others = [
                ({**other, "status": "active"}, f"draft-{number}")
                for number, other in enumerate(orders)
                if number != place
            ]
            facts = read([*chart, *others], rules, self._clock())
            checked = check(ordered(one), facts, rules)
            found += [_for_doors(alert, place, rules.version) for alert in checked.alerts]
            if checked.unknown:
                found.append(_unknown(checked, place))
        return tuple(found)

    def rule(self, principal: Principal, rule: str) -> RulePage:
        """Raises UnknownRule, Forbidden."""
        rules = self.pack()
        uses = {one.rule: one for one in self.uses(principal)}
        if rule not in rules.rules:
            raise UnknownRule
        found = rules.rules[rule]
        base = shipped().rules.get(rule)
        return RulePage(
            found,
            str(base.level) if base else None,
            tried(found, rules),
            uses.get(rule, Use(rule, 0, 0, 0)),
            tuple(self._signoff.pharmacy.history(rule)),
        )

    def set_level(self, principal: Principal, rule: str, level: str, reason: str) -> None:
        """A new version of a rule with another level, after its own examples were tried.

        Raises UnknownRule, BadRule, Forbidden.
        """
        rules = self.pack()
        if rule not in rules.rules:
            raise UnknownRule
        found = rules.rules[rule]
        if not all(one.right for one in tried(found, rules)):
            raise BadRule(problem=_WRONG)
        content = found.raw if found.local else None
        self._signoff.pharmacy.change(principal, rule, level, reason, content)

    def try_local(self, text: str) -> tuple[Rule, tuple[Tried, ...]]:
        """A local rule as it would be, and what its own examples come to. Raises BadRule."""
        rules = self.pack()
        found = read_rule(_row(text), rules.classes, rules.sources)
        if found.id in shipped().rules:
            raise BadRule(
                problem=Words(f"{found.id} ships with the software", f"{found.id} 为系统自带规则")
            )
        return found, tried(found, rules)

    def add_local(self, principal: Principal, text: str, reason: str) -> str:
        """Puts a local rule in force, or a new version of one; returns its id.

        Raises BadRule where one of its own examples comes out wrong; Forbidden.
        """
        found, trials = self.try_local(text)
        if not all(one.right for one in trials):
            raise BadRule(problem=_WRONG)
        self._signoff.pharmacy.change(principal, found.id, str(found.level), reason, found.raw)
        return found.id

    def uses(self, principal: Principal) -> list[Use]:
        """What became of every rule's alerts. Raises Forbidden."""
        return [
            Use(one.rule, one.shown, one.accepted, one.overridden, one.reasons, one.elsewhere)
            for one in self._signoff.alerts.uses(principal)
        ]

    def for_committee(self, principal: Principal) -> tuple[list[Use], list[Use]]:
        """The rules that nobody follows, and all that were ever shown, the loudest first."""
        uses = [one for one in self.uses(principal) if one.shown]
        return unheeded(uses), sorted(uses, key=lambda one: (-one.shown, one.rule))

    def judge(self, principal: Principal, rule: str, decision: str, reason: str) -> None:
        """Records the committee's decision with the counts of now. Raises UnknownRule, BadRule."""
        found = {one.rule: one for one in self.uses(principal)}.get(rule)
        if found is None:
            raise UnknownRule
        counts = (found.answered, found.overridden)
        self._signoff.pharmacy.judge(principal, rule, decision, reason, counts)


_WRONG = Words("one of its own examples comes out wrong", "其自带示例的结果与预期不符")


def _row(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_RULE:
        raise BadRule(problem=Words("it is too long", "内容过长"))
    try:
        read_in = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        said = str(problem)[:120]
        raise BadRule(problem=Words(f"it cannot be read ({said})", f"无法读取（{said}）")) from None
    rows: Any = read_in.get("rule", [read_in])
    row: Any = cast("list[Any]", rows)[0] if isinstance(rows, list) and rows else None
    if not isinstance(row, dict):
        raise BadRule(problem=Words("there is no rule in it", "其中没有规则"))
    return cast("dict[str, Any]", row)


def _for_doors(one: Alert, place: int, version: str) -> OrderAlert:
    rule = one.rule
    warned = Warned(rule.id, str(rule.level), version)
    return OrderAlert(
        place, rule.id, one.interrupts, rule.title, rule.says, rule.instead, rule.source.cite,
        rule.source.published, one.references, warned, one.about,
    )  # fmt: skip


def _unknown(found: Checked, place: int) -> OrderAlert:
    words = ", ".join(found.unknown)
    return OrderAlert(
        place,
        "unknown-drug",
        False,
        Words("Not checked: unknown drug", "未审查：药物无法识别"),
        Words(f"No table knows “{words}”.", f"名称表中没有“{words}”。"),
        Words("Check it by hand, or write the substance.", "请人工核对，或写明成分。"),
        shipped().sources["own"].cite,
        shipped().sources["own"].published,
        (),
        about=found.unknown,
    )
