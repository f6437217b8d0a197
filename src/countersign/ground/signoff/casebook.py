"""Reads what physicians signed, as references by which models are measured; for programs alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from countersign.ground.models import AIStopped, Switch
from countersign.ground.vault import Destroyed

from .rows import Rows

MOST = 5000
"""Cases that are read at most, the newest first."""


@dataclass(frozen=True, slots=True)
class SignedCase:
    """One signed answer: the facts it rests on, its title, and the text that was signed.

    ``facts`` are the statements and quotations of its evidence, never the model's own reasoning.
    """

    draft: str
    kind: str
    amended: bool
    title: str = field(repr=False)
    facts: str = field(repr=False)
    signed: str = field(repr=False)


class Casebook:
    """``rows`` see the whole house. Nothing that bears a sensitivity label is ever given out."""

    def __init__(self, rows: Rows, switch: Switch) -> None:
        self._rows = rows
        self._switch = switch

    def signed(self, limit: int = MOST) -> list[SignedCase]:
        """The newest signed answers of patients whose data are still there.

        Raises AIStopped while the switch is pressed, Damaged.
        """
        if self._switch.state().stopped:
            raise AIStopped
        rows = self._rows.pool.rows(
            "select state.id from signoff.state"
            " join signoff.draft as draft on draft.id = state.id"
            " where state.state in ('signed', 'released') and draft.sensitivity = '{}'"
            " and state.patient in (select patient from chart.patient where not destroyed)"
            " order by state.decided_at desc, state.id limit %s",
            (min(limit, MOST),),
        )
        found = (self._case(row["id"]) for row in rows)
        return [one for one in found if one is not None]

    def _case(self, draft_id: str) -> SignedCase | None:
        try:
            signed = self._rows.signed(draft_id)
            if signed is None:
                return None
            draft = self._rows.draft(draft_id)
        except Destroyed:
            return None
        text = signed.text
        said = text[1] if isinstance(text, tuple) else text.zh
        lines = [
            f"{one.statement.zh}{f'（{one.quote}）' if one.quote else ''}"
            for one in draft.explanation.evidence
        ]
        head = draft.head
        return SignedCase(
            draft=draft_id,
            kind=f"{head.room}.{head.kind}",
            amended=isinstance(text, tuple),
            title=draft.body.title.zh,
            facts="\n".join(f"- {line}" for line in lines),
            signed=said,
        )
