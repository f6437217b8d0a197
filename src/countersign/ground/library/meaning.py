"""What places texts by their meaning: a local encoder, or a hospital's own server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .passage import Passage

Encode = Callable[[Sequence[str]], npt.NDArray[np.float32]]
"""One row for each text, of length 1."""

Rerank = Callable[[str, Sequence[str]], Sequence[float]]
"""A score for each text, higher is nearer the question; a hospital's own re-ranking server."""

WEIGHT = 2.0
"""Of a cosine, beside BM25 as a share of the best (docs/decisions/0030)."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """``encode`` understands these ``languages``; ``weight`` of its cosine in the ranking.

    ``teach`` does the same for passages, for which nobody waits.
    """

    encode: Encode
    languages: frozenset[str] = frozenset({"en"})
    weight: float = WEIGHT
    teach: Encode | None = None

    def of(self, passages: Sequence[Passage]) -> npt.NDArray[np.float32]:
        """The mean of the vectors of a passage's headings and of its text, which beat both alone.

        One row for each passage; without headings the vector of its text.
        """
        encode = self.teach or self.encode
        texts = encode([one.text for one in passages])
        headed = [number for number, one in enumerate(passages) if one.headings]
        if headed:
            above = encode([" ".join(passages[number].headings) for number in headed])
            texts[headed] = (texts[headed] + above) / 2
        return texts
