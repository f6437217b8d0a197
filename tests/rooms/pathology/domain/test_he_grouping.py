"""What a network is taught to draw gives back, grouped, the nuclei that it was drawn from."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.rooms.pathology.domain.he_grouping import (
    Found,
    Grouping,
    centres,
    grouped,
    with_discs,
)
from countersign.rooms.pathology.domain.he_maps import CHANNELS, TYPES, Lesson, lesson
from countersign.rooms.pathology.domain.nuclei_scores import aggregated_jaccard, matched
from rooms.pathology.he_slide import Drawn, drawn

EVERYWHERE = np.ones((256, 256), np.bool_)


def perfect(truth: Lesson) -> np.ndarray:
    """Maps of a network that is never wrong."""
    maps = np.zeros((CHANNELS, *truth.foreground.shape), np.float32)
    maps[0] = (truth.foreground * 2 - 1) * 8
    hill = truth.centre.clip(1e-4, 1 - 1e-4)
    maps[1] = np.log(hill / (1 - hill))
    maps[2:4] = truth.way
    for kind in range(TYPES):
        maps[4 + kind] = np.where(truth.type == kind + 1, 5, 0)
    return maps


def taught(cells: Drawn) -> Lesson:
    return lesson(EVERYWHERE, cells.labels, None, cells.points, cells.kinds)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_a_perfect_drawing_gives_every_nucleus_back(seed: int) -> None:
    cells = drawn(256, seed, cells=12, edge=4)
    found = grouped(perfect(taught(cells)), Grouping())
    assert aggregated_jaccard(cells.labels, found.labels) > 0.97
    pairs = matched(cells.points, found.centres, 2)
    assert (pairs >= 0).all()
    assert len(found.centres) == len(cells.points)
    assert (found.types[pairs].argmax(1) + 1 == cells.kinds).all()


def test_twice_as_large_labels_cover_the_same_nuclei() -> None:
    cells = drawn(256, 4, cells=12, edge=4)
    found = grouped(perfect(taught(cells)), Grouping(), zoom=2)
    large = np.kron(cells.labels, np.ones((2, 2), np.int32))
    assert found.labels.shape == (512, 512)
    assert aggregated_jaccard(large, found.labels) > 0.9


def test_touching_nuclei_are_parted_by_where_their_pixels_point() -> None:
    labels = np.zeros((64, 64), np.int32)
    labels[20:40, 10:30] = 1
    labels[20:40, 30:50] = 2
    truth = lesson(np.ones((64, 64), np.bool_), labels, None, None, None)
    assert aggregated_jaccard(labels, grouped(perfect(truth), Grouping()).labels) == 1


def test_nothing_drawn_is_nothing_found() -> None:
    maps = np.full((CHANNELS, 32, 32), -9, np.float32)
    found = grouped(maps, Grouping())
    assert not found.labels.any()
    assert found.centres.shape == (0, 2)
    assert found.types.shape == (0, TYPES)


def test_tops_of_one_height_beside_each_other_are_one_centre() -> None:
    hill = np.zeros((32, 32), np.float32)
    hill[10:13, 10:14] = 0.9
    places, heights = centres(hill, Grouping(centre=0.3))
    assert len(places) == 1
    assert heights[0] > 0.3


def test_a_hill_counts_for_what_lies_in_it_not_for_how_high_it_is() -> None:
    hill = np.zeros((64, 64), np.float32)
    hill[10:12, 10:12] = 1
    rows, columns = np.ogrid[:64, :64]
    unsure = np.exp(-((rows - 40) ** 2 + (columns - 40) ** 2) / (2 * 3.0**2)) * 0.45
    both = np.maximum(hill, unsure).astype(np.float32)
    assert [tuple(one) for one in centres(both, Grouping())[0].round()] == [(40, 40)]
    assert len(centres(both, Grouping.by_height(0.4))[0]) == 2


def test_a_centre_without_an_outline_gets_a_disc_where_nothing_else_is() -> None:
    labels = np.zeros((20, 20), np.int32)
    labels[:, :10] = 1
    bare = Found(
        labels,
        np.array([[4, 4], [10, 10]], np.float32),
        np.ones(2, np.float32),
        np.full((2, TYPES), 0.2, np.float32),
    )
    found = with_discs(bare)
    assert (found.labels[:, :10] == 1).all()
    assert found.labels[10, 10] == 2
    assert (found.labels == 2).sum() < 30
    assert not (labels == 2).any()


def test_a_foreground_teaches_convex_parts_and_leaves_the_others_open() -> None:
    fore = np.zeros((64, 64), np.bool_)
    rows, columns = np.ogrid[:64, :64]
    fore |= (rows - 15) ** 2 + (columns - 15) ** 2 < 64
    pair = (rows - 45) ** 2 + (columns - 36) ** 2 < 64
    pair |= (rows - 45) ** 2 + (columns - 50) ** 2 < 64
    truth = lesson(np.ones((64, 64), np.bool_), None, fore | pair, None, None)
    assert truth.foreground.sum() == (fore | pair).sum()
    assert truth.foreground_known.all()
    assert truth.centre[15, 15] == 1
    assert truth.centre_known[15, 15] == 1
    assert not truth.centre_known[pair].any()
    assert not truth.way_known[pair].any()


def test_points_teach_centres_and_kinds_but_no_foreground() -> None:
    points = np.array([[10.2, 20.1], [40, 40], [200, 5]], np.float32)
    kinds = np.array([2, 0, 3], np.uint8)
    truth = lesson(np.ones((64, 64), np.bool_), None, None, points, kinds)
    assert not truth.foreground_known.any()
    assert truth.centre_known.all()
    assert truth.centre[20, 10] > 0.9
    assert truth.type[20, 10] == 2
    assert truth.type[40, 40] == 0
    assert truth.way_known[40, 40] == 1
    assert set(np.unique(truth.type)) == {0, 2}


def test_nothing_is_taught_outside_the_picture() -> None:
    inside = np.zeros((64, 64), np.bool_)
    inside[:, :32] = True
    labels = np.zeros((64, 64), np.int32)
    labels[8:16, 8:16] = 1
    truth = lesson(inside, labels, None, None, None)
    assert not truth.foreground_known[:, 32:].any()
    assert not truth.centre_known[:, 32:].any()
