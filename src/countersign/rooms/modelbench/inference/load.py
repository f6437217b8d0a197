"""Puts a planned load on a server and measures what comes back, when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from countersign.ground.egress import Egress
from countersign.rooms.modelbench.domain.load import Arrivals, LoadPlan, LoadResult, Rise, Target

Now = Callable[[], datetime]


class LoadGenerator:
    """Runs loads over ``egress``, one at a time."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    def run(self, plan: LoadPlan, target: Target, now: Now) -> LoadResult:
        """The load, measured. A server that fails is a result and raises nothing.

        Raises EgressRefused where the allow-list does not name the server.
        """
        raise NotImplementedError

    def rise(self, plan: LoadPlan, heights: Sequence[Arrivals], target: Target, now: Now) -> Rise:
        """The plan at each of ``heights``, until its service level does not hold."""
        raise NotImplementedError
