"""A trained reader that suspects a danger where no rule speaks: it shows, it never interrupts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .linear import grams
from .telling import BLANK, denied_taken_out, past_taken_out

DANGER, CALM = "danger", "calm"
WINDOW = 80
"""Characters that are read together, whole clauses; the most suspicious window counts."""

SUSPECT = 0.1
"""Chosen where sensitivity and calm stories shown to the desk met, each set held out in turn."""
_CLAUSE = re.compile(r"[^，。；！？,;!?\n]+[，。；！？,;!?\n]*")


@dataclass(frozen=True)
class Suspicion:
    """``weight`` (WIDTH) and ``bias`` of a logistic regression over character n-grams."""

    weight: npt.NDArray[np.float16]
    bias: float

    def chance(self, text: str) -> float:
        """How likely the words speak of a danger now; 0 of none."""
        told = past_taken_out(denied_taken_out(text)).replace(BLANK, "")
        return max((self._one(window) for window in windows(told)), default=0.0)

    def suspects(self, text: str) -> bool:
        """Whether a nurse should look at what was told."""
        return self.chance(text) >= SUSPECT

    def _one(self, window: str) -> float:
        places = grams(window)
        if not len(places):
            return 0.0
        raised = float(self.weight[places].astype(np.float32).sum()) / float(np.sqrt(len(places)))
        return float(1 / (1 + np.exp(-(self.bias + raised))))


def windows(text: str) -> list[str]:
    """The text in runs of whole clauses of at most ``WINDOW`` characters, a long clause cut."""
    found: list[str] = []
    held = ""
    for clause in map(str, _CLAUSE.findall(text)):
        if held and len(held) + len(clause) > WINDOW:
            found.append(held)
            held = ""
        held += clause
        while len(held) > WINDOW:
            found.append(held[:WINDOW])
            held = held[WINDOW:]
    return [one for one in (*found, held) if one.strip()]
