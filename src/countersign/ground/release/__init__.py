"""The only way out: takes ``Signed`` and nothing else."""

from .release import Release, Released

__all__ = ["Release", "Released"]
