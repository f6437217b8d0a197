"""From steps of rising load to what a server keeps within its service level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .plan import ServiceLevel


@dataclass(frozen=True, slots=True)
class Step:
    """One step of load as it was measured; seconds, requests and tokens a second.

    ``rate`` is what was sent; ``requests`` how many, ``failed`` of them without a whole answer.
    ``lag`` is how late requests were sent at the 95th percentile: the measuring side's own fault.
    """

    rate: float
    requests: int
    failed: int
    seconds: float
    ttft_p50: float
    ttft_p95: float
    tpot_p50: float
    tpot_p95: float
    itl_p95: float
    e2el_p95: float
    request_throughput: float
    output_throughput: float
    lag: float = 0.0

    def within(self, level: ServiceLevel) -> bool:
        """Whether this step kept the level."""
        answered = 1 - self.failed / self.requests if self.requests else 0.0
        return (
            answered >= level.answered
            and self.ttft_p95 <= level.first_token
            and self.tpot_p95 <= level.per_token
        )


@dataclass(frozen=True, slots=True)
class Capacity:
    """The highest step that kept the level, with all below it; ``broke`` is the first that did not.

    ``step`` None: not even the lowest load was kept. ``broke`` None: the level never broke, so
    that the capacity is at least this.
    """

    step: Step | None
    broke: Step | None

    @property
    def requests_a_second(self) -> float:
        """Requests a second within the level, 0 where none."""
        return self.step.request_throughput if self.step else 0.0

    @property
    def output_tokens_a_second(self) -> float:
        """Output tokens a second within the level, 0 where none."""
        return self.step.output_throughput if self.step else 0.0


def capacity(steps: Sequence[Step], level: ServiceLevel) -> Capacity:
    """The last step before the first that breaks, in rising order of load."""
    kept: Step | None = None
    for step in sorted(steps, key=lambda one: one.rate):
        if not step.within(level):
            return Capacity(kept, step)
        kept = step
    return Capacity(kept, None)
