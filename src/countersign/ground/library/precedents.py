"""Past questions whose answering passages people confirmed speak for those passages again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from .searcher import Searcher

NEIGHBOURS = 10
SHARPNESS = 3
"""Power of a past question's share of the best score; nearer ones count much more."""


class Precedents:
    """``past`` finds past questions, with their own reaches; ``links`` lead to passage ids.

    Give ``past`` the weights ``PLAIN``: between whole cases BM25 alone is nearer the truth.
    Hand ``votes`` to ``Searcher.search``: a passage outside the person's reach stays unseen.
    """

    def __init__(self, past: Searcher, links: Mapping[str, Sequence[str]]) -> None:
        self._past = past
        self._links = links

    def votes(self, question: str, reaches: frozenset[str]) -> dict[str, float]:
        """For each passage the share, 0 to 1, of near past questions that it answered."""
        near = self.near(question, reaches)
        whole = sum(share for _, share in near) or 1.0
        votes: dict[str, float] = defaultdict(float)
        for id, share in near:
            for passage in self._links.get(id, ()):
                votes[passage] += share / whole
        return dict(votes)

    def near(self, question: str, reaches: frozenset[str]) -> list[tuple[str, float]]:
        """The nearest past questions, and how near each is beside the nearest (1)."""
        hits = self._past.search(question, reaches, NEIGHBOURS)
        best = max((hit.score for hit in hits), default=0.0)
        if best <= 0:
            return []
        return [(hit.passage.id, max(hit.score / best, 0.0) ** SHARPNESS) for hit in hits]
