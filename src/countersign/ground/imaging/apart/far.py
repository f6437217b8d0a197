"""A slide whose pixels another process decodes: used like any other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast

from countersign.ground.imaging.errors import (
    SlideAway,
    SlideDamaged,
    SlideError,
    SlideTooLarge,
    SlideUnknown,
)
from countersign.ground.imaging.slide import Associated, Level, Pixels, Slide

LARGEST_REGION: Final = 1 << 29
LARGEST_PICTURE: Final = 1 << 26
"""Pixels that are taken from another process at once."""

_ERRORS: Final[Mapping[str, type[SlideError]]] = {
    one.code: one for one in (SlideAway, SlideUnknown, SlideDamaged, SlideTooLarge)
}
_WORD: Final = re.compile(r"[a-z0-9-]{1,40}")


class Asking(Protocol):
    """Asks for words, and for as many pixels at most as are said."""

    def __call__(
        self, question: dict[str, Any], pixels: int
    ) -> tuple[dict[str, Any], Pixels | None]: ...


@dataclass(frozen=True)
class FarSlide:
    """``index`` is the same slide opened here, where that decodes nothing: stored tiles are
    handed on from it."""

    format: str
    levels: tuple[Level, ...]
    mpp: tuple[float, float] | None
    properties: dict[str, str]
    ask: Asking = field(repr=False)
    index: Slide | None = field(default=None, repr=False)

    def region(self, x: int, y: int, width: int, height: int, downsample: float = 1.0) -> Pixels:
        """As in ``Slide``."""
        if width < 1 or height < 1 or downsample <= 0:
            raise ValueError("a region has a size and a positive downsample")
        wide, high = max(1, round(width / downsample)), max(1, round(height / downsample))
        if wide * high > LARGEST_REGION:
            raise ValueError("the region is too large to be held at once")
        box = [int(x), int(y), int(width), int(height)]
        asked = {"what": "region", "box": box, "downsample": float(downsample)}
        _, found = self.ask(asked, wide * high)
        if found is None or found.shape != (high, wide, 3):
            raise SlideDamaged(reason="answer")
        return found

    def stored_tile(self, level: int, column: int, row: int) -> bytes | None:
        """As in ``Slide``; None where only the other process can open the slide."""
        return None if self.index is None else self.index.stored_tile(level, column, row)

    def associated(self, which: Associated) -> Pixels | None:
        """As in ``Slide``."""
        return self.ask({"what": "picture", "which": which.value}, LARGEST_PICTURE)[1]

    def close(self) -> None:
        if self.index is not None:
            self.index.close()


def told(said: dict[str, Any], ask: Asking) -> FarSlide:
    """The slide of another process's words, which are believed as far as they make sense."""
    try:
        levels = tuple(
            Level(int(width), int(height), float(downsample), int(wide), int(high))
            for width, height, downsample, wide, high in said["levels"]
        )
        mpp = said["mpp"]
        properties = {str(name)[:40]: str(text)[:400] for name, text in said["properties"].items()}
        sizes = [side for one in levels for side in (one.width, one.height)]
        tiles = [side for one in levels for side in (one.tile_width, one.tile_height)]
        if not levels or len(levels) > 64 or min(sizes + tiles) < 1 or max(sizes) > 1 << 31:
            raise SlideDamaged(reason="answer")
        pair = None if mpp is None else (float(mpp[0]), float(mpp[1]))
        return FarSlide(str(said["format"])[:20], levels, pair, properties, ask)
    except (KeyError, TypeError, ValueError, AttributeError) as why:
        raise SlideDamaged(reason="answer") from why


def error_of(said: dict[str, Any]) -> SlideError:
    """The error that another process told: one of ours, with nothing but words and numbers."""
    kind, details = _ERRORS.get(str(said.get("error")), SlideDamaged), said.get("details")
    known = cast("dict[str, Any]", details) if isinstance(details, dict) else {}
    if kind is SlideTooLarge:
        numbers = {name: known.get(name) for name in ("megapixels", "most")}
        if all(isinstance(one, int) for one in numbers.values()):
            return SlideTooLarge(**numbers)
        kind = SlideDamaged
    reason = str(known.get("reason", ""))
    return kind(reason=reason if _WORD.fullmatch(reason) else "unexpected")
