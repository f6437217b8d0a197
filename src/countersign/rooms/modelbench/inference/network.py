"""The small network of a ladder: an ONNX graph over characters, loaded when first asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from countersign.kit import graphs
from countersign.rooms.modelbench.domain.cascade import Floats, Ints

PAD, UNKNOWN, PART = 0, 1, 2
SPECIAL = 3
LENGTH = 64
"""Characters that are looked at; longer texts are cut."""


def encoded(texts: Sequence[str], vocabulary: dict[str, int], length: int = LENGTH) -> Ints:
    """Numbers of characters, int64 (n, longest), padded to the longest of these texts."""
    rows = [
        [PART if sign == "\t" else vocabulary.get(sign, UNKNOWN) for sign in text.casefold()]
        for text in texts
    ]
    rows = [row[:length] or [UNKNOWN] for row in rows]
    found = np.full((len(rows), max(map(len, rows), default=1)), PAD, np.int64)
    for at, row in enumerate(rows):
        found[at, : len(row)] = row
    return found


def vocabulary_of(signs: str) -> dict[str, int]:
    """Each character's number, from the string of all of them in their order."""
    return {sign: at + SPECIAL for at, sign in enumerate(signs)}


class Network:
    """``graph`` is a serialised ONNX model from ``signs`` int64 (n, m) to logits (n, k).

    One thread: a worker has other work beside it. The runtime is loaded at the first question,
    so that a process that never asks never pays for it.
    """

    def __init__(self, graph: bytes, signs: str) -> None:
        self.graph = graph
        self.signs = signs
        self._vocabulary = vocabulary_of(signs)
        self._session: Any = None

    def scores(self, texts: Sequence[str]) -> Floats:
        """Logits (n, k)."""
        session = self._ready()
        (found,) = session.run(None, {"signs": encoded(texts, self._vocabulary)})
        return np.asarray(found, np.float32)

    def _ready(self) -> Any:
        if self._session is None:
            self._session = graphs.opened(self.graph)
        return self._session
