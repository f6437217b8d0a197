"""How long a physician read before deciding, against what reading it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import Unit
from countersign.kit.words import Words

from .draft import Body, Draft
from .rules import Rules

ENGLISH = 23.8
"""Characters a second of silent reading: 238 words a minute of English non-fiction, at six
characters for a word and its space. Brysbaert M. How many words do we read per minute? A
review and meta-analysis of reading rate. J Mem Lang 2019;109:104047."""

CHINESE = 8.0
"""Characters a second; our own starting point, to be reviewed by the hospital."""

QUICK = 1 / 3
"""A decision is quick when it took less than this part of the reading time; our own starting
point, to be reviewed by the hospital."""

STREAK = 25
"""Acceptances without a change in a row from which a streak is shown; our own starting point."""


@dataclass(frozen=True, slots=True)
class Read:
    """One decision: who, where, of which model, what, how long it was read (seconds)."""

    draft_id: str
    person: str
    departments: tuple[str, ...]
    model: str
    decision: str
    seconds: float
    expected_seconds: float
    at: datetime

    @property
    def quick(self) -> bool:
        """Whether it took less than a third of the time that reading takes."""
        return self.decision != "rejected" and self.seconds < QUICK * self.expected_seconds


class Vigilance:
    """Keeps reading times with the signature; the database measures them itself."""

    def __init__(self, pool: Pool, policy: Policy, rules: Rules) -> None:
        self._pool = pool
        self._policy = policy
        self._rules = rules

    def keep(self, unit: Unit, row: Mapping[str, object]) -> None:
        """Writes a reading time in the transaction of the signature (as SIGNER)."""
        unit.connection.execute(_KEEP, row)

    def decisions(self, principal: Principal, since: datetime) -> list[Read]:
        """Every decision since a moment, the oldest first, for the quality office."""
        self._policy.require(principal, Action.SAFETY_READ, Facts.house("safety"))
        return [_read(row) for row in self._pool.rows(_SINCE, {"since": since, "person": None})]

    def agreements(self, principal: Principal, since: datetime) -> list[tuple[str, str, str]]:
        """Kind of draft, model and agreement of every impression since a moment."""
        self._policy.require(principal, Action.SAFETY_READ, Facts.house("safety"))
        rows = self._pool.rows(
            "select d.room || '.' || d.kind as kind,"
            " d.model_name || '@' || d.model_version as model,"
            " coalesce(i.agreement, i.kind) as agreement"
            " from signoff.impression i join signoff.draft d on d.id = i.draft_id"
            " where i.at >= %s order by i.at",
            (since,),
        )
        return [(row["kind"], row["model"], row["agreement"]) for row in rows]

    def notice(self, principal: Principal, draft_id: str) -> Read | None:
        """A person's own decision about a draft, if it was quick and notices are wanted."""
        rows = self._pool.rows(
            "select * from signoff.vigilance where draft_id = %s and person_id = %s"
            " order by at desc limit 1",
            (draft_id, principal.id),
        )
        if not rows or not _read(rows[0]).quick:
            return None
        return _read(rows[0]) if self._rules.wants_notices(principal.id) else None


def expected_seconds(text: Words | tuple[str, str]) -> float:
    """How long silent reading takes, in seconds; of two languages the shorter time."""
    if isinstance(text, Words):
        return min(len(text.en) / ENGLISH, len(text.zh) / CHINESE)
    language, own = text
    return len(own) / (CHINESE if language == "zh" else ENGLISH)


def kept(
    signature_id: str,
    draft: Draft[Body],
    facts: Facts,
    person: str,
    decision: str,
    amended: tuple[str, str] | None,
) -> dict[str, object]:
    """The row of one decision, without the time that the database measures."""
    return {
        "signature": signature_id,
        "draft": draft.head.id,
        "patient": draft.head.patient,
        "person": person,
        "departments": sorted(facts.departments),
        "model": draft.head.model,
        "decision": decision,
        "expected": expected_seconds(amended or draft.body.text),
    }


def _read(row: DictRow) -> Read:
    return Read(
        draft_id=row["draft_id"],
        person=row["person_id"],
        departments=tuple(row["departments"]),
        model=row["model"],
        decision=row["decision"],
        seconds=row["seconds"],
        expected_seconds=row["expected_seconds"],
        at=row["at"],
    )


_KEEP: Final = (
    "insert into signoff.vigilance (signature_id, draft_id, patient, person_id, departments,"
    " model, decision, seconds, expected_seconds)"
    " values (%(signature)s, %(draft)s, %(patient)s, %(person)s, %(departments)s, %(model)s,"
    " %(decision)s, 0, %(expected)s)"
)
_SINCE: Final = (
    "select * from signoff.vigilance where at >= %(since)s"
    " and (%(person)s::text is null or person_id = %(person)s) order by at, signature_id"
)
