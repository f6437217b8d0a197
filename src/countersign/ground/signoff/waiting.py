"""What awaits a decision, what expired unseen, what was decided: lists for the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.rows import DictRow

from countersign.ground.db import WHOLE
from countersign.ground.identity import ADMITTED, Action, Policy, Principal
from countersign.ground.ledger import Entry, Event, EventKind, Ledger, Receipt, Returned
from countersign.ground.models import Switch
from countersign.kit.words import Words

from .draft import DraftHead
from .facts import FactsOf, draft_facts
from .impressions import Impressions
from .rows import Rows, head

VIEWS: dict[str, tuple[str, ...]] = {
    "waiting": ("open", "countersignature"),
    "expired": ("expired", "superseded", "taken-back"),
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
        returned: Returned,
        impressions: Impressions,
    ) -> None:
        self._rows = rows
        self._returned = returned
        self._ledger = ledger
        self._policy = policy
        self._switch = switch
        self._facts = facts
        self._impressions = impressions

    def counts(self) -> dict[str, int]:
        """How many drafts await a decision, by urgency: for monitoring, of nobody by name."""
        rows = self._rows.pool.within(WHOLE).rows(
            "select urgency, count(*) as n from signoff.state"
            " where state = any(%s) group by urgency",
            (list(VIEWS["waiting"]),),
        )
        return {row["urgency"]: row["n"] for row in rows}

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
        seen = self._rows.seen_by(principal)
        allowed = self._allowed_rows(principal, view, urgency, kind)
        shown = allowed[offset : offset + limit]
        if not shown:
            return Listing((), len(allowed), None)
        receipt = self._record(principal, view, shown)
        due = self._impressions.due(principal, shown)
        items = tuple(self._listed(seen, row, blind=row["id"] in due) for row in shown)
        return Listing(items, len(allowed), receipt)

    def count(self, principal: Principal) -> int:
        """How many drafts await a decision that this person may read; others leave no trace."""
        if self._switch.state().stopped:
            return 0
        return len(self._allowed_rows(principal, "waiting", None, None))

    def of(self, principal: Principal, patient: str, room: str) -> list[str]:
        """The identifiers of a room's waiting drafts about one patient; opens none of them."""
        if self._switch.state().stopped:
            return []
        rows = self._rows.seen_by(principal).pool.rows(
            "select * from signoff.state where patient = %s and room = %s and state = any(%s)"
            " order by proposed_at desc, id",
            (patient, room, list(VIEWS["waiting"])),
        )
        return [row["id"] for row in rows if self._allowed(principal, row)]

    def _allowed_rows(
        self, principal: Principal, view: str, urgency: str | None, kind: str | None
    ) -> list[DictRow]:
        rows = self._rows.seen_by(principal).pool.rows(
            _QUERY,
            {
                "states": list(VIEWS[view]),
                **self._policy.visibility(principal).parameters(),
                "urgency": urgency,
                "kind": kind,
            },
        )
        return [row for row in rows if self._allowed(principal, row)]

    def _allowed(self, principal: Principal, row: DictRow) -> bool:
        facts = draft_facts(self._facts, row)
        return self._policy.decide(principal, Action.DRAFT_READ, facts).allowed

    def _record(self, principal: Principal, view: str, rows: list[DictRow]) -> Receipt:
        shown = [Entry("draft", row["id"], 1, row["sha256"], row["patient"]) for row in rows]
        return self._ledger.record(
            Event(
                kind=EventKind.DRAFTS_LISTED,
                actor=principal.actor,
                commits={"drafts": self._returned.commit(shown)},
                detail={"view": view, "count": len(rows)},
            )
        )

    def _listed(self, rows: Rows, row: DictRow, *, blind: bool) -> Listed:
        if blind:
            return Listed(head(row), WITHHELD, row["state"], None, None, blind=True)
        draft = rows.draft(row["id"])
        return Listed(
            head(row), draft.body.title, row["state"], row["decided_at"], row["reason_code"]
        )


_SEEN: Final = (
    "d.patient in (select patient from chart.seen_patient where not destroyed and " + ADMITTED + ")"
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
