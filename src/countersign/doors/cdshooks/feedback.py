"""Takes what became of cards, and lets it decide their drafts where she who decided is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from countersign.ground.identity import CdsClient, Principal
from countersign.ground.shell import Floor
from countersign.ground.signoff import REASON_SYSTEM, SIGNS_WITHIN, Known
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON, decode

from .errors import BadFeedback

MOST = 100
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Told:
    """One item: the card, accepted or overridden, and the coded reason and words with it."""

    card: str
    outcome: str
    reason: str | None
    comment: str


def read(raw: bytes) -> list[Told]:
    """Raises BadFeedback."""
    try:
        said = decode(raw)
    except CountersignError:
        raise BadFeedback(reason="the body is no JSON") from None
    items: object = cast("JSON", said).get("feedback") if isinstance(said, dict) else None
    if not isinstance(items, list) or not 0 < len(cast("list[object]", items)) <= MOST:
        raise BadFeedback(reason=f"feedback must be a list of 1 to {MOST} items")
    return [_told(one) for one in cast("list[object]", items)]


def _told(said: object) -> Told:
    one = _object(said, "each item")
    card, outcome = one.get("card"), one.get("outcome")
    if not isinstance(card, str) or not 0 < len(card) <= 64 or not card.isprintable():
        raise BadFeedback(reason="card must be the uuid of a card")
    if outcome not in ("accepted", "overridden"):
        raise BadFeedback(reason="outcome must be accepted or overridden")
    given = one.get("overrideReason")
    if given is None or outcome == "accepted":
        return Told(card, outcome, None, "")
    override = _object(given, "overrideReason")
    comment = override.get("userComment", "")
    if not isinstance(comment, str) or len(comment) > LONGEST:
        raise BadFeedback(reason=f"userComment must be a text of {LONGEST} signs at most")
    return Told(card, outcome, _code(override.get("reason")), comment)


def _code(said: object) -> str | None:
    """The code, under the system that was offered; another system's code is no code of ours."""
    if said is None:
        return None
    coding = _object(said, "overrideReason.reason")
    code = coding.get("code")
    if not isinstance(code, str) or not 0 < len(code) <= 200:
        raise BadFeedback(reason="overrideReason.reason must be a coding")
    return code if coding.get("system", REASON_SYSTEM) == REASON_SYSTEM else f"other:{code}"


def _object(said: object, name: str) -> JSON:
    if not isinstance(said, dict):
        raise BadFeedback(reason=f"{name} must be an object")
    return cast("JSON", said)


class Outcomes:
    """Ties feedback to the life of drafts."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def take(self, client: CdsClient, told: list[Told]) -> None:
        """Keeps each outcome and acts on it; safe to send again. Raises UnknownCard and
        AlreadyTold before anything of that item is kept, LedgerUnavailable.
        """
        cards = self._floor.signoff.cards
        known = [cards.known(client.id, one.card) for one in told]
        for one, card in zip(told, known, strict=True):
            cards.tell(client.id, card, one.outcome, one.reason, one.comment)
            person = self._floor.cds.clients.linked(client, card.person)
            if person is not None:
                self._decide(person, card, one)

    def _decide(self, person: Principal, card: Known, told: Told) -> None:
        """What the gate does not allow is not decided: the draft stays in the inbox."""
        signoff = self._floor.signoff
        if self._floor.clock() - card.shown_at > SIGNS_WITHIN:
            return
        if not signoff.decisions.may_decide(person, card.draft_id):
            return
        try:
            if told.outcome == "accepted":
                if not card.signable:
                    return
                signoff.decisions.accept(person, card.draft_id)
                signed = signoff.reading.signed(card.draft_id)
                if signed is not None:
                    self._floor.release.release(signed)
            elif told.reason is not None:
                signoff.decisions.reject(person, card.draft_id, told.reason, told.comment)
        except CountersignError as problem:
            if problem.status >= 500:
                raise
