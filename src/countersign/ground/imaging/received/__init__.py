"""Pictures that other systems send: durable before they are acknowledged, handed on by series."""

from countersign.ground.imaging.dicom.header import series_at

from .errors import (
    ImageFull,
    ImageMismatch,
    ImageTaken,
    ImageTooLarge,
    ImageUnreadable,
    ImageUnsupported,
    ImageUnwritable,
)
from .instance import SYNTAXES, WHOLE_SLIDE, Instance, read_instance
from .received import Received, Series, Stored
from .spool import Spool

__all__ = [
    "SYNTAXES",
    "WHOLE_SLIDE",
    "ImageFull",
    "ImageMismatch",
    "ImageTaken",
    "ImageTooLarge",
    "ImageUnreadable",
    "ImageUnsupported",
    "ImageUnwritable",
    "Instance",
    "Received",
    "Series",
    "Spool",
    "Stored",
    "read_instance",
    "series_at",
]
