"""The pharmacy's versions of the rules of medication safety, and its committee's decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.json import digest, encode

from .errors import BadRule

Verdict = Literal["keep", "soften", "switch-off", "rewrite"]
VERDICTS: tuple[Verdict, ...] = ("keep", "soften", "switch-off", "rewrite")
LEVELS = ("interrupt", "inform", "silent", "off")
LEAST_REASON, LONGEST_REASON = 5, 500


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of one rule: its level, and the whole rule where it is a local one."""

    number: int
    rule: str
    level: str
    content: Mapping[str, Any] | None
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What the committee decided about a rule, with the counts that lay before it."""

    rule: str
    decision: Verdict
    reason: str
    answered: int
    overridden: int
    actor: str
    at: datetime


class Pharmacy:
    """Append-only: the newest version of a rule is in force. ``pool`` logs in as DbRole.ROOM."""

    def __init__(self, pool: Pool, ledger: Ledger, policy: Policy) -> None:
        self._pool = pool
        self._ledger = ledger
        self._policy = policy

    def newest(self) -> int:
        """The number of the newest version of any rule; 0 while nothing was changed."""
        return self._pool.rows("select coalesce(max(id), 0) as id from signoff.medication_rule")[0][
            "id"
        ]

    def in_force(self) -> list[RuleVersion]:
        """The newest version of every rule that was ever changed, for the checks themselves."""
        rows = self._pool.rows(
            "select distinct on (rule) id as number, rule, level, content, reason, actor, at"
            " from signoff.medication_rule order by rule, id desc"
        )
        return [RuleVersion(**row) for row in rows]

    def history(self, rule: str) -> list[RuleVersion]:
        """Every version of one rule, the newest first."""
        rows = self._pool.rows(
            "select id as number, rule, level, content, reason, actor, at"
            " from signoff.medication_rule where rule = %s order by id desc",
            (rule,),
        )
        return [RuleVersion(**row) for row in rows]

    def change(
        self,
        principal: Principal,
        rule: str,
        level: str,
        reason: str,
        content: Mapping[str, Any] | None = None,
    ) -> None:
        """Puts a new version in force; the room tried it before. Raises Forbidden, BadRule."""
        self._allow(principal)
        reason = _reason(reason)
        if level not in LEVELS:
            raise BadRule(problem="Choose how loud the rule speaks.")
        held = encode(dict(content)).decode() if content is not None else None
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into signoff.medication_rule (rule, level, content, reason, actor)"
                " values (%s, %s, %s, %s, %s)",
                (rule, level, held, reason, principal.actor),
            )
            unit.record(
                Event(
                    EventKind.MEDICATION_RULE_CHANGED,
                    principal.actor,
                    subject=f"rule:{rule}",
                    commits={
                        "content": digest((held or "").encode()).hex(),
                        "reason": digest(reason.encode()).hex(),
                    },
                    detail={"level": level, "local": content is not None},
                )
            )

    def judge(
        self,
        principal: Principal,
        rule: str,
        decision: str,
        reason: str,
        counts: tuple[int, int],
    ) -> None:
        """Records what the committee decided; ``counts`` are answered and overridden.

        Raises Forbidden, BadRule. It changes no rule: that is a version of its own.
        """
        self._allow(principal)
        reason = _reason(reason)
        if decision not in VERDICTS:
            raise BadRule(problem="Choose what the committee decided.")
        with self._ledger.unit(self._pool) as unit:
            unit.connection.execute(
                "insert into signoff.medication_verdict (rule, decision, reason, answered,"
                " overridden, actor) values (%s, %s, %s, %s, %s, %s)",
                (rule, decision, reason, *counts, principal.actor),
            )
            unit.record(
                Event(
                    EventKind.MEDICATION_RULE_JUDGED,
                    principal.actor,
                    subject=f"rule:{rule}",
                    commits={"reason": digest(reason.encode()).hex()},
                    detail={
                        "decision": decision,
                        "answered": counts[0],
                        "overridden": counts[1],
                    },
                )
            )

    def verdicts(self) -> list[Judged]:
        """Every decision of the committee, the newest first."""
        rows = self._pool.rows(
            "select rule, decision, reason, answered, overridden, actor, at"
            " from signoff.medication_verdict order by id desc"
        )
        return [Judged(**row) for row in rows]

    def _allow(self, principal: Principal) -> None:
        self._policy.require(principal, Action.PHARMACY_CHANGE, Facts.house("pharmacy"))


def _reason(text: str) -> str:
    given = text.strip()
    if not LEAST_REASON <= len(given) <= LONGEST_REASON:
        raise BadRule(problem="Give a reason of 5 to 500 characters.")
    return given
