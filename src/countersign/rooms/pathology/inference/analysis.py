"""The contract of an analysis: planned on an overview, measured tile by tile, then summed up."""

from __future__ import annotations

from typing import Protocol

from countersign.ground.imaging import Slide
from countersign.rooms.pathology.domain.measured import Findings, Nuclei, Plan, Tile


class Analysis(Protocol):
    """A method for one stain and question, such as Ki-67.

    The result depends on the slide and on the version alone: not on the order of the tiles, not
    on the number of processes, not on chance. ``measure`` may run in any process.
    """

    @property
    def name(self) -> str:
        """``ki67`` or ``he``."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever a result could."""
        ...

    def plan(self, slide: Slide) -> Plan:
        """What to measure. Raises SlideDamaged, Unmeasurable (no tissue, unknown pixel size)."""
        ...

    def measure(self, slide: Slide, plan: Plan, tile: Tile) -> Nuclei:
        """The nuclei whose centres lie in ``tile``. Raises SlideDamaged."""
        ...

    def finish(self, slide: Slide, plan: Plan, nuclei: Nuclei) -> Findings:
        """The figures of the whole slide; ``nuclei`` are those of all tiles, in their order."""
        ...
