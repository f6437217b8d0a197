"""Background work on the same database, and computation that outgrows one process."""

from .compute import Compute, ComputeLost, LocalPool
from .context import Handler, Interrupted, JobContext, NotNow
from .errors import BadJob, NotDead
from .queue import DeadJob, Jobs, JobState, Progress
from .ray_compute import ComputeAway, RayCompute
from .worker import Pace, Periodic

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
