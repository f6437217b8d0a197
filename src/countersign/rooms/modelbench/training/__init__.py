"""Makes small models; a tensor library is loaded in the process that trains, if at all."""

from .ladder import extra_installed, make
from .lesson import NEEDS_EXTRA, RUNGS, Examined, Lesson, Outcome

__all__ = ["NEEDS_EXTRA", "RUNGS", "Examined", "Lesson", "Outcome", "extra_installed", "make"]
