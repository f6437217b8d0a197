"""The model cards of the analyses that come with the software, apart from what computes."""

from __future__ import annotations

from countersign.ground.models import ModelCard

from .he_card import CARD as HE_CARD
from .he_card import DIGEST as HE_DIGEST
from .ki67_card import CARD as KI67_CARD
from .ki67_card import DIGEST as KI67_DIGEST

CARDS: tuple[tuple[ModelCard, str], ...] = ((KI67_CARD, KI67_DIGEST), (HE_CARD, HE_DIGEST))
