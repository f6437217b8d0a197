"""Everything that can be wrong with the file of a slide, each with what the person can do."""

from __future__ import annotations

from countersign.kit.errors import CountersignError

SPENT = "handle-spent"
"""The reason of SlideDamaged where the handle answers nothing any more; opened anew, it may."""


class SlideError(CountersignError):
    """``reason`` in the details is a short stable word for the log, never the file's own text."""

    code = "imaging.slide"
    status = 422
    message = "The slide cannot be read. Look at the worklist for the reason."


class SlideAway(SlideError):
    code = "imaging.away"
    status = 404
    message = (
        "The slide's file cannot be opened. Ask IT whether the folder of slides can be reached "
        "and read."
    )


class SlideUnknown(SlideError):
    code = "imaging.unknown"
    status = 415
    message = (
        "This is no slide or picture of a kind that can be read here. Export it as SVS, tiled "
        "TIFF or DICOM and bring it again."
    )


class SlideDamaged(SlideError):
    code = "imaging.damaged"
    status = 422
    message = (
        "The slide's file is damaged or incomplete. Copy it again from the scanner, or scan the "
        "glass again."
    )


class SlideTooLarge(SlideError):
    code = "imaging.too_large"
    status = 413
    message = (
        "The picture has {megapixels} megapixels and no smaller copy of itself; at most {most} "
        "can be read so. Save it as a pyramidal tiled TIFF and bring it again."
    )
