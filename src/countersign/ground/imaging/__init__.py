"""Whole slides and other large pictures: opened, read by region, never changed.

A process that computes takes from here what opens a slide, and nothing that serves or keeps one.
"""

from typing import TYPE_CHECKING

from .errors import SlideAway, SlideDamaged, SlideError, SlideTooLarge, SlideUnknown
from .opening import open_slide
from .reading import Stamp, stamp_of
from .slide import Associated, Level, Pixels, Slide

if TYPE_CHECKING:
    from . import generated
    from .apart import Readers
    from .received import (
        SYNTAXES,
        WHOLE_SLIDE,
        ImageFull,
        ImageMismatch,
        ImageTaken,
        ImageTooLarge,
        ImageUnreadable,
        ImageUnsupported,
        ImageUnwritable,
        Instance,
        Received,
        Series,
        Spool,
        Stored,
        read_instance,
        series_at,
    )
    from .tiles import Ladder, NoSuchTile, Rung, TileService, ladder_of
else:

    def __getattr__(name: str) -> object:
        if name not in __all__ or name == "generated":  # a module: Python finds it by itself
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import apart, received, tiles

        return next(getattr(one, name) for one in (apart, received, tiles) if hasattr(one, name))


__all__ = [
    "Associated",
    "ImageFull",
    "ImageMismatch",
    "ImageTaken",
    "ImageTooLarge",
    "ImageUnreadable",
    "ImageUnsupported",
    "ImageUnwritable",
    "Instance",
    "Ladder",
    "Level",
    "NoSuchTile",
    "Pixels",
    "Readers",
    "Received",
    "Rung",
    "SYNTAXES",
    "Series",
    "Slide",
    "SlideAway",
    "SlideDamaged",
    "SlideError",
    "SlideTooLarge",
    "SlideUnknown",
    "Spool",
    "Stamp",
    "Stored",
    "TileService",
    "WHOLE_SLIDE",
    "generated",
    "ladder_of",
    "open_slide",
    "read_instance",
    "series_at",
    "stamp_of",
]
