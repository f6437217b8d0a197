"""Background work on the same database, and computation that outgrows one process.

A process that computes takes from here what begins it, and nothing of the database.
"""

from typing import TYPE_CHECKING

from .compute import Compute, ComputeLost, LocalPool
from .errors import BadJob, NotDead
from .ray_compute import ComputeAway, RayCompute

if TYPE_CHECKING:
    from .context import Handler, Interrupted, JobContext, NotNow
    from .queue import DeadJob, Jobs, JobState, Progress
    from .worker import Pace, Periodic
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import context, queue, worker

        return next(getattr(one, name) for one in (context, queue, worker) if hasattr(one, name))


__all__ = [
    "BadJob",
    "Compute",
    "ComputeAway",
    "ComputeLost",
    "DeadJob",
    "Handler",
    "Interrupted",
    "JobContext",
    "JobState",
    "Jobs",
    "LocalPool",
    "NotDead",
    "NotNow",
    "Pace",
    "Periodic",
    "Progress",
    "RayCompute",
]
