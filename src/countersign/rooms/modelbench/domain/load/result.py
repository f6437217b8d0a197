"""What came of a load, request by request and summed up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .plan import LoadPlan, ServiceLevel


@dataclass(frozen=True, slots=True)
class Sample:
    """One request. Moments are seconds from the beginning of the load.

    ``due`` is when it was to be sent, ``sent`` when it was. ``parts`` are the moments of all
    parts of the stream that carry a choice, which is what vLLM's tool counts; ``text`` is the
    moment of the first that carries any text, which a server that sends an empty part before
    it thinks cannot pretend.

    ``failed`` is "" for a whole answer, else why it is none: ``late`` (past its deadline),
    ``unreached``, ``refused`` (by the allow-list), ``broken`` (the connection), ``cut`` (no end
    of the answer), ``empty``, ``malformed``, ``error`` (told within the stream) or ``http-429``
    and so on.
    """

    due: float
    sent: float
    parts: tuple[float, ...] = ()
    text: float | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is spread over requests; seconds. ``n`` 0 leaves the rest at zero.

    ``low`` and ``high`` bound the median with 95 % confidence.
    """

    n: int = 0
    mean: float = 0.0
    sd: float = 0.0
    p50: float = 0.0
    p90: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class LoadMetrics:
    """A load summed up with the definitions of vLLM's ``vllm bench serve``.

    Throughputs are per second of the whole load. ``goodput`` is good requests a second, and
    ``good_share`` their part of all; both None without a service level. ``lag`` is how much
    later than due requests were sent: the measuring side's own fault, never the server's.
    """

    completed: int
    failed: int
    tokens_in: int
    tokens_out: int
    seconds: float
    request_throughput: float
    output_throughput: float
    total_throughput: float
    ttft: Spread
    tpot: Spread
    itl: Spread
    e2el: Spread
    text: Spread
    lag: Spread
    most_at_once: int
    goodput: float | None = None
    good_share: float | None = None


@dataclass(frozen=True, slots=True)
class LoadResult:
    """One load that was run. ``processor_seconds`` is what the measuring process used."""

    plan: LoadPlan
    started: datetime
    samples: tuple[Sample, ...]
    metrics: LoadMetrics
    processor_seconds: float

    @property
    def holds(self) -> bool:
        """Whether the plan's service level held; without one, whether all were answered."""
        level = self.plan.level or ServiceLevel(share=1.0)
        share = self.metrics.good_share
        if share is None:
            share = self.metrics.completed / max(1, self.metrics.completed + self.metrics.failed)
        return share >= level.share


@dataclass(frozen=True, slots=True)
class Rise:
    """Loads of rising height on one server; ``broke`` is the first that did not hold."""

    loads: tuple[LoadResult, ...]

    @property
    def broke(self) -> LoadResult | None:
        """The first load under which the service level did not hold, None while all held."""
        return next((one for one in self.loads if not one.holds), None)

    @property
    def held(self) -> LoadResult | None:
        """The highest load before that, None where the first broke already."""
        held: LoadResult | None = None
        for one in self.loads:
            if not one.holds:
                break
            held = one
        return held
