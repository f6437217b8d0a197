"""A person's own phrases, from what she signed for more than one patient."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from countersign.ground.identity import Principal
from countersign.ground.signoff import Manuscripts
from countersign.kit.clock import Clock
from countersign.rooms.records.domain.phrases import phrases

from .content import content_of

FRESH, MOST = 120, 100
"""Seconds that phrases of a person are kept, and of how many people, in one process."""

PATIENTS = 2
"""Patients for whom a phrase was signed at least: what was written of one stays with that one."""


class OwnPhrases:
    """Read anew every few minutes, not at each letter."""

    def __init__(self, papers: Manuscripts, clock: Clock) -> None:
        self._papers = papers
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Counter[str]]] = {}

    def of(self, principal: Principal) -> Counter[str]:
        """Phrases with how often she signed them."""
        now, kept = self._clock(), self._kept.get(principal.id)
        if kept is None or (now - kept[0]).total_seconds() > FRESH:
            kept = (now, self._read(principal))
            self._kept = {**dict(list(self._kept.items())[-MOST:]), principal.id: kept}
        return Counter(kept[1])

    def _read(self, principal: Principal) -> Counter[str]:
        found: Counter[str] = Counter()
        patients: defaultdict[str, set[str]] = defaultdict(set)
        for one in self._papers.signed_by(principal):
            own = phrases(content_of(one.content).sections.values())
            found.update(own)
            for phrase in own:
                patients[phrase].add(one.patient)
        return Counter({p: n for p, n in found.items() if len(patients[p]) >= PATIENTS})
