"""Nuclei are found without training, parted where they touch, and counted in a second way."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.rooms.pathology.domain.he_basins import Basins, contrast_of, nuclei
from countersign.rooms.pathology.domain.he_blobs import blobs
from countersign.rooms.pathology.domain.he_stain import estimate, separated
from countersign.rooms.pathology.domain.nuclei_scores import aggregated_jaccard, counted, matched
from rooms.pathology.he_slide import drawn


def discs(*places: tuple[int, int]) -> np.ndarray:
    dark = np.zeros((96, 96), np.float32)
    for x, y in places:
        cv2.circle(dark, (x, y), 9, 1.2, -1)
    return np.asarray(cv2.GaussianBlur(dark, (0, 0), 1), np.float32)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_drawn_nuclei_are_outlined(seed: int) -> None:
    cells = drawn(384, seed, cells=30)
    dark, pink = separated(cells.image, estimate(cells.image))
    contrast = contrast_of(dark, dark + pink > 0.1)
    found = nuclei(dark, contrast)
    assert aggregated_jaccard(cells.labels, found) > 0.6
    spots = blobs(dark, contrast)
    counts = counted(matched(cells.points, spots), len(spots))
    assert counts.f1 > 0.9


@pytest.mark.parametrize(("apart", "count"), [(9, 1), (17, 2), (40, 2)])
def test_two_that_touch_are_two_and_two_that_overlap_are_one(apart: int, count: int) -> None:
    found = nuclei(discs((30, 48), (30 + apart, 48)), 1.0)
    assert found.max() == count


def test_numbers_run_in_reading_order_without_gap() -> None:
    found = nuclei(discs((20, 70), (70, 20), (70, 70)), 1.0)
    first = [np.flatnonzero(found.ravel() == number)[0] for number in (1, 2, 3)]
    assert found.max() == 3
    assert first == sorted(first)


def test_too_small_and_too_large_are_left_out() -> None:
    dark = discs((30, 48))
    assert nuclei(dark, 1.0, Basins(smallest=1000)).max() == 0
    assert nuclei(dark, 1.0, Basins(largest=50)).max() == 0


def test_an_even_picture_has_no_nucleus() -> None:
    flat = np.full((80, 80), 0.4, np.float32)
    assert nuclei(flat, contrast_of(flat)).max() == 0
    assert blobs(flat, contrast_of(flat)).shape == (0, 2)


def test_no_tissue_has_some_contrast_to_divide_by() -> None:
    assert contrast_of(np.zeros((4, 4), np.float32), np.zeros((4, 4), np.bool_)) > 0
