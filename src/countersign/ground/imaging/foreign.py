"""Formats whose layout only OpenSlide knows: Hamamatsu, MIRAX, Leica, Ventana, Philips, Zeiss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import openslide
from openslide import lowlevel

from .errors import SPENT, SlideDamaged, SlideUnknown
from .pyramid import Pyramid, overview_possible
from .sayings import plausible
from .slide import Associated, Level, Pixels

SIDE = 512
"""Pixels of the tiles that are asked for where a level has none of its own."""

NAMES = {
    "hamamatsu": "hamamatsu",
    "mirax": "mirax",
    "leica": "leica",
    "ventana": "ventana",
    "aperio": "aperio",
    "dicom": "dicom",
}
"""OpenSlide's vendors that have a name here; every other is ``tiff``."""

LARGEST_PICTURE = 1 << 26
LARGEST_SIDE = 1 << 24


@dataclass(frozen=True)
class Asked:
    """A level of which OpenSlide is asked for rectangles."""

    slide: Any
    number: int
    level: Level

    @property
    def scales(self) -> Sequence[int]:
        return (1,)

    def tile(self, column: int, row: int, scale: int) -> Pixels | None:
        level = self.level
        x, y = column * level.tile_width, row * level.tile_height
        if min(x, y) < 0 or x >= level.width or y >= level.height:
            return None
        size = min(level.tile_width, level.width - x), min(level.tile_height, level.height - y)
        corner = round(x * level.downsample), round(y * level.downsample)
        try:
            return _on_white(np.asarray(self.slide.read_region(corner, self.number, size)))
        except openslide.OpenSlideError as why:
            raise SlideDamaged(reason=SPENT) from why
        except (ValueError, MemoryError) as why:
            raise SlideDamaged(reason="tile") from why

    def jpeg(self, column: int, row: int) -> bytes | None:
        return None


def is_foreign(path: Path) -> bool:
    """Whether OpenSlide knows the format, by the file's beginning and name."""
    try:
        return openslide.OpenSlide.detect_format(str(path)) is not None
    except openslide.OpenSlideError:
        return False


def open_foreign(path: Path) -> Pyramid:
    """Raises SlideUnknown, SlideDamaged, SlideTooLarge."""
    try:
        opened: Any = openslide.OpenSlide(str(path))
    except openslide.OpenSlideUnsupportedFormatError as why:
        raise SlideUnknown(reason="format") from why
    except (openslide.OpenSlideError, OSError, ValueError) as why:
        raise SlideDamaged(reason="openslide") from why
    try:
        said = dict(opened.properties)
        stored = tuple(_levels(opened, said))
        overview_possible(stored[-1])
        return Pyramid(
            format=NAMES.get(said.get("openslide.vendor", ""), "tiff"),
            stored=stored,
            mpp=_mpp(said),
            properties=_sayings(said),
            pictures=_pictures(opened),
            letting_go=opened.close,
        )
    except BaseException:
        opened.close()
        raise


def _levels(opened: Any, said: dict[str, str]) -> list[Asked]:
    found: list[Asked] = []
    for number, (width, height) in enumerate(opened.level_dimensions):
        if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
            raise SlideDamaged(reason="no-size")
        wide, high = (
            _within(said.get(f"openslide.level[{number}].tile-{side}"))
            for side in ("width", "height")
        )
        level = Level(width, height, float(opened.level_downsamples[number]), wide, high)
        found.append(Asked(opened, number, level))
    return found


def _within(said: str | None) -> int:
    size = int(said) if said is not None and said.isdigit() else SIDE
    return size if 64 <= size <= 2048 else SIDE


def _mpp(said: dict[str, str]) -> tuple[float, float] | None:
    try:
        return plausible(float(said["openslide.mpp-x"]), float(said["openslide.mpp-y"]))
    except (KeyError, ValueError):
        return None


def _sayings(said: dict[str, str]) -> dict[str, str]:
    """Only what OpenSlide itself names; what the maker wrote may name a person."""
    found = {
        "scanner": said.get("openslide.vendor", ""),
        "magnification": said.get("openslide.objective-power", ""),
        "icc": "not applied" if "openslide.icc-size" in said else "",
    }
    return {name: text for name, text in found.items() if text}


def _pictures(opened: Any) -> dict[Associated, Callable[[], Pixels]]:
    return {
        which: partial(_picture, opened, which)
        for which in Associated
        if which.value in opened.associated_images
    }


def _picture(opened: Any, which: Associated) -> Pixels:
    width, height = lowlevel.get_associated_image_dimensions(opened._osr, which.value)  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
    if width * height > LARGEST_PICTURE:
        raise SlideDamaged(reason="picture-size")
    try:
        return _on_white(np.asarray(opened.associated_images[which.value]))
    except openslide.OpenSlideError as why:
        raise SlideDamaged(reason=SPENT) from why
    except (KeyError, ValueError) as why:
        raise SlideDamaged(reason="picture") from why


def _on_white(pixels: Any) -> Pixels:
    """RGBA laid on white: where nothing was scanned there is no tissue."""
    clear = pixels[:, :, 3]
    if clear.min() == 255:
        return np.ascontiguousarray(pixels[:, :, :3])
    share = clear[:, :, None].astype(np.float32) / 255
    return np.asarray(np.round(pixels[:, :, :3] * share + 255 * (1 - share)), np.uint8)
