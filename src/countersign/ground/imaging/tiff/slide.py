"""A TIFF becomes a slide: its directories sorted into levels and pictures beside the tissue."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import tifffile

from countersign.ground.imaging.errors import SlideDamaged, SlideError, SlideUnknown
from countersign.ground.imaging.pyramid import Pyramid, alone, overview_possible, times_smaller
from countersign.ground.imaging.reading import File
from countersign.ground.imaging.slide import Associated, Pixels

from .sayings import mpp_of, sayings_of
from .segments import LARGEST_TILE, Segments, segments_of
from .walk import directories


def open_tiff(file: File) -> Pyramid:
    """Raises SlideDamaged, SlideUnknown, SlideTooLarge; then the file is the caller's to close."""
    directories(file)
    try:
        with tifffile.TiffFile(file.path, _multifile=False) as opened:
            return _slide(file, _pages(opened))
    except SlideError:
        raise
    except Exception as why:  # noqa: BLE001 - a hostile file finds every error there is
        raise SlideDamaged(reason="directory") from why


def _pages(opened: tifffile.TiffFile) -> list[Any]:
    """The chain, and below the first page the smaller copies that OME-TIFF keeps there."""
    chain: list[Any] = [page.aspage() for page in opened.pages]
    if not chain:
        raise SlideDamaged(reason="no-directory")
    below = chain[0].pages
    return [*chain, *(page.aspage() for page in below or ())]


def _slide(file: File, pages: list[Any]) -> Pyramid:
    first = pages[0]
    aperio = str(first.description).startswith("Aperio")
    base = segments_of(file, first, 1.0)
    stored = [base]
    for page in pages[1:]:
        if aperio and not page.is_tiled:
            continue
        size = int(page.imagewidth), int(page.imagelength)
        downsample = times_smaller((base.level.width, base.level.height), size)
        if downsample is None or stored[-1].level.width <= size[0]:
            continue
        try:
            stored.append(segments_of(file, page, downsample))
        except SlideUnknown:
            continue
    overview_possible(stored[-1])
    return Pyramid(
        format="aperio" if aperio else "tiff",
        stored=tuple(stored),
        mpp=mpp_of(first),
        properties=sayings_of(first),
        pictures=_pictures(file, pages, aperio),
        letting_go=file.close,
    )


def _pictures(file: File, pages: list[Any], aperio: bool) -> dict[Associated, Callable[[], Pixels]]:
    found: dict[Associated, Callable[[], Pixels]] = {}
    for number, page in enumerate(pages[1:], start=1):
        which = _which(page, aperio and number == 1)
        if which is None or which in found:
            continue
        try:
            segments = segments_of(file, page, 1.0)
        except SlideError:
            continue
        if segments.level.width * segments.level.height <= LARGEST_TILE:
            found[which] = partial(_whole, segments)
    return found


def _which(page: Any, second_of_aperio: bool) -> Associated | None:
    lines = str(page.description)[:4096].lower().splitlines()
    words = " ".join(lines[1:2] if lines and lines[0].startswith("aperio") else lines[:1])
    if words.startswith("label"):
        return Associated.LABEL
    if words.startswith("macro"):
        return Associated.MACRO
    if second_of_aperio and not page.is_tiled:
        return Associated.THUMBNAIL
    return None


def _whole(segments: Segments) -> Pixels:
    level = segments.level
    return alone(segments).region(0, 0, level.width, level.height)
