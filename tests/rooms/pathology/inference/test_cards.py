"""What measures here has a card, so that what it measures can be signed."""

from __future__ import annotations

from countersign.rooms.pathology.inference.cards import CARDS
from countersign.rooms.pathology.inference.registry import ANALYSES


def test_each_analysis_is_of_the_version_that_its_card_tells_of() -> None:
    told = {card.name.removeprefix("pathology-"): card.version for card, _ in CARDS}
    assert told == {name: make().version for name, make in ANALYSES.items()}
