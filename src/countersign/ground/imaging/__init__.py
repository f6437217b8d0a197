"""Whole slides and other large pictures: opened, read by region, never changed."""

from . import generated
from .apart import Readers
from .errors import SlideAway, SlideDamaged, SlideError, SlideTooLarge, SlideUnknown
from .opening import open_slide
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
)
from .slide import Associated, Level, Pixels, Slide
from .tiles import Ladder, NoSuchTile, Rung, TileService, ladder_of

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
    "Stored",
    "TileService",
    "WHOLE_SLIDE",
    "generated",
    "ladder_of",
    "open_slide",
    "read_instance",
]
