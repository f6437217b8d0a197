"""What a slide may say of itself: plausible sizes, and nothing that could name a person."""

from __future__ import annotations

import re

PLAUSIBLE = (0.02, 10.0)
"""Micrometres that a pixel of a scanned slide or of a camera at a microscope may measure."""

IDENTIFIER = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_./-]{2,63}")
"""What may pass for a barcode: signs without a space, with a digit, so no name of a person."""


def plausible(x: float, y: float) -> tuple[float, float] | None:
    """The pair, where both could be a pixel of a slide."""
    low, high = PLAUSIBLE
    return (x, y) if low <= x <= high and low <= y <= high else None


def identifier(text: str) -> str:
    """The text where it is an identifier, else nothing."""
    return text if IDENTIFIER.fullmatch(text) else ""
