"""Plain pictures (PNG, JPEG) as slides: read whole, halved into levels in memory."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from .errors import SlideDamaged, SlideTooLarge
from .jpeg import few_scans, frame_of
from .pyramid import Pyramid
from .reading import LONGEST, File
from .sayings import plausible
from .slide import Level, Pixels

LARGEST = 89_000_000
"""Pixels of a picture that is held in memory: 270 MB, and a third more for its levels. Below what
Pillow itself begins to warn of."""

SIDE = 256
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@dataclass(frozen=True)
class Held:
    """A level in memory, cut into tiles."""

    level: Level
    pixels: Pixels

    @property
    def scales(self) -> Sequence[int]:
        return (1,)

    def tile(self, column: int, row: int, scale: int) -> Pixels | None:
        x, y = column * SIDE, row * SIDE
        if min(x, y) < 0 or x >= self.level.width or y >= self.level.height:
            return None
        return self.pixels[y : y + SIDE, x : x + SIDE]

    def jpeg(self, column: int, row: int) -> bytes | None:
        return None


def is_picture(head: bytes) -> bool:
    return head.startswith(SIGNATURES)


def open_picture(file: File) -> Pyramid:
    """Raises SlideDamaged, SlideTooLarge; the size is compared before a pixel is decoded."""
    if file.size > LONGEST:
        raise SlideTooLarge(megapixels=file.size // 1_000_000, most=LARGEST // 1_000_000)
    raw = file.read(0, file.size)
    pixels = _pixels(raw)
    if pixels > LARGEST:
        raise SlideTooLarge(megapixels=pixels // 1_000_000, most=LARGEST // 1_000_000)
    try:
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as opened:
            opened.load()
            mpp = _mpp(opened)
            picture = np.ascontiguousarray(_on_white(opened))
    except Exception as why:  # noqa: BLE001 - codecs raise errors of their own, without a root
        raise SlideDamaged(reason="picture") from why
    return held("image", picture, mpp, file)


def _pixels(raw: bytes) -> int:
    """What the first chunk of a PNG or the frame of a JPEG says. Raises SlideDamaged."""
    if raw.startswith(SIGNATURES[0]):
        return int.from_bytes(raw[16:20], "big") * int.from_bytes(raw[20:24], "big")
    frame = frame_of(raw)
    few_scans(raw, frame.head)
    return frame.width * frame.height


def held(name: str, picture: Pixels, mpp: tuple[float, float] | None, file: File) -> Pyramid:
    """Levels by halving until one tile holds all."""
    stored: list[Held] = []
    downsample = 1.0
    while True:
        height, width = picture.shape[:2]
        stored.append(Held(Level(width, height, downsample, SIDE, SIDE), picture))
        if max(height, width) <= SIDE or min(height, width) < 2:
            break
        half = (width // 2, height // 2)
        picture = np.asarray(cv2.resize(picture, half, interpolation=cv2.INTER_AREA), np.uint8)
        downsample *= 2
    return Pyramid(name, tuple(stored), mpp, {}, letting_go=file.close)


def _on_white(opened: Image.Image) -> Pixels:
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        clear = opened.convert("RGBA")
        white = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        return np.asarray(Image.alpha_composite(white, clear).convert("RGB"))
    return np.asarray(opened.convert("RGB"))


def _mpp(opened: Image.Image) -> tuple[float, float] | None:
    """From the resolution, where it is one of a microscope and none of a printer."""
    try:
        across, down = (25_400 / float(dots) for dots in opened.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return plausible(across, down)
