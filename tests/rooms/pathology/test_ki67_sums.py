"""A basin's sums, side by side in few numbers, are those that plain counting gives."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from countersign.rooms.pathology.domain import kernel_sums as sums
from countersign.rooms.pathology.domain import stain
from countersign.rooms.pathology.domain.kernel import detect
from rooms.pathology.ihc import WHITE

Table = NDArray[np.int64]


def _labels(high: int, wide: int) -> NDArray[np.int32]:
    """Three basins one pixel inside, beside each other and apart, none beyond ``sums.MOST``."""
    labels = np.zeros((high + 2, wide + 2), np.int32)
    labels[1 : high + 1, 1:32] = 1
    labels[2 : high - 1, 32:50] = 2
    labels[high - 1 : high + 1, 40 : wide + 1] = 3
    return labels


def _surveyed(
    labels: NDArray[np.int32], land: NDArray[np.uint16], planes: tuple[NDArray[np.uint16], ...]
) -> tuple[Table, Table, dict[tuple[int, int], tuple[int, int]]]:
    fine, brown, violet, low = planes
    count = int(labels.max())
    moments = np.ones((count + 1, sums.MOMENTS), np.int32)
    packed = np.ones((count + 1, sums.WORDS), np.uint64)
    table, used = np.ones((8 * count, 2), np.int64), np.zeros(8 * count, np.int32)
    entries = (violet.astype(np.uint32) << 20) | (brown.astype(np.uint32) << 10)
    at = np.zeros(count + 1, np.int32), np.ones(count + 1, np.int32)
    seen = fine, entries, low
    pairs = sums.surveyed(labels, land, at, seen, (moments, packed), table, used)
    met = {
        (int(key) >> 32, int(key) & 0xFFFFFFFF): (int(held) >> 32, int(held) & 0xFFFFFFFF)
        for key, held in table[used[:pairs]]
    }
    fields = ((0, 0, 22), (0, 22, 22), (0, 44, 20), (1, 0, 20), (1, 20, 10), (1, 30, 22))
    fields += ((2, 0, 34), (2, 34, 24))
    parts = [
        (packed[:, word] >> np.uint64(first)) & np.uint64((1 << bits) - 1)
        for word, first, bits in fields
    ]
    return moments.astype(np.int64), np.stack(parts, axis=1).astype(np.int64), met


@pytest.mark.parametrize("least", [0, 1])
def test_sums_are_those_of_the_pixels_even_where_all_are_largest(least: int) -> None:
    """``least`` 1: every value is the largest there can be, in a basin of ``MOST`` pixels."""
    high, wide = 33, 60
    labels, chance = _labels(high, wide), np.random.default_rng(7)
    assert int((labels == 1).sum()) == sums.MOST
    fine, brown, violet, low = (
        chance.integers(least * most, most + 1, (high, wide)).astype(np.uint16)
        for most in (4080, 1020, 1020, 4095)
    )
    land = chance.integers(1, 1 << 14, labels.shape).astype(np.uint16)
    moments, parts, met = _surveyed(labels, land, (fine, brown, violet, low))
    inner = labels[1:-1, 1:-1]
    alike = np.ones_like(inner, np.bool_)
    near = np.zeros(inner.shape, np.int64)
    wider = np.pad(fine.astype(np.int64), 1)
    for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        alike &= labels[1 + dy : high + 1 + dy, 1 + dx : wide + 1 + dx] == inner
        near += wider[1 + dy : high + 1 + dy, 1 + dx : wide + 1 + dx]
    rough = np.abs(4 * fine.astype(np.int64) - near)
    for label in (1, 2, 3):
        y, x = np.nonzero(inner == label)
        own, kept = inner == label, (inner == label) & alike
        value = fine[kept].astype(np.int64)
        x = x + 1
        expected = [len(x), x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum()]
        assert moments[label, :6].tolist() == expected
        colours = [int(one[own].sum(dtype=np.int64)) for one in (fine, low, brown, violet)]
        within = [int(kept.sum()), int(value.sum()), int((value**2).sum()), int(rough[kept].sum())]
        assert parts[label].tolist() == colours + within
    assert met == _met(labels, land)


def _met(
    labels: NDArray[np.int32], land: NDArray[np.uint16]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Of each pair that touches the highest pass and how many sides they share."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    high, wide = labels.shape
    for y, x, (dy, dx) in product(range(high - 1), range(wide - 1), ((0, 1), (1, 0))):
        one, other = int(labels[y, x]), int(labels[y + dy, x + dx])
        if one and other and one != other:
            pair = min(one, other), max(one, other)
            best, count = found.get(pair, (0, 0))
            found[pair] = max(best, int(min(land[y, x], land[y + dy, x + dx]))), count + 1
    return found


def test_pixels_so_fine_that_sums_would_run_over_are_refused() -> None:
    stains = stain.Stains(WHITE, stain.unit(stain.HAEMATOXYLIN), stain.unit(stain.DAB))
    with pytest.raises(ValueError, match="too fine"):
        detect(np.full((64, 64, 3), 240, np.uint8), stain.table(stains), 0.2)
