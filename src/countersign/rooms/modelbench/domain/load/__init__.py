"""Load on a server of language models: when requests come, and what their times amount to."""

from .arrivals import BadLoad, check, heights, moments
from .metrics import summed
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
from .reading import Reading
from .result import LoadMetrics, LoadResult, Rise, Sample, Spread

__all__ = [
    "Arrivals",
    "BadLoad",
    "Closed",
    "Endpoint",
    "Gamma",
    "LoadMetrics",
    "LoadPlan",
    "LoadRequest",
    "LoadResult",
    "Poisson",
    "Reading",
    "Replay",
    "Rise",
    "Sample",
    "ServiceLevel",
    "Spread",
    "Target",
    "check",
    "heights",
    "moments",
    "summed",
]
