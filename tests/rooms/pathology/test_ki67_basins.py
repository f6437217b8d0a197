"""Basins by the compiled kernel beside the plain definition; memory that is kept does not show."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from countersign.rooms.pathology.domain import kernel_basins, ki67_plan, stain
from countersign.rooms.pathology.domain.kernel import detect
from countersign.rooms.pathology.domain.kernel_scratch import Scratch
from rooms.pathology.ihc import WHITE, drawn

TABLE = stain.table(stain.Stains(WHITE, stain.unit(stain.HAEMATOXYLIN), stain.unit(stain.DAB)))


def plainly(land: NDArray[np.uint16]) -> dict[tuple[int, int], tuple[int, int]]:
    """Where each pixel of the mask ends when it climbs to the highest neighbour; of equal ones to
    the one furthest left, then furthest up."""

    def goal(y: int, x: int) -> tuple[int, int]:
        near = [(y + dy, x + dx) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        return max(near, key=lambda one: (land[one], -one[1], -one[0]))

    ends: dict[tuple[int, int], tuple[int, int]] = {}
    for y, x in zip(*np.nonzero(land), strict=True):
        at = (int(y), int(x))
        while goal(*at) != at:
            at = goal(*at)
        ends[int(y), int(x)] = at
    return ends


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 14), st.integers(3, 14), st.integers(1, 6))
def test_each_pixel_belongs_to_the_peak_it_climbs_to(
    seed: int, height: int, width: int, levels: int
) -> None:
    chance = np.random.default_rng(seed)
    land = np.zeros((height + 2, width + 2), np.uint16)
    land[1:-1, 1:-1] = chance.integers(0, levels + 1, (height, width)) * (8536 // levels)
    codes = np.full(-(-land.size // 8) * 8, kernel_basins.NOWHERE, np.uint8)
    kernel_basins.climbs(land, codes[: land.size].reshape(land.shape))
    labels, goals = np.empty(land.size, np.int32), np.empty(land.size, np.uint32)
    peaks = np.zeros(land.size + 2, np.int32)
    eights = codes.view(np.uint64)
    count = kernel_basins.basins(codes[: land.size], eights, width + 2, goals, labels, peaks)
    found, ends = labels.reshape(land.shape), plainly(land)
    assert {(int(y), int(x)) for y, x in zip(*np.nonzero(found), strict=True)} == set(ends)
    assert count == len(set(ends.values()))
    for place, end in ends.items():
        assert divmod(int(peaks[found[place]]), width + 2) == end


def test_memory_of_larger_and_of_other_pictures_does_not_show() -> None:
    large, small = drawn(600, 500, 0.4, seed=2).pixels, drawn(300, 340, 0.2, seed=3).pixels
    scratch = Scratch()
    for pixels in (small, large, small, np.full_like(small, 240), small):
        kept, fresh = detect(pixels, TABLE, 0.5, scratch=scratch), detect(pixels, TABLE, 0.5)
        assert kept.rows.tobytes() == fresh.rows.tobytes()
        assert np.array_equal(kept.labels, fresh.labels)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from((16.0, 20.0, 32.0)))
def test_rectangles_cover_every_piece_of_tissue_once(seed: int, scale: float) -> None:
    chance = np.random.default_rng(seed)
    mask = (chance.random((60, 50)) < 0.02).astype(np.uint8)
    size = round(50 * scale), round(60 * scale)
    grid = ki67_plan.Grid(256, 128, 3)
    covered = np.zeros(mask.shape, np.int32)
    y, x = np.mgrid[0:60, 0:50]
    for one in ki67_plan.tiles(mask, scale, size, grid):
        middle_x, middle_y = (x + 0.5) * scale, (y + 0.5) * scale
        inside = (middle_x >= one.x) & (middle_x < one.x + one.width)
        covered += inside & (middle_y >= one.y) & (middle_y < one.y + one.height)
    assert covered.max(initial=0) <= 1
    assert (covered[mask > 0] == 1).all()
