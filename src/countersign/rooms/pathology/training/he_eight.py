"""A network whose layers count in eight bits, if it draws as it did before."""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countersign.kit import graph_rounding
from countersign.rooms.pathology.domain.he_grouping import sigmoid
from countersign.rooms.pathology.domain.he_maps import FINER
from countersign.rooms.pathology.inference.he_network import RIM, HeNetwork, framed
from countersign.rooms.pathology.training.he_crops import CROP, Field
from countersign.rooms.pathology.training.he_network import at_work

ALIKE = 0.01
"""How far probabilities may lie apart on the mean. On held-out tiles of MoNuSeg, networks 0.007
apart lost 0.1 points of AJI, networks 0.02 apart up to 1.5."""

SHOWN, COMPARED = 32, 6
"""Crops that show what the layers span, and pictures that both networks draw."""

Picture = NDArray[np.uint8]


def rounded(raw: bytes, fields: Sequence[Field], seed: int) -> tuple[bytes | None, dict[str, Any]]:
    """The graph ``raw`` in eight bits, and what the card says of that. None where the two draw
    ``fields``, which ``raw`` learnt from, farther apart than ALIKE."""
    chance = np.random.default_rng(seed)
    eight = graph_rounding.in_eight_bits(raw, _asked(fields, chance))
    few = chance.choice(len(fields), min(COMPARED, len(fields)), replace=False)
    far = apart(at_work(raw), at_work(eight), [fields[number].image for number in few])
    said = {"bits": 8 if far <= ALIKE else 32, "rounding": round(far, 4)}
    return (eight if far <= ALIKE else None), said


def apart(one: HeNetwork, other: HeNetwork, pictures: Sequence[Picture]) -> float:
    """The mean distance of the probabilities of foreground and of centre, whichever is larger."""
    far = [
        np.abs(sigmoid(one.maps(picture)[:2]) - sigmoid(other.maps(picture)[:2])).mean((1, 2))
        for picture in pictures
    ]
    return float(np.mean(far, 0).max())


def _asked(
    fields: Sequence[Field], chance: np.random.Generator
) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Pieces of pictures as they are, none of them stained anew."""
    for number in chance.integers(len(fields), size=SHOWN):
        image = fields[number].image
        side = FINER * CROP
        top, left = (int(chance.integers(max(1, one - side + 1))) for one in image.shape[:2])
        yield {"image": framed(image[top : top + side, left : left + side], FINER * RIM)}
