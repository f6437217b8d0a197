"""What awaits a decision, what expired unseen, what was decided: lists for the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.rows import DictRow

from countersign.ground.identity import ADMITTED, Action, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Receipt
from countersign.ground.models import Switch
from countersign.kit.json import digest, encode
from countersign.kit.words import Words

from .draft import DraftHead
from .facts import FactsOf, draft_facts
from .impressions import Impressions
from .rows import Rows, head

VIEWS: dict[str, tuple[str, ...]] = {
    "waiting": ("open", "countersignature"),
    "expired": ("expired", "superseded"),
    "rejected": ("rejected",),
    "signed": ("signed", "released"),
}
"""The lists of the inbox and the states that each holds."""

WITHHELD = Words("Your own impression comes first", "请先记录您自己的判断")
"""Stands in place of a title that would give the answer away."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list; ``blind`` while the reader's own impression must come first."""

    head: DraftHead
    title: Words
    state: str
    decided_at: datetime | None
    reason_code: str | None
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list with the receipt of having shown it; ``total`` counts all pages."""

    items: tuple[Listed, ...]
    total: int
    receipt: Receipt | None


class Waiting:
    """Lists drafts for a person; a list is shown only after its receipt is durable."""

    def __init__(
        self,
        rows: Rows,
        ledger: Ledger,
        policy: Policy,
        switch: Switch,
        facts: FactsOf,
        impressions: Impressions,
    ) -> None:
        self._rows = rows
        self._ledger = ledger
        self._policy = policy
        self._switch = switch
        self._facts = facts
        self._impressions = impressions

    def listing(
        self,
        principal: Principal,
        view: str = "waiting",
        *,
        urgency: str | None = None,
        kind: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Listing:
        """One page of a view, urgent first, then the longest waiting.

        While AI is stopped the waiting list is empty. Raises LedgerUnavailable.
        """
        if view == "waiting" and self._switch.state().stopped:
            return Listing((), 0, None)
        rows = self._rows.pool.rows(
            _QUERY,
            {
                "states": list(VIEWS[view]),
                **self._policy.visibility(principal).parameters(),
                "urgency": urgency,
                "kind": kind,
            },
        )
        allowed = [row for row in rows if self._allowed(principal, row)]
        shown = allowed[offset : offset + limit]
        if not shown:
            return Listing((), len(allowed), None)
        receipt = self._record(principal, view, shown)
        due = self._impressions.due(principal, shown)
        items = tuple(self._listed(row, blind=row["id"] in due) for row in shown)
        return Listing(items, len(allowed), receipt)

    def count(self, principal: Principal) -> int:
        """How many drafts await a decision of someone in this person's departments."""
        if self._switch.state().stopped:
            return 0
        rows = self._rows.pool.rows(_COUNT, self._policy.visibility(principal).parameters())
        return int(rows[0]["n"])

    def _allowed(self, principal: Principal, row: DictRow) -> bool:
        facts = draft_facts(self._facts, row)
        return self._policy.decide(principal, Action.DRAFT_READ, facts).allowed

    def _record(self, principal: Principal, view: str, rows: list[DictRow]) -> Receipt:
        shown = encode([f"{row['id']} {row['sha256']}" for row in rows])
        return self._ledger.record(
            Event(
                kind=EventKind.DRAFTS_LISTED,
                actor=principal.actor,
                commits={"drafts": digest(shown).hex()},
                detail={"view": view, "count": len(rows)},
            )
        )

    def _listed(self, row: DictRow, *, blind: bool) -> Listed:
        if blind:
            return Listed(head(row), WITHHELD, row["state"], None, None, blind=True)
        draft = self._rows.draft(row["id"])
        return Listed(
            head(row), draft.body.title, row["state"], row["decided_at"], row["reason_code"]
        )


_SEEN: Final = "d.patient in (select patient from chart.patient where " + ADMITTED + ")"

_COUNT: Final = (
    "select count(*) as n from signoff.state d"
    " where d.state in ('open', 'countersignature') and " + _SEEN
)

_QUERY: Final = (
    "select d.* from signoff.state d where d.state = any (%(states)s) and "
    + _SEEN
    + """
  and (%(urgency)s::text is null or d.urgency = %(urgency)s)
  and (%(kind)s::text is null or d.kind = %(kind)s)
order by array_position(array['critical', 'urgent', 'soon', 'routine'], d.urgency),
         case when d.state in ('open', 'countersignature') then d.proposed_at end,
         d.decided_at desc nulls last, d.id
limit 2000
"""
)
