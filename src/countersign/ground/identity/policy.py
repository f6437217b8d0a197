"""Decides who may do what, by Cedar policies that are parsed once; default deny."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

from countersign.ground.db import Pool
from countersign.ground.ledger import Event, EventKind, Ledger, LedgerUnavailable
from countersign.kit.words import Words

from .action import Action
from .decision import Decision, decide_all, decision_of
from .engine import Entities, actions_within, ask, first_entities, with_added
from .entities import ASKED, each_role, facts_json, held, principal_json, uid
from .errors import Forbidden, PolicyBroken
from .principal import SENSITIVE, Facts, Principal
from .rules import (
    FOLDER,
    OTHER_REASONS,
    SCOPE_LACKS,
    Rule,
    RuleBook,
    kept,
    read,
    understood,
    written,
)
from .scopes import READING, readable
from .slices import Slices
from .visibility import Visibility, limits_of

_LISTS = frozenset({Action.PATIENTS_LIST, Action.CHART_READ, Action.FHIR_READ, Action.TEACHING_USE})


class Policy:
    """The decisions of one installation. Safe to share among threads."""

    def __init__(self, ledger: Ledger, folder: Path = FOLDER, book: RuleBook | None = None) -> None:
        """Raises PolicyBroken when the files of ``folder`` are not valid.

        ``book`` are rules that were read already, in place of the folder.
        """
        self._ledger = ledger
        self._book = book or read(folder)
        self._words = {**OTHER_REASONS, **{rule.id: rule.words for rule in self._book.rules}}
        self._base = first_entities(self._book.schema)
        self._slices = Slices(self._book.heads, actions_within(self._book.schema), each_role())
        self._asking = lru_cache(1024)(self._with_principal)
        # A decision depends on nothing but its arguments, so that it may be remembered.
        self._decide = lru_cache(16384)(self._evaluate)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule with its reason in both languages, for the page that shows the policy."""
        return self._book.rules

    @property
    def texts(self) -> Mapping[str, str]:
        """The Cedar files by name."""
        return self._book.texts

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the policies in force."""
        return self._book.digest

    def rule(self, reason: str) -> Rule | None:
        """The rule of one of a decision's reasons; None for a reason that is no rule."""
        return next((rule for rule in self.rules if rule.id == reason), None)

    def words(self, reason: str) -> Words:
        """The sentence of one of a decision's reasons. Raises KeyError for no such rule."""
        return self._words[reason]

    def decide(self, principal: Principal, action: Action, facts: Facts) -> Decision:
        """Whether ``principal`` may do ``action`` to what ``facts`` tell of, and by which rules."""
        return self._decide(principal, action, facts)

    def decide_all(
        self, asked: Sequence[tuple[Principal, Facts]], action: Action
    ) -> list[Decision]:
        """The same as ``decide`` for each, in their order, and quicker for many."""
        return decide_all(asked, action, self._slices, self._base)

    def formerly(self, pool: Pool, digest: str) -> Policy:
        """The policies of that digest, which were in force before; ``pool`` of DbRole.IDENTITY.

        Raises PolicyBroken when they were not kept, or this version understands them no more.
        """
        if digest == self.digest:
            return self
        rows = pool.rows("select text from identity.policy where digest = %s", (digest,))
        book = understood(kept(rows[0]["text"])) if rows else None
        if book is None or book.digest != digest:
            raise PolicyBroken(problem="the policies of that time were not kept")
        return Policy(self._ledger, book=book)

    def require(self, principal: Principal, action: Action, facts: Facts) -> None:
        """Raises Forbidden, after the denial was recorded, unless the action is allowed."""
        decision = self.decide(principal, action, facts)
        if decision.allowed:
            return
        self._refuse(principal, action, facts, decision)

    def require_scope(self, principal: Principal, way: str, kind: str) -> None:
        """Raises Forbidden, after the denial was recorded, unless a scope of another system or
        of an app names this way (a letter of ``cruds``) to use this type.
        """
        held = principal.app.scopes if principal.app else principal.scopes
        if not principal.outside or any(one.covers(kind, way) for one in readable(held)):
            return
        action = Action.FHIR_READ if way in READING else Action.FHIR_WRITE
        self._refuse(principal, action, Facts.house(kind), Decision(False, (SCOPE_LACKS,)))

    def _refuse(
        self, principal: Principal, action: Action, facts: Facts, decision: Decision
    ) -> NoReturn:
        event = _denied(principal, action, facts, decision)
        try:
            self._ledger.record(event)
        except LedgerUnavailable:
            self._ledger.record_soon(event)  # a denial stays a denial without the ledger
        raise Forbidden(action=str(action), rules=", ".join(decision.reasons))

    def visibility(
        self,
        principal: Principal,
        action: Action = Action.PATIENTS_LIST,
        kind: str = "Patient",
    ) -> Visibility:
        """The limits of a list of patients or records, found by asking the policy itself.

        ``action`` is one that reads records (patients_list, chart_read, fhir_read) or uses them
        for teaching; each draft of a list is to be decided by itself.
        """
        if action not in _LISTS:
            raise ValueError(f"{action} has no list")

        def allowed(facts: Facts) -> bool:
            return self.decide(principal, action, facts).allowed

        return limits_of(principal, kind, allowed)

    def hidden(self, principal: Principal, action: Action, facts: Facts) -> frozenset[str]:
        """The labels that close a resource of this patient to whoever may see the patient.

        Every one of ``SENSITIVE`` is tried by itself; what bears one of the answer is absent
        from the chart, from lists, counts and searches.
        """
        return frozenset(
            label
            for label in SENSITIVE
            if not self.decide(
                principal, action, replace(facts, sensitivity=facts.sensitivity | {label})
            ).allowed
        )

    def permitted_departments(self, principal: Principal) -> frozenset[str]:
        """The departments whose patients this principal may list."""
        return self.visibility(principal).departments

    def adopt(self, pool: Pool) -> bool:
        """Writes these policies down when they differ from the last; True when they do.

        ``pool`` is that of DbRole.IDENTITY. Called at the start, so that every change of
        the policies stands in the ledger.
        """
        with self._ledger.unit(pool) as unit:
            unit.connection.execute("select pg_advisory_xact_lock(73104)")
            last = unit.connection.execute(
                "select digest from identity.policy order by number desc limit 1"
            ).fetchone()
            if last is not None and last["digest"] == self.digest:
                return False
            unit.connection.execute(
                "insert into identity.policy (digest, text) values (%s, %s)",
                (self.digest, written(self.texts)),
            )
            unit.record(
                Event(
                    kind=EventKind.POLICY_CHANGED,
                    actor=Principal.system("installer").actor,
                    commits={"policies": self.digest},
                    detail={"rules": len(self.rules)},
                )
            )
        return True

    def _with_principal(self, principal: Principal) -> Entities:
        return with_added(self._base, principal_json(principal))

    def _evaluate(self, principal: Principal, action: Action, facts: Facts) -> Decision:
        entities = with_added(self._asking(principal), facts_json(principal, facts))
        asks = uid(principal)
        policies = self._slices.of(asks["type"], str(action), held(principal.roles))
        answer = ask(asks, str(action), ASKED, policies, entities)
        return decision_of(answer)


def _recordable(text: str | None) -> str | None:
    """What somebody asked for may be any text, also one that no ledger can print."""
    if text is None or (0 < len(text) <= 128 and text.isprintable()):
        return text
    return "sha256:" + sha256(text.encode("utf-8", "replace")).hexdigest()


def _denied(principal: Principal, action: Action, facts: Facts, decision: Decision) -> Event:
    return Event(
        kind=EventKind.ACCESS_DENIED,
        actor=principal.actor,
        patient=_recordable(facts.patient),
        detail={
            **principal.through,
            "action": str(action),
            "kind": _recordable(facts.kind) or "?",
            "purpose": str(principal.purpose),
            "rules": ",".join(decision.reasons),
        },
    )
