"""Reads the codes on a picture of a label: bar codes and QR codes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

LONGEST = 2000
"""Pixels of a side; a larger label is made smaller first, and a small one larger."""


def codes_on(label: NDArray[np.uint8]) -> tuple[str, ...]:
    """The texts of all codes, each once, whichever way round the label lies.

    A label that cannot be read has none: a person then says whose the slide is.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(label), cv2.COLOR_RGB2GRAY)
    longest = max(grey.shape)
    if longest > LONGEST or longest < 400:
        scale = (LONGEST if longest > LONGEST else 800) / longest
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found: dict[str, None] = {}
    for turned in (grey, cv2.rotate(grey, cv2.ROTATE_90_CLOCKWISE)):
        for text in (*_square(turned), *_bars(turned)):
            if text := text.strip()[:200]:
                found[text] = None
    return tuple(found)


def _square(grey: Any) -> list[str]:
    try:
        reader: Any = cv2.QRCodeDetector()
        found: tuple[Any, ...] = reader.detectAndDecodeMulti(grey)
    except cv2.error:
        return []
    return [str(one) for one in found[1] if one] if found[0] else []


def _bars(grey: Any) -> list[str]:
    try:
        reader: Any = cv2.barcode.BarcodeDetector()
        found: tuple[Any, ...] = reader.detectAndDecodeMulti(grey)
    except cv2.error:
        return []
    return [str(one) for one in found[1] if one] if found[0] else []
