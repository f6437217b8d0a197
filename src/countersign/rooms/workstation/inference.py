"""The rule pack as a registered model: its card, its digest, and how it is run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from countersign.ground.models import (
    Dataset,
    Measured,
    ModelCard,
    ModelKind,
    ModelRef,
    NotMeasured,
    Source,
    digest_of,
)
from countersign.kit import drugs
from countersign.kit.json import JSON

from .domain import CARD, Finding, review

DIGEST = digest_of([Path(__file__).parent / "domain", Path(drugs.__file__).parent])


def _card() -> ModelCard:
    return ModelCard(
        name=CARD.name,
        version=CARD.version,
        kind=ModelKind.RULES,
        title=CARD.title,
        intended_use=CARD.intended_use,
        not_for=CARD.not_for,
        data=tuple(Dataset(name, licence) for name, licence in CARD.data),
        performance=(
            *(Measured(one.group, one.measure, one.value, one.on) for one in CARD.measured),
            *(NotMeasured(one.group, one.why) for one in CARD.not_measured),
        ),
        limits=CARD.limits,
        owner=CARD.owner,
        sources=tuple(Source(one.citation, one.published) for one in CARD.sources),
    )


MODEL_CARD = _card()
MODEL = ModelRef(CARD.name, CARD.version, DIGEST)


def run(chart: Iterable[JSON], now: datetime) -> tuple[Finding, ...]:
    """The findings of one patient's resources; needs no language model and no GPU."""
    return review(chart, now)
