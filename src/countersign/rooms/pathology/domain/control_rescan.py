"""Which slides must be scanned, cleaned, stained or cut again before they are read, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from countersign.rooms.pathology.domain.control import Measure, SlideQuality


class Remedy(StrEnum):
    """What mends it, the cheapest first."""

    RESCAN = "rescan"
    CLEAN = "clean-and-rescan"
    RESTAIN = "restain"
    RECUT = "recut"


class Reason(StrEnum):
    """Why a slide is not fit to be measured."""

    NO_TISSUE = "no-tissue"
    BLUR = "out-of-focus"
    LIGHT = "white-point"
    PEN = "pen"
    PALE = "pale-haematoxylin"
    DARK = "dark-haematoxylin"
    FOLD = "folds"


_REMEDY = {
    Reason.NO_TISSUE: Remedy.RESCAN,
    Reason.BLUR: Remedy.RESCAN,
    Reason.LIGHT: Remedy.RESCAN,
    Reason.PEN: Remedy.CLEAN,
    Reason.PALE: Remedy.RESTAIN,
    Reason.DARK: Remedy.RESTAIN,
    Reason.FOLD: Remedy.RECUT,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a slide stops being fit. Choices of this program; a department sets its own.

    ``blur``, ``pen`` and ``fold`` are the largest shares of the tissue; ``white`` the smallest
    mean and ``cast`` the widest spread of the white point (0 to 255); ``pale`` and ``dark`` the
    range of haematoxylin's mean optical density; ``tissue_mm2`` the least tissue.
    """

    blur: float = 0.20
    pen: float = 0.10
    fold: float = 0.15
    white: float = 200.0
    cast: float = 30.0
    pale: float = 0.15
    dark: float = 1.50
    tissue_mm2: float = 0.05


@dataclass(frozen=True, slots=True)
class Rescan:
    """One reason of one slide: what was measured, the bound it passed, and by how much: 1.0 at
    the bound, 2.0 at twice as bad."""

    slide: str
    reason: Reason
    remedy: Remedy
    value: float
    bound: float
    badness: float


def rescans(slide: SlideQuality, bounds: Bounds | None = None) -> tuple[Rescan, ...]:
    """All reasons why this slide must be made again, the worst first; none if it is fit."""
    within = bounds or Bounds()
    if slide.tissue_mm2 < within.tissue_mm2:
        # Without tissue nothing else that was measured means anything.
        return (_rescan(slide, Reason.NO_TISSUE, slide.tissue_mm2, within.tissue_mm2, 10.0),)
    found = [
        _rescan(slide, reason, value, most, value / most)
        for reason, value, most in (
            (Reason.BLUR, slide.blur, within.blur),
            (Reason.PEN, slide.pen, within.pen),
            (Reason.FOLD, slide.fold, within.fold),
            (Reason.LIGHT, slide.values.get(Measure.CAST), within.cast),
            (Reason.DARK, slide.values.get(Measure.HAEMATOXYLIN), within.dark),
        )
        if value is not None and value > most
    ]
    found += [
        _rescan(slide, reason, value, least, least / max(value, 1e-3))
        for reason, value, least in (
            (Reason.LIGHT, slide.values.get(Measure.WHITE), within.white),
            (Reason.PALE, slide.values.get(Measure.HAEMATOXYLIN), within.pale),
        )
        if value is not None and value < least
    ]
    return tuple(sorted(found, key=lambda one: -one.badness))


def first_in_worklist(
    slides: Sequence[SlideQuality], bounds: Bounds | None = None
) -> tuple[tuple[Rescan, ...], ...]:
    """The slides to be made again with their reasons, the worst slide first; ties by identifier."""
    found = [made for one in slides if (made := rescans(one, bounds))]
    return tuple(sorted(found, key=lambda made: (-made[0].badness, made[0].slide)))


def _rescan(
    slide: SlideQuality, reason: Reason, value: float, bound: float, badness: float
) -> Rescan:
    return Rescan(slide.slide, reason, _REMEDY[reason], value, bound, badness)
