"""What share of a perfect hill is a centre follows from what a network draws of known points."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.he_grouping import Grouping
from countersign.rooms.pathology.domain.he_maps import CHANNELS, FINER, SPREAD
from countersign.rooms.pathology.inference.he_network import HeNetwork
from countersign.rooms.pathology.training.he_crops import Field
from countersign.rooms.pathology.training.he_share import chosen

SIDE = 96
TRUE = np.array([[x, y] for x in (16, 48, 80) for y in (16, 48, 80)], np.float32)
FALSE = TRUE[[0, 1, 3, 4]] + 16


class Draws:
    """A network that draws hills so high at the true places, and so high at others."""

    grouping = Grouping()

    def __init__(self, true: float, false: float) -> None:
        y, x = np.mgrid[:SIDE, :SIDE]
        hill = np.full((SIDE, SIDE), 1e-4)
        for places, high in ((TRUE, true), (FALSE, false)):
            for at_x, at_y in places:
                far = (x - at_x) ** 2 + (y - at_y) ** 2
                hill = np.maximum(hill, high * np.exp(-far / (2 * SPREAD**2)))
        self._maps = np.zeros((CHANNELS, SIDE, SIDE), np.float32)
        self._maps[1] = np.log(hill / (1 - hill))

    def maps(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        assert image.shape == (FINER * SIDE, FINER * SIDE, 3)
        return self._maps


def field(**known: NDArray[np.generic]) -> Field:
    return Field("one", np.zeros((FINER * SIDE, FINER * SIDE, 3), np.uint8), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("true", "false", "share"), [(0.9, 0.57, 0.6), (0.9, 0.47, 0.5), (0.43, 0.2, 0.4)]
)
def test_it_lies_between_what_is_there_and_what_is_not(
    true: float, false: float, share: float
) -> None:
    network = cast("HeNetwork", Draws(true, false))
    assert chosen(network, [field(points=TRUE)], 1) == share


def test_outlines_and_pictures_without_centres_leave_it_as_it_is() -> None:
    network = cast("HeNetwork", Draws(0.9, 0.57))
    outlined = field(points=TRUE, instances=np.zeros((SIDE, SIDE), np.int32))
    plain = field(foreground=np.zeros((SIDE, SIDE), np.bool_))
    assert chosen(network, [outlined, plain], 1) == Grouping().centre
