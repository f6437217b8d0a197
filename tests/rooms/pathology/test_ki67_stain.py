"""White point and stain vectors: found where the slide shows them, said where it does not."""

from __future__ import annotations

import numpy as np

from countersign.rooms.pathology.domain import stain
from rooms.pathology.ihc import WHITE, drawn


def test_the_white_point_is_the_commonest_bright_colour_and_not_the_brightest() -> None:
    pixels = np.full((100, 100, 3), (231, 228, 235), np.uint8)
    pixels[:10] = 255
    pixels[60:] = (150, 120, 170)
    assert stain.white_point(pixels) == (231.0, 228.0, 235.0)


def test_stains_are_found_near_those_that_were_drawn() -> None:
    found = stain.estimated(drawn(500, 500, 0.4).pixels, WHITE)
    assert not found.limits
    assert np.dot(found.first, stain.unit(stain.HAEMATOXYLIN)) > 0.98
    assert np.dot(found.second, stain.unit(stain.DAB)) > 0.98


def test_a_slide_without_dab_keeps_the_published_vector_and_says_so() -> None:
    found = stain.estimated(drawn(500, 500, 0.0).pixels, WHITE)
    assert found.second == stain.unit(stain.DAB)
    assert [one["code"] for one in found.limits if one.get("stain") == "second"] == [
        "stain-out-of-range"
    ]


def test_too_few_stained_pixels_estimate_nothing() -> None:
    found = stain.estimated(np.full((50, 50, 3), 240, np.uint8), (241.0, 241.0, 241.0))
    assert [one["code"] for one in found.limits] == ["few-pixels"]
    assert found.first == stain.unit(stain.HAEMATOXYLIN)


def test_a_table_unmixes_what_was_mixed() -> None:
    stains = stain.Stains(WHITE, stain.unit(stain.HAEMATOXYLIN), stain.unit(stain.DAB))
    density = 0.4 * np.array(stains.first) + 0.5 * np.array(stains.second)
    red, green, blue = (np.array(WHITE) * 10**-density).astype(int) >> 2
    entry = int(stain.table(stains)[(red << 12) | (green << 6) | blue])
    assert abs((((entry >> 10) & 255) - stain.ZERO) / stain.SCALE - 0.5) < 0.05
    assert abs((((entry >> 20) & 255) - stain.ZERO) / stain.SCALE - 0.4) < 0.05
