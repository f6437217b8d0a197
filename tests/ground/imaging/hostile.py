"""Spoils files by chance and reads all of what is left, as a viewer and an analysis would."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from countersign.ground.imaging import Associated, Slide, SlideError, open_slide

VALUES = (b"\0", b"\xff", b"\x7f", b"\x80", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f")


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, a piece moved or doubled, or the end cut off."""
    found = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = _place(len(found), chance)
        way = chance.randrange(6)
        if way == 0:
            found[at] = chance.randrange(256)
        elif way == 1:
            value = chance.choice(VALUES)
            found[at : at + len(value)] = value
        elif way == 2:
            found[at] ^= 1 << chance.randrange(8)
        elif way == 3:
            source = _place(len(found), chance)
            size = chance.choice((2, 4, 8, 12, 20, 64))
            found[at : at + size] = found[source : source + size]
        elif way == 4 and chance.random() < 0.3:
            del found[at:]
        else:
            size = chance.choice((2, 4, 8))
            found[at : at + size] = (len(found) % (1 << 16)).to_bytes(size, "little")
        if not found:
            break
    return bytes(found)


def _place(size: int, chance: random.Random) -> int:
    """Mostly where headers and directories lie: at both ends."""
    spread = chance.choice((16, 64, 512, 4096, size))
    at = min(size - 1, chance.randrange(max(1, min(spread, size))))
    return max(0, at if chance.random() < 0.6 else size - 1 - at)


def read_all(path: Path, opening: Callable[[Path], Slide] = open_slide) -> str:
    """The code of the error, or ``read``; whatever else is raised is a fault of ours."""
    try:
        slide = opening(path)
    except SlideError as why:
        return why.code
    try:
        level = slide.levels[0]
        width, height = min(level.width, 900), min(level.height, 900)
        slide.region(0, 0, width, height)
        slide.region(0, 0, width, height, 3.0)
        longest = max(level.width, level.height)
        slide.region(0, 0, level.width, level.height, max(1.0, longest / 64))
        for number in range(len(slide.levels)):
            slide.stored_tile(number, 0, 0)
        for which in Associated:
            slide.associated(which)
        assert all(isinstance(text, str) for text in slide.properties.values())
    except SlideError as why:
        return why.code
    finally:
        slide.close()
    return "read"
