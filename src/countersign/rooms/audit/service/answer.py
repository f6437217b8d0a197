"""Explains one decision: who asked with which rights, which rules decided, what else would have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial

from countersign.ground.chart import NotFound
from countersign.ground.identity import (
    Change,
    Decision,
    Facts,
    Policy,
    PolicyBroken,
    Principal,
    Purpose,
    Rule,
    Standing,
    changes,
)
from countersign.ground.ledger import Event, EventKind, EventQuery, Receipt, Recorded
from countersign.ground.shell import Floor
from countersign.kit.json import digest, encode
from countersign.kit.words import Words

from .question import Question, question_of
from .reasons import Directory, Reason, reasons
from .searching import one

Problem = str
"""Why something cannot be said, or is said with a caution: one of the template's sentences."""

_BESIDE = frozenset({"scope-lacks"})
"""Reasons that stand outside the policies' files, so that nothing is computed again."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One decision in full. Departments are told, and that a label or a refusal is there; which
    label it is, and everything clinical, is not.

    ``rules`` decided it, each with its sentence and, where it is one of the files, the rule as
    it was then. ``then`` is computed again from what was true then; ``today`` is the same
    request by today's policies; ``now`` the same person's request at this moment. Each is None
    where it cannot be said. ``policy`` is the digest of then, ``changed`` whether today's differ;
    ``known`` are the names of departments and colleagues.
    """

    question: Question
    name: str
    standing: Standing | None
    facts: Facts
    since: datetime | None
    known: Directory
    reasons: tuple[Reason, ...]
    rules: tuple[tuple[str, Words, Rule | None], ...]
    then: Decision | None
    changes: tuple[Change, ...]
    today: Decision | None
    now: Decision | None
    policy: str
    changed: bool
    problems: tuple[Problem, ...]
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts as of a moment, since when they were so, and what cannot be said of them."""

    facts: Facts
    since: datetime | None = None
    problems: tuple[Problem, ...] = ()


class Answers:
    """Every explanation is recorded, under the name of who asked, before it is shown."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._formerly = lru_cache(4)(partial(floor.standings.formerly, floor.policy))

    def of_event(self, by: Principal, index: int) -> Explained:
        """Why a recorded step was allowed or refused. Raises NotInLedger, NotADecision."""
        event = one(self._floor.ledger, index)
        question = question_of(event)
        policy, known, problems = self._policies(event)
        return self._explained(by, question, policy, known, problems, f"event:{index}")

    def of_question(self, by: Principal, question: Question) -> Explained:
        """Whether it would be allowed at this moment, and why; ``question.allowed`` is ignored."""
        policy = self._floor.policy
        return self._explained(by, question, policy, policy.digest, (), None)

    def _explained(
        self,
        by: Principal,
        question: Question,
        policy: Policy | None,
        known: str,
        problems: tuple[Problem, ...],
        subject: str | None,
    ) -> Explained:
        told = self._facts(question)
        standing = self._standing(question, policy, told.facts)
        then = self._decide(policy, standing, question, told.facts)
        if subject is None and then is not None:
            question = replace(question, allowed=then.allowed, rules=then.reasons)
        if standing is None:
            problems += ("nobody",)
        elif then is not None and _differs(question, then):
            problems += ("differs",)
        decided = question.rules or (then.reasons if then else ())
        agreed = then is not None and then.allowed == question.allowed
        today = self._decide(self._floor.policy, standing, question, told.facts)
        known_by = directory(self._floor, [standing] if standing else [])
        receipt = self._record(by, question, subject, decided)
        return Explained(
            question,
            self._name(question, standing),
            standing,
            told.facts,
            told.since,
            known_by,
            reasons(standing, told.facts, known_by) if standing else (),
            tuple(self._rule(reason, policy) for reason in decided),
            then,
            changes(policy, standing.principal, question.action, told.facts, question.at)
            if policy and standing and agreed
            else (),
            today if subject else None,
            self._now(question) if subject else None,
            known,
            known != self._floor.policy.digest,
            (*problems, *told.problems),
            receipt,
        )

    def _policies(self, event: Recorded) -> tuple[Policy | None, str, tuple[Problem, ...]]:
        """The policies in force at an event, and their digest."""
        asked = EventQuery(kinds=(EventKind.POLICY_CHANGED,), before=event.index, limit=1)
        found = self._floor.ledger.events(asked).events
        known = found[0].commits.get("policies", "") if found else ""
        try:
            return self._formerly(known), known, ()
        except PolicyBroken:
            return None, known, ("policies",)

    def _facts(self, question: Question) -> _Facts:
        if question.patient is None:
            return _Facts(Facts(question.kind, None))
        try:
            placed = self._floor.chart.then(question.patient, question.at)
        except NotFound:
            return _Facts(Facts(question.kind, question.patient), problems=("unknown",))
        facts = replace(placed.facts, kind=question.kind)
        problems: tuple[Problem, ...] = () if placed.since else ("facts",)
        if question.draft:
            about = self._floor.signoff.reading.about(question.draft)
            kind, labels = about or (question.kind, None)
            rests = placed.labels if labels is None else labels
            facts = replace(facts, kind=kind, sensitivity=facts.sensitivity | rests)
        elif question.resource:
            own = self._floor.chart.own_labels(*question.resource)
            facts = replace(facts, sensitivity=facts.sensitivity | own)
        elif not question.allowed and question.kind not in ("chart", "Patient"):
            problems += ("resource",)
        return _Facts(facts, placed.since, problems)

    def _standing(self, question: Question, policy: Policy | None, facts: Facts) -> Standing | None:
        """Who asked, with the rights of then; the purpose as recorded, or the one that fits."""
        kind, who = question.actor.partition(":")[::2]
        if kind == "system":
            return Standing(Principal.system(who))
        if kind == "client":
            return self._floor.standings.client(who, question.at)
        held = list(self._floor.standings.person(who, question.at))
        if question.app:
            narrowed = self._floor.standings.apps(held, question.at)
            held = [
                each for each in narrowed
                if each.principal.app and each.principal.app.id == question.app
            ]  # fmt: skip
        if question.purpose is not None:
            held = [_with_purpose(each, question.purpose) for each in held[:1]]
        fits = (
            each for each in held
            if (found := self._decide(policy, each, question, facts))
            and found.allowed == question.allowed
        )  # fmt: skip
        return next(fits, next(iter(held), None))

    def _decide(
        self, policy: Policy | None, standing: Standing | None, question: Question, facts: Facts
    ) -> Decision | None:
        if policy is None or standing is None or _BESIDE.intersection(question.rules or ()):
            return None
        return policy.decide(standing.principal, question.action, facts)

    def _now(self, question: Question) -> Decision | None:
        """The same request of the same person or system, as everything stands now."""
        present = replace(question, at=self._floor.clock(), rules=None, allowed=True)
        facts = self._facts(present).facts
        standing = self._standing(present, self._floor.policy, facts)
        return self._decide(self._floor.policy, standing, present, facts)

    def _rule(self, reason: str, policy: Policy | None) -> tuple[str, Words, Rule | None]:
        for each in (policy, self._floor.policy):
            if each is not None:
                try:
                    return reason, each.words(reason), each.rule(reason)
                except KeyError:
                    continue
        return reason, Words(reason, reason), None

    def _name(self, question: Question, standing: Standing | None) -> str:
        if standing is not None:
            return standing.principal.name
        return self._floor.people.names([question.who]).get(question.who, question.who)

    def _record(
        self, by: Principal, question: Question, subject: str | None, decided: tuple[str, ...]
    ) -> Receipt:
        asked = {
            "actor": question.actor,
            "action": str(question.action),
            "kind": question.kind,
            "patient": question.patient,
        }
        return self._floor.ledger.record(
            Event(
                EventKind.DECISION_EXPLAINED,
                by.actor,
                recordable(question.patient),
                subject or "question",
                commits={"asked": digest(encode(asked)).hex()},
                detail={
                    "action": str(question.action),
                    "allowed": question.allowed,
                    "rules": ",".join(decided)[:250] or "none",
                    "of": recordable(question.actor) or "?",
                },
            )
        )


def directory(floor: Floor, standings: Iterable[Standing]) -> Directory:
    """The names that the reasons of these people may use."""
    people = {
        name
        for each in standings
        for tie in each.ties
        for name in (tie.by, tie.what if tie.kind == "stands-for" else None)
        if name
    }
    places = {each.code: each.name for each in floor.people.departments()}
    return Directory(floor.people.names(people) if people else {}, places)


def _with_purpose(standing: Standing, purpose: Purpose) -> Standing:
    return replace(standing, principal=replace(standing.principal, purpose=purpose))


def _differs(question: Question, then: Decision) -> bool:
    """Whether what is computed again is not what was recorded."""
    if then.allowed != question.allowed:
        return True
    return question.rules is not None and set(then.reasons) != set(question.rules)


def recordable(text: str | None) -> str | None:
    """Whatever somebody typed may be asked about; the ledger prints what can be printed."""
    if text is None or (0 < len(text) <= 128 and text.isprintable()):
        return text
    return "sha256:" + digest(text.encode("utf-8", "replace")).hex()
