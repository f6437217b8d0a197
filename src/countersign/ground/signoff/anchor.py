"""An accuracy anchor: independent opinions beside a draft of high risk, and what each is worth.

A randomised trial (72 physicians, six vignettes, three of them with planted errors; preprint
medRxiv 2026.06.01.26354596, NCT07328815) showed a model's benchmark accuracy and a traffic light
from three other models beside its advice: reasoning scores were 7.6 percentage points higher
(95 % CI 1.4 to 13.9). It tested vignettes and one chatbot, not this software, and is not yet
peer reviewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from countersign.ground.models import Measured, ModelRef, Registry, UnknownModel
from countersign.kit.words import Words

from .draft import Body, Draft, RiskClass
from .explanation import Stance
from .impressions import Impression


@dataclass(frozen=True, slots=True)
class Voice:
    """One independent opinion. ``model`` is None for a physician's own impression, of whom
    ``person`` is the identifier. ``worth`` is what was measured of it; empty: not measured."""

    model: ModelRef | None
    person: str | None
    stance: Stance
    statement: Words
    worth: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """``own`` is what was measured of the model that drafted; ``light`` sums the voices up."""

    light: Stance
    voices: tuple[Voice, ...]
    own: tuple[Measured, ...]


def light(stances: Sequence[Stance]) -> Stance:
    """Agree when all do; disagree when half or more do; partly in between.

    Raises ValueError when there is no opinion.
    """
    if not stances:
        raise ValueError("a light needs an opinion")
    if all(one == "agree" for one in stances):
        return "agree"
    against = sum(one == "disagree" for one in stances)
    return "disagree" if 2 * against >= len(stances) else "partly"


def anchor(
    draft: Draft[Body], impressions: Iterable[Impression], registry: Registry
) -> Anchor | None:
    """What to show beside a draft; None unless it is of high risk and others were asked."""
    if draft.head.risk is not RiskClass.HIGH:
        return None
    voices = [
        Voice(one.model, None, one.stance, one.statement, _worth(registry, one.model))
        for one in draft.explanation.opinions
    ]
    voices += [
        Voice(None, one.person, one.agreement, Words(one.words, one.words), ())
        for one in impressions
        if one.agreement is not None
    ]
    if not voices:
        return None
    summed = light([one.stance for one in voices])
    return Anchor(summed, tuple(voices), _worth(registry, draft.explanation.model))


def _worth(registry: Registry, model: ModelRef) -> tuple[Measured, ...]:
    try:
        card = registry.card(model)
    except UnknownModel:
        return ()
    return tuple(one for one in card.performance if isinstance(one, Measured))
