"""Load on a server of language models: when requests come, and what their times amount to."""

from .plan import (
    Arrivals,
    Closed,
    Endpoint,
    Gamma,
    LoadPlan,
    LoadRequest,
    Poisson,
    Replay,
    ServiceLevel,
    Target,
)
from .result import LoadMetrics, LoadResult, Rise, Sample, Spread

__all__ = [
    "Arrivals",
    "Closed",
    "Endpoint",
    "Gamma",
    "LoadMetrics",
    "LoadPlan",
    "LoadRequest",
    "LoadResult",
    "Poisson",
    "Replay",
    "Rise",
    "Sample",
    "ServiceLevel",
    "Spread",
    "Target",
]
