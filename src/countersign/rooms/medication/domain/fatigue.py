"""How often each rule is shown and overridden, and which rules nobody follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

LEAST = 20
"""Answered alerts before a rule is judged at all; our own starting point, to be reviewed."""
NOBODY = 0.9
"""The share of overrides above which a rule goes to the committee; our own starting point."""
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Use:
    """What became of a rule's alerts; ``reasons`` are coded ones with their counts, ``elsewhere``
    how many of the shown stood as cards in other systems.
    """

    rule: str
    shown: int
    accepted: int
    overridden: int
    reasons: tuple[tuple[str, int], ...] = ()
    elsewhere: int = 0

    @property
    def answered(self) -> int:
        """Alerts that were accepted or overridden."""
        return self.accepted + self.overridden

    @property
    def unanswered(self) -> int:
        """Alerts that were shown and that nobody answered."""
        return self.shown - self.answered

    @property
    def rate(self) -> float | None:
        """The share of overrides among the answered."""
        return self.overridden / self.answered if self.answered else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the rate (J Am Stat Assoc 1927;22:209-212)."""
        return wilson(self.overridden, self.answered) if self.answered else None

    @property
    def unheeded(self) -> bool:
        """Whether enough were answered and more than nine of ten were overridden."""
        return self.answered >= LEAST and (self.rate or 0) > NOBODY


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of ``hits`` among ``of``, which is at least 1."""
    share, square = hits / of, _Z * _Z
    middle = share + square / (2 * of)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - half) / (1 + square / of)), min(
        1.0, (middle + half) / (1 + square / of)
    )


def unheeded(uses: Iterable[Use]) -> list[Use]:
    """The rules for the pharmacy committee, the most often overridden first."""
    found = [one for one in uses if one.unheeded]
    return sorted(found, key=lambda one: (-(one.rate or 0), -one.shown, one.rule))
