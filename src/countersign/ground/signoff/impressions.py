"""Blind first: for a sampled share of drafts the physician's own impression comes before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import psycopg
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.ground.identity import Action, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.ground.vault import Sealed, Vault

from .draft import Urgency
from .errors import BadImpression, SeenAlready
from .facts import FactsOf, draft_facts
from .rows import Rows
from .rules import Rules

Agreement = Literal["agree", "partly", "disagree"]
_ORDER = [str(one) for one in Urgency]
LEAST, LONGEST = 5, 4000


@dataclass(frozen=True, slots=True)
class Impression:
    """What one physician thought before the draft was shown, or why it was shown at once."""

    person: str
    kind: Literal["recorded", "shown-at-once"]
    urgency: Urgency | None
    agreement: Agreement | None
    words: str
    at: datetime


class Impressions:
    """Decides which drafts ask for an impression, and keeps what was recorded.

    The sample depends on the draft's identifier and the vault's secret alone: nobody can
    choose it, and everybody gets the same answer. The share is the one that was in force
    when the draft was proposed. Critical drafts are never held back.
    """

    def __init__(
        self,
        pool: Pool,
        rows: Rows,
        ledger: Ledger,
        vault: Vault,
        policy: Policy,
        rules: Rules,
        facts: FactsOf,
    ) -> None:
        self._pool = pool
        self._rows = rows
        self._ledger = ledger
        self._vault = vault
        self._policy = policy
        self._rules = rules
        self._facts = facts

    def sampled(self, rows: Sequence[DictRow]) -> list[DictRow]:
        """Which drafts (rows of ``signoff.state``) ask for an impression at all."""
        able = [
            row
            for row in rows
            if row["state"] == "open" and row["urgency"] != "critical" and not row["corrects"]
        ]
        history = self._rules.share_history() if able else {}
        return [row for row in able if self._drawn(row, history)]

    def due(self, principal: Principal, rows: Sequence[DictRow]) -> frozenset[str]:
        """The drafts before which this person must record an impression.

        Asked of those who could decide it; who only reads it is shown it at once.
        """
        asked = [
            row["id"]
            for row in self.sampled(rows)
            if self._policy.decide(
                principal, Action.DRAFT_DECIDE, draft_facts(self._facts, row)
            ).allowed
        ]
        if not asked:
            return frozenset()
        done = self._pool.rows(
            "select draft_id from signoff.impression where person_id = %s and draft_id = any (%s)",
            (principal.id, asked),
        )
        return frozenset(asked) - {row["draft_id"] for row in done}

    def _drawn(self, row: DictRow, history: Mapping[str, Sequence[tuple[datetime, int]]]) -> bool:
        shares = history.get(f"{row['room']}.{row['kind']}", ())
        in_force = [share for at, share in shares if at <= row["proposed_at"]]
        share = in_force[-1] if in_force else 0
        return share > 0 and self._vault.blind("draft.blind-first", row["id"]) % 100 < share

    def record(self, principal: Principal, draft_id: str, urgency: str, words: str) -> None:
        """Keeps the own impression. Raises BadImpression, SeenAlready, Forbidden."""
        row = self._required(principal, draft_id)
        words = words.strip()
        if urgency not in _ORDER:
            raise BadImpression(problem="Say how soon somebody should act.")
        if not LEAST <= len(words) <= LONGEST:
            raise BadImpression(problem="Write what you think in at least five characters.")
        agreement = compared(row["urgency"], urgency)
        self._write(principal, row, "recorded", urgency, agreement, words)

    def show_at_once(self, principal: Principal, draft_id: str, reason: str) -> None:
        """The way round in an emergency; the reason is recorded."""
        row = self._required(principal, draft_id)
        reason = reason.strip()
        if not LEAST <= len(reason) <= LONGEST:
            raise BadImpression(problem="Say in at least five characters why it cannot wait.")
        self._write(principal, row, "shown-at-once", None, None, reason)

    def of_draft(self, draft_id: str) -> list[Impression]:
        """Everybody's impressions of a draft, the first one first."""
        rows = self._pool.rows(
            "select i.*, d.patient from signoff.impression i join signoff.draft d"
            " on d.id = i.draft_id where i.draft_id = %s order by i.at",
            (draft_id,),
        )
        return [self._read(row) for row in rows]

    def _required(self, principal: Principal, draft_id: str) -> DictRow:
        row = self._rows.state(draft_id)
        self._policy.require(principal, Action.DRAFT_DECIDE, draft_facts(self._facts, row))
        return row

    def _read(self, row: DictRow) -> Impression:
        box = Sealed(row["suite"], row["key_id"], row["box"])
        context = f"impression/{row['draft_id']}/{row['person_id']}"
        return Impression(
            row["person_id"],
            row["kind"],
            Urgency(row["urgency"]) if row["urgency"] else None,
            row["agreement"],
            self._vault.open(row["patient"], box, context).decode(),
            row["at"],
        )

    def _write(
        self,
        principal: Principal,
        row: DictRow,
        kind: str,
        urgency: str | None,
        agreement: Agreement | None,
        words: str,
    ) -> None:
        context = f"impression/{row['id']}/{principal.id}"
        box = self._vault.seal(row["patient"], words.encode(), context)
        try:
            with self._ledger.unit(self._pool) as unit:
                unit.connection.execute(
                    "insert into signoff.impression"
                    " (draft_id, person_id, kind, urgency, agreement, suite, key_id, box)"
                    " values (%s, %s, %s, %s, %s, %s, %s, %s)",
                    (
                        row["id"],
                        principal.id,
                        kind,
                        urgency,
                        agreement,
                        box.suite,
                        box.key_id,
                        box.box,
                    ),
                )
                unit.record(_event(principal, row, kind))
        except psycopg.DatabaseError as problem:
            if problem.sqlstate not in ("23505", "CSS02"):
                raise
            raise SeenAlready from problem


def compared(drafted: str, own: str) -> Agreement:
    """How far the own urgency lies from the draft's: the same, next to it, or further off."""
    apart = abs(_ORDER.index(drafted) - _ORDER.index(own))
    return "agree" if apart == 0 else "partly" if apart == 1 else "disagree"


def _event(principal: Principal, row: DictRow, kind: str) -> Event:
    recorded = kind == "recorded"
    return Event(
        kind=EventKind.IMPRESSION_RECORDED if recorded else EventKind.SHOWN_AT_ONCE,
        actor=principal.actor,
        patient=row["patient"],
        subject=f"draft:{row['id']}",
        model=row["model"],
    )
