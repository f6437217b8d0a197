"""What detection promises: nuclei where they are, classes right, the same whatever the tile."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from countersign.rooms.pathology.domain import stain
from countersign.rooms.pathology.domain.kernel import Rules, detect
from rooms.pathology.ihc import WHITE, drawn

FIELD = drawn(1024, 896, 0.3, seed=4)
TABLE = stain.table(stain.Stains(WHITE, stain.unit(stain.HAEMATOXYLIN), stain.unit(stain.DAB)))
REACH = 64
"""Pixels of the working grid (1 µm) that are read around a part."""


def _rows(left: int, top: int, right: int, bottom: int, reach: int) -> NDArray[np.float64]:
    """Nuclei whose centres lie in the part, in the whole field's working grid, sorted."""
    rgb = np.full((896 + 4 * reach, 1024 + 4 * reach, 3), 240, np.uint8)
    rgb[2 * reach : 2 * reach + 896, 2 * reach : 2 * reach + 1024] = FIELD.pixels
    part = rgb[2 * top : 2 * (bottom + 2 * reach), 2 * left : 2 * (right + 2 * reach)]
    found = detect(np.ascontiguousarray(part), TABLE, 0.5)
    x, y = found.column("x") + left - reach, found.column("y") + top - reach
    own = (x >= left) & (x < right) & (y >= top) & (y < bottom)
    columns = [x, y, *(found.column(name) for name in ("area", "dab", "haematoxylin", "contrast"))]
    return _sorted(np.column_stack(columns)[own].astype(np.float64))


def _sorted(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows[np.lexsort(np.rint(rows[:, :2] * 10).T)]


def test_nuclei_are_found_where_they_were_drawn() -> None:
    found = detect(FIELD.pixels, TABLE, 0.5)
    x, y = (found.column("x") + 0.5) * 2 - 0.5, (found.column("y") + 0.5) * 2 - 0.5
    far = np.hypot(x[:, None] - FIELD.x, y[:, None] - FIELD.y)
    assert (far.min(axis=0) < 4).mean() > 0.97
    assert abs(len(x) - len(FIELD.x)) < 0.04 * len(FIELD.x)
    brown = found.column("dab") >= 0.12
    assert (brown == FIELD.positive[far.argmin(axis=1)]).mean() > 0.97


def test_an_empty_picture_holds_no_nucleus() -> None:
    assert len(detect(np.full((300, 300, 3), 240, np.uint8), TABLE, 0.5).rows) == 0
    assert len(detect(np.full((9, 9, 3), 240, np.uint8), TABLE, 0.5).rows) == 0


def test_a_large_dark_nucleus_with_clumped_chromatin_stays_whole() -> None:
    rgb = np.full((160, 160, 3), 235, np.uint8)
    y, x = np.mgrid[0:160, 0:160]
    rgb[(x - 80) ** 2 + (y - 80) ** 2 < 13**2] = (90, 60, 120)
    for at in ((74, 76), (86, 78), (80, 88), (72, 84), (88, 86)):
        rgb[(x - at[0]) ** 2 + (y - at[1]) ** 2 < 9] = (70, 45, 105)
    assert len(detect(rgb, TABLE, 0.5).rows) == 1
    apart = Rules(drop=0, drop_ellipse=0, share=0, smallest=2, narrowest=1)
    assert len(detect(rgb, TABLE, 0.5, apart).rows) > 3


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(1, 127), max_size=3, unique=True),
    st.lists(st.integers(1, 111), max_size=3, unique=True),
)
def test_any_tiling_gives_the_same_nuclei(columns: list[int], lines: list[int]) -> None:
    """Parts begin at multiples of four pixels of the working grid, as plans make them. Places are
    of single precision, counted from the part's corner: they may differ by a thousandth."""
    whole = _rows(0, 0, 512, 448, REACH)
    across = [0, *sorted(4 * one for one in columns), 512]
    down = [0, *sorted(4 * one for one in lines), 448]
    parts = [
        _rows(left, top, right, bottom, REACH)
        for left, right in zip(across, across[1:], strict=False)
        for top, bottom in zip(down, down[1:], strict=False)
    ]
    joined = _sorted(np.concatenate(parts))
    assert joined.shape == whole.shape
    assert np.allclose(joined, whole, rtol=0, atol=1e-3)
