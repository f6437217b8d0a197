"""The use cases of language models: so far, distilling small ones from them."""

from .distilling import Distilling, Interrupted
from .teaching import CARD, DIGEST

__all__ = ["CARD", "DIGEST", "Distilling", "Interrupted"]
