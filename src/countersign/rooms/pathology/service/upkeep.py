"""Sees that no slide is forgotten: wakes what nothing works on, buries what ends its workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from countersign.ground.db import WHOLE
from countersign.ground.shell import Floor
from countersign.ground.slides import UnknownSlide, WrongSlideState

from .analysing import PATHOLOGY

STALE = 10
"""Minutes after which a slide that waits or runs is looked after."""

DAY = 86_400.0
SWEEP = timedelta(hours=6)
"""How often all folders of results are looked through: there are as many as slides."""

LOST = "jobs.worker-lost"


class Upkeep:
    """``task`` is the one whose jobs measure slides."""

    def __init__(self, floor: Floor, task: str) -> None:
        self._floor = floor
        self._slides = floor.slides
        self._task = task
        self._swept: datetime | None = None

    def tend(self) -> int:
        """Returns how many slides were woken or given up, and files cleared away."""
        done = self.bury()
        for slide in self._slides.keeping.stale(STALE):
            self._slides.keeping.wake(slide)
            done += 1
        now = self._floor.clock()
        if self._swept is None or now - self._swept >= SWEEP:
            self._swept = now
            done += self._slides.running.sweep(DAY, now.timestamp())
        return done

    def bury(self) -> int:
        """A slide whose jobs ended every worker that took them has failed, until a person asks
        for it again. What failed for want of a disk or a database is woken instead."""
        gone = 0
        for letter in self._floor.jobs.dead():
            if letter.task != self._task or letter.code != LOST:
                continue
            slide = str(letter.args["slide"])
            try:
                one = self._slides.keeping.one(WHOLE, slide)
                if one.state in ("queued", "running") and one.changed_at < letter.failed_at:
                    self._slides.keeping.move(PATHOLOGY, slide, "failed", "worker-lost")
                    gone += 1
            except (UnknownSlide, WrongSlideState):
                continue
        return gone
