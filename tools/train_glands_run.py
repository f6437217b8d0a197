"""Draws fields with glands and learns from them, where PyTorch is."""

from __future__ import annotations

import cv2
import numpy as np

from countersign.ground.imaging import generated
from countersign.rooms.pathology.domain.gland_pixels import prepared
from countersign.rooms.pathology.inference.gland import SHIPPED
from countersign.rooms.pathology.training.gland_network import (
    BENIGN,
    MALIGNANT,
    NONE,
    Field,
    graph,
    learn,
)

FIELDS, STEPS, SIDE, MPP = 90, 300, 1024, 0.62


def drawn(number: int) -> Field:
    """Benign, malignant or half and half in turn, with few to many lymphocytes, at 1.24 µm."""
    crowd = float(np.random.default_rng(number).uniform(0.03, 0.6))
    field = generated.draw_he(1000 + number, SIDE, SIDE, MPP, (0.0, 1.0, 0.5)[number % 3], crowd)
    sick = np.isin(field.glands, list(field.malignant))
    truth = np.where(field.glands > 0, np.where(sick, MALIGNANT, BENIGN), NONE).astype(np.uint8)
    half = (SIDE // 2, SIDE // 2)
    pixels = np.asarray(cv2.resize(field.pixels, half, interpolation=cv2.INTER_AREA), np.uint8)
    small = np.asarray(cv2.resize(truth, half, interpolation=cv2.INTER_NEAREST), np.uint8)
    return Field(prepared(pixels), small, str(number))


def main() -> None:
    cv2.setNumThreads(1)
    model = learn([drawn(number) for number in range(FIELDS)], 1, STEPS, _told)
    # Weights as short as they are precise enough.
    np.savez(SHIPPED, graph=np.frombuffer(graph(model.half().float()), np.uint8))


def _told(step: int, steps: int) -> None:
    if step % 20 == 0:
        print(f"{step} of {steps}", flush=True)


if __name__ == "__main__":
    main()
