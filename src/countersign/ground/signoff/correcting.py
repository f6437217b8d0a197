"""A correction of what was released: a new draft that begins as the one before did."""

from __future__ import annotations

from dataclasses import replace

from countersign.kit.words import Words

from .draft import Body, Proposal
from .errors import BadDecision
from .reading import Opened

CORRECTION = Words(
    "This draft corrects an answer that was signed before; until it is signed, that one stands.",
    "本草稿用于更正此前已签署的答复；签署之前，原答复继续有效。",
)
CORRECTION_DAYS = 7.0


def correction(opened: Opened, fingerprint: str) -> Proposal[Body]:
    """The proposal in place of a released answer; the old one stays in the history.

    ``fingerprint`` tells one wish to correct from another. Raises BadDecision when nothing
    was released.
    """
    if opened.state != "released":
        raise BadDecision(problem="Only what reached the chart can be corrected.")
    draft, head = opened.draft, opened.draft.head
    body = _stopped(draft.body) if draft.body.written else draft.body
    limits = (one for one in draft.explanation.limits if one != CORRECTION)  # said once, not again
    return Proposal(
        room=head.room,
        kind=head.kind,
        patient=head.patient,
        risk=head.risk,
        urgency=head.urgency,
        signers=head.signers,
        topic=f"correction:{head.id}",
        fingerprint=fingerprint,
        body=body,
        explanation=replace(draft.explanation, limits=(CORRECTION, *limits)),
        valid_days=CORRECTION_DAYS,
        corrects=head.id,
    )


def _stopped(body: Body) -> Body:
    """An order is not corrected but stopped; another one is written and checked anew."""
    if any(one.get("status") == "stopped" for one in body.resources):
        raise BadDecision(problem="This order is stopped already.")
    return Body(
        Words(f"Stop: {body.title.en}", f"停止：{body.title.zh}"),
        Words(f"To be stopped:\n{body.text.en}", f"停止以下医嘱：\n{body.text.zh}"),
        tuple({**one, "status": "stopped"} for one in body.resources),
    )
