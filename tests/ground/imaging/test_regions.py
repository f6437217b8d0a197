"""A region is the rectangle asked for, whatever lies below and beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.imaging import Level, Pixels, open_slide
from countersign.ground.imaging.generated import Field
from countersign.ground.imaging.pyramid import Pyramid, times_smaller

PICTURE = np.random.default_rng(1).integers(0, 250, (97, 143, 3), dtype=np.uint8)


@dataclass
class Cut:
    """Tiles of a picture in memory that says which it was asked for."""

    level: Level
    pixels: Pixels
    scales: Sequence[int] = (1,)
    asked: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])

    def tile(self, column: int, row: int, scale: int) -> Pixels | None:
        self.asked.append((column, row, scale))
        wide, high = self.level.tile_width, self.level.tile_height
        found = np.zeros((high, wide, 3), np.uint8)
        part = self.pixels[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        found[: part.shape[0], : part.shape[1]] = part
        return found[::scale, ::scale]

    def jpeg(self, column: int, row: int) -> bytes | None:
        return None


def cut(wide: int, high: int) -> Cut:
    return Cut(Level(143, 97, 1.0, wide, high), PICTURE)


@given(
    st.integers(-60, 200),
    st.integers(-60, 150),
    st.integers(1, 220),
    st.integers(1, 160),
    st.integers(7, 64),
    st.integers(7, 64),
)
def test_a_region_is_the_picture_and_white_beyond_it(
    x: int, y: int, width: int, height: int, wide: int, high: int
) -> None:
    canvas = np.full((97 + 400, 143 + 400, 3), 255, np.uint8)
    canvas[200:297, 200:343] = PICTURE
    stored = cut(wide, high)
    found = Pyramid("tiff", (stored,), None, {}).region(x, y, width, height)
    expected = np.full((height, width, 3), 255, np.uint8)
    part = canvas[200 + y : 200 + y + height, 200 + x : 200 + x + width]
    expected[: part.shape[0], : part.shape[1]] = part
    assert np.array_equal(found, expected)
    assert all(
        0 <= column < -(-143 // wide) and 0 <= row < -(-97 // high)
        for column, row, _ in stored.asked
    )


@given(st.integers(-20, 120), st.integers(-20, 80), st.integers(1, 140), st.floats(0.5, 40))
def test_any_downsample_has_the_size_that_was_promised(
    x: int, y: int, side: int, downsample: float
) -> None:
    found = Pyramid("tiff", (cut(32, 32),), None, {}).region(x, y, side, side + 3, downsample)
    assert found.shape == (
        max(1, round((side + 3) / downsample)),
        max(1, round(side / downsample)),
        3,
    )


def test_bands_make_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    slide = Pyramid("tiff", (cut(32, 32),), None, {})
    at_once = slide.region(3, 5, 130, 90, 2.0)
    monkeypatch.setattr("countersign.ground.imaging.pyramid.BAND", 1500)
    assert np.array_equal(slide.region(3, 5, 130, 90, 2.0), at_once)


@pytest.mark.parametrize(
    ("downsample", "level", "scale"), [(1, 0, 1), (2, 0, 2), (3.9, 0, 2), (4.001, 1, 1), (9, 1, 2)]
)
def test_the_cheapest_level_that_is_fine_enough(downsample: float, level: int, scale: int) -> None:
    stored = [
        Cut(Level(144, 96, 1.0, 32, 32), PICTURE, (4, 2, 1)),
        Cut(Level(36, 24, 4.0, 32, 32), PICTURE[::4, ::4], (2, 1)),
    ]
    Pyramid("tiff", tuple(stored), None, {}).region(0, 0, 144, 96, downsample)
    assert {one for _, _, one in stored[level].asked} == {scale}
    assert not stored[1 - level].asked


@pytest.mark.parametrize(
    ("size", "times"),
    [
        ((2875, 2057), 16.0),
        ((46000 // 4, 32914 // 4), 4.0),
        ((718, 514), 64.0),
        ((46000, 32914), None),
        ((400, 2000), None),
        ((30667, 21943), pytest.approx(1.5, abs=0.001)),
    ],
)
def test_sizes_that_files_round(size: tuple[int, int], times: float | None) -> None:
    assert times_smaller((46000, 32914), size) == times


def test_many_threads_read_one_slide(slides: dict[str, Path], field: Field) -> None:
    slide = open_slide(slides["aperio"])
    alone = [slide.region(64 * n, 32 * n, 300, 200, 1 + n % 3) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda n: slide.region(64 * n, 32 * n, 300, 200, 1 + n % 3), [*range(8)] * 6)
        )
    assert all(np.array_equal(found, alone[n % 8]) for n, found in enumerate(together))


def test_a_closed_slide_is_not_read(slides: dict[str, Path]) -> None:
    slide = open_slide(slides["tiff"])
    slide.close()
    slide.close()
    with pytest.raises(ValueError, match="closed"):
        slide.region(0, 0, 10, 10)


@pytest.mark.shared
def test_a_slide_from_a_scanner(shared: Path) -> None:
    import openslide

    path = shared / "imaging" / "wsi" / "CMU-1-Small-Region.svs"
    slide = open_slide(path)
    assert (slide.format, slide.mpp) == ("aperio", (0.499, 0.499))
    with openslide.OpenSlide(path) as peer:
        theirs = np.asarray(peer.read_region((100, 333), 0, (700, 600)).convert("RGB"))
        assert np.array_equal(slide.region(100, 333, 700, 600), theirs)
        assert set(peer.associated_images) == {"label", "macro", "thumbnail"}


@pytest.mark.shared
def test_dicom_slides_that_another_library_wrote(shared: Path) -> None:
    import highdicom

    names = ("sm_image", "sm_image_dots", "sm_image_jpegls", "sm_image_jpegls_nobot")
    for name in names:
        path = shared / "imaging" / "dicom" / "highdicom" / f"{name}.dcm"
        slide = open_slide(path)
        theirs = highdicom.imread(path).get_total_pixel_matrix(dtype=np.uint8)
        assert np.array_equal(slide.region(0, 0, 50, 50), theirs)
        assert slide.mpp == pytest.approx((0.499, 0.499))
