"""A tiny slide with a label that is only written on: no code, no text in the file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from benchmarks.slide_toy import Pixels, ToySlide
from countersign.ground.imaging import Associated, Slide

WRITTEN = ("S26-01234 A1", "Ki-67", "WANG XIAOMING", "CENTRAL LAB")


def label(lines: tuple[str, ...] = WRITTEN, turned: int = 0) -> Pixels:
    """The picture of a label, ``turned`` quarters of the way round."""
    picture = np.full((420, 460, 3), 245, np.uint8)
    for number, text in enumerate(lines):
        place = (15, 80 + 90 * number)
        cv2.putText(
            picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.3, (20, 20, 20), 2, cv2.LINE_AA
        )
    return np.ascontiguousarray(np.rot90(picture, turned))


class LabelledSlide(ToySlide):
    """As the toy, with that label."""

    def associated(self, which: Associated) -> Pixels | None:
        return label() if which is Associated.LABEL else None


def open_labelled(path: Path) -> Slide:
    """As ``open_toy``."""
    return LabelledSlide(path)
