"""Opens drafts for people: the receipt is durable before the first word is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import DictRow

from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Decision, Facts, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger, Receipt
from countersign.ground.models import AIStopped, Switch
from countersign.kit.words import Language

from ._mint import Signed
from .content import amended_content
from .draft import Body, Draft, DraftHead
from .errors import ImpressionFirst, UnknownDraft
from .facts import FactsOf, draft_facts
from .impressions import Impressions
from .rows import Rows, head


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft as a person may see it, with the receipt of this very view.

    ``state`` is one of open, countersignature, signed, released, rejected, expired, taken-back,
    superseded. ``amended`` is the signed text when it differs from the draft's;
    ``comment`` is what a person wrote when rejecting.
    """

    draft: Draft[Body]
    state: str
    row: DictRow
    signatures: tuple[DictRow, ...]
    amended: tuple[Language, str] | None
    comment: str
    receipt: Receipt


class Reading:
    """Shows drafts to those whom the policy allows."""

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
        self._own = Rows(rows.pool.within(WHOLE), rows.vault)
        self._ledger = ledger
        self._policy = policy
        self._switch = switch
        self._facts = facts
        self._impressions = impressions

    def open(self, principal: Principal, draft_id: str) -> Opened:
        """One draft. Raises Forbidden, AIStopped, LedgerUnavailable, and ImpressionFirst while
        this person's own impression must come before it.
        """
        seen = self._rows.seen_by(principal)
        try:
            row = seen.state(draft_id)
        except UnknownDraft:
            # What may not be read and what is not there answer alike, and both are recorded.
            facts = seen.about(draft_id) or Facts.house("draft")
            self._policy.require(principal, Action.DRAFT_READ, facts)
            raise
        return self._show(principal, [row])[0]

    def awaiting_impression(self, principal: Principal, draft_id: str) -> DraftHead:
        """What may be known of a draft before it is shown. Raises UnknownDraft, Forbidden."""
        row = self._rows.seen_by(principal).state(draft_id)
        self._policy.require(principal, Action.DRAFT_READ, draft_facts(self._facts, row))
        return head(row)

    def for_patient(self, principal: Principal, patient: str) -> list[Opened]:
        """The drafts of a patient that await a decision, most urgent first."""
        if self._switch.state().stopped:
            return []
        rows = self._rows.seen_by(principal).pool.rows(
            "select * from signoff.state where patient = %s"
            " and state in ('open', 'countersignature')"
            " order by array_position(array['critical', 'urgent', 'soon', 'routine'], urgency),"
            " proposed_at desc, id",
            (patient,),
        )
        readable = [row for row in rows if self._may_read(principal, row)]
        due = self._impressions.due(principal, readable)
        return self._show(principal, [row for row in readable if row["id"] not in due])

    def about(self, draft_id: str) -> tuple[str, frozenset[str] | None] | None:
        """The kind (``<room>.<kind>``) and the labels of a draft, without any content, for who
        explains a decision; labels None where nobody knows what it rests on. None for no such one.
        """
        rows = self._own.pool.rows(
            "select room, kind, sensitivity from signoff.draft where id = %s", (draft_id,)
        )
        if not rows:
            return None
        labels: list[str] | None = rows[0]["sensitivity"]
        kind = f"{rows[0]['room']}.{rows[0]['kind']}"
        return kind, None if labels is None else frozenset(labels)

    def standing(self, draft_id: str) -> str | None:
        """The state of a draft without anything of its content; None for no such draft."""
        rows = self._own.pool.rows("select state from signoff.state where id = %s", (draft_id,))
        return rows[0]["state"] if rows else None

    def standings(self, drafts: Sequence[str]) -> dict[str, str]:
        """The same of many, by their ids, those that are no drafts left out."""
        rows = self._own.pool.rows(
            "select id, state from signoff.state where id = any(%s)", (list(drafts),)
        )
        return {row["id"]: row["state"] for row in rows}

    def signed(self, draft_id: str) -> Signed[Body] | None:
        """What may be released, or None while a signature is missing or refused."""
        return self._own.signed(draft_id)

    def final(self, draft_id: str) -> Signed[Body] | None:
        """What stands by now in place of a draft: its own answer, or the last one signed of those
        that correct it. None as of ``signed``."""
        rows = self._own.pool.rows(
            "with recursive chain (id, patient) as ("
            " select id, patient from signoff.draft where id = %s"
            " union select draft.id, draft.patient from signoff.draft join chain"
            " on draft.patient = chain.patient and draft.corrects = chain.id)"
            " select state.id from signoff.state join chain using (id)"
            " where state in ('signed', 'released') order by decided_at desc, id desc limit 1",
            (draft_id,),
        )
        return self._own.signed(rows[0]["id"]) if rows else None

    def unreleased(self) -> list[str]:
        """Drafts that are signed and, after a breakdown, not yet released."""
        rows = self._own.pool.rows(
            "select id from signoff.state where state = 'signed' and patient in"
            " (select patient from chart.patient where not destroyed)"
            " order by decided_at limit 100"
        )
        return [row["id"] for row in rows]

    def _may_read(self, principal: Principal, row: DictRow) -> bool:
        return self._allowed_by(principal, row) is not None

    def _allowed_by(self, principal: Principal, row: DictRow) -> tuple[Action, Decision] | None:
        """Who reads drafts reads what became of them; an answer in the chart, who treats."""
        facts = draft_facts(self._facts, row)
        for action in dict.fromkeys((_action(row), Action.DRAFT_READ)):
            decision = self._policy.decide(principal, action, facts)
            if decision.allowed:
                return action, decision
        return None

    def _show(self, principal: Principal, rows: Sequence[DictRow]) -> list[Opened]:
        events: list[Event] = []
        for row in rows:
            allowed = self._allowed_by(principal, row)
            if allowed is None:
                facts = draft_facts(self._facts, row)
                self._policy.require(principal, _action(row), facts)
            else:
                events.append(_viewed(principal, row, *allowed))
            if row["state"] in ("open", "countersignature") and self._switch.state().stopped:
                raise AIStopped
        if self._impressions.due(principal, rows):
            raise ImpressionFirst
        if not rows:
            return []
        seen = self._rows.seen_by(principal)
        receipts = self._ledger.record_all(events)
        return [_opened(seen, row, receipt) for row, receipt in zip(rows, receipts, strict=True)]


def _opened(rows: Rows, row: DictRow, receipt: Receipt) -> Opened:
    signatures = rows.signatures(row["id"])
    amended: tuple[Language, str] | None = None
    comment = ""
    for signature in signatures:
        raw = rows.signature_text(signature)
        if signature["decision"] == "amended":
            amended = amended_content(raw)
        elif raw:
            comment = raw.decode()
    draft = rows.draft(row["id"])
    assert draft.head.id == head(row).id  # noqa: S101 - one row, one draft
    return Opened(draft, row["state"], row, tuple(signatures), amended, comment, receipt)


def _action(row: DictRow) -> Action:
    return Action.SIGNED_READ if row["state"] == "released" else Action.DRAFT_READ


def _viewed(principal: Principal, row: DictRow, action: Action, decision: Decision) -> Event:
    return Event(
        kind=EventKind.DRAFT_VIEWED,
        actor=principal.actor,
        patient=row["patient"],
        subject=f"draft:{row['id']}",
        model=row["model"],
        commits={"content": row["sha256"]},
        detail={
            "action": str(action),
            "purpose": str(principal.purpose),
            "rules": ",".join(decision.reasons)[:250],
        },
    )
