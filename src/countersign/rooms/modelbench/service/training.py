"""What the edges need of training: the lesson, its outcome and which rungs can be made here."""

from countersign.rooms.modelbench.training import (
    NEEDS_EXTRA,
    RUNGS,
    Lesson,
    Outcome,
    extra_installed,
    make,
)

__all__ = ["NEEDS_EXTRA", "RUNGS", "Lesson", "Outcome", "extra_installed", "make"]
