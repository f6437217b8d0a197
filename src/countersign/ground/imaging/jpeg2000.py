"""JPEG 2000 tiles, decoded whole or, far cheaper, without their finest wavelets."""

from __future__ import annotations

import io
from typing import Any

import cv2
import imagecodecs
import numpy as np
from PIL import Image

from .errors import SlideDamaged
from .slide import Pixels

_SIZE = b"\xff\x4f\xff\x51"


def decoded_2000(stream: bytes, width: int, height: int, scale: int, ycc: bool) -> Pixels:
    """Pixels of a codestream that must be ``width`` × ``height``, shrunk by ``scale``.

    ``ycc``: the components are YCbCr, though the stream does not say so (Aperio's 33003).
    Raises SlideDamaged.
    """
    subsampled = _check(stream, width, height)
    try:
        found = _reduced(stream, scale) if scale > 1 else None
        if found is None:
            found = np.asarray(imagecodecs.jpeg2k_decode(stream, numthreads=1))
    except Exception as why:  # noqa: BLE001 - codecs raise errors of their own, without a root
        raise SlideDamaged(reason="tile") from why
    if found.dtype != np.uint8:
        raise SlideDamaged(reason="tile")
    if found.ndim == 2:
        found = np.repeat(found[:, :, None], 3, axis=2)
    if found.ndim != 3 or found.shape[2] not in (3, 4):
        raise SlideDamaged(reason="tile")
    found = np.ascontiguousarray(found[:, :, :3])
    if ycc and not subsampled:  # what is, the codecs take for YCbCr and made RGB of already
        found = np.asarray(cv2.cvtColor(found[:, :, (0, 2, 1)], cv2.COLOR_YCrCb2RGB), np.uint8)
    size = -(-width // scale), -(-height // scale)
    if (found.shape[1], found.shape[0]) != size:
        found = np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_AREA), np.uint8)
    return found


def _reduced(stream: bytes, scale: int) -> Pixels | None:
    """None where the stream has not so many levels of wavelets."""
    levels = scale.bit_length() - 1
    at = stream.find(b"\xff\x52")
    if at < 0 or at + 10 > len(stream) or stream[at + 9] < levels:
        return None
    with Image.open(io.BytesIO(stream), formats=("JPEG2000",)) as opened:
        reducing: Any = opened
        reducing.reduce = levels
        opened.load()
        return np.asarray(opened)


def _check(stream: bytes, width: int, height: int) -> bool:
    """The size is compared before anything is decoded (ITU-T T.800, A.5.1); returns whether a
    component has fewer pixels than the picture."""
    at = stream.find(_SIZE)
    if at < 0 or at + 42 > len(stream):
        raise SlideDamaged(reason="no-jpeg-2000")
    right, bottom, left, top, tile_width, tile_height = (
        int.from_bytes(stream[at + 8 + 4 * one : at + 12 + 4 * one], "big")
        for one in (0, 1, 2, 3, 4, 5)
    )
    components = int.from_bytes(stream[at + 40 : at + 42], "big")
    if (right - left, bottom - top) != (width, height) or not 1 <= components <= 4:
        raise SlideDamaged(reason="tile-size")
    if not tile_width or not tile_height or (width // tile_width) * (height // tile_height) > 4096:
        raise SlideDamaged(reason="tile-size")
    steps = stream[at + 42 : at + 42 + 3 * components]  # of each: depth, and steps across and down
    if len(steps) < 3 * components:
        raise SlideDamaged(reason="no-jpeg-2000")
    return max(steps[1::3] + steps[2::3]) > 1
