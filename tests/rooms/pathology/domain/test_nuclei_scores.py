"""The scores of nuclei: hand-made cases, the definition written out, and what never changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.nuclei_scores import (
    Counts,
    aggregated_jaccard,
    counted,
    matched,
)

Labels = NDArray[np.int32]

TRUTH = np.array(
    [
        [1, 1, 0, 2, 2],
        [1, 1, 0, 2, 2],
        [0, 0, 0, 0, 0],
        [3, 3, 3, 3, 0],
    ],
    np.int32,
)


def row(*numbers: int) -> Labels:
    return np.array([numbers], np.int32)


@pytest.mark.parametrize(
    ("truth", "found", "expected"),
    [
        (TRUTH, TRUTH, 1.0),
        (TRUTH, np.zeros_like(TRUTH), 0.0),
        (np.zeros_like(TRUTH), np.zeros_like(TRUTH), 1.0),
        (np.zeros_like(TRUTH), TRUTH, 0.0),
        # Half of the one nucleus: 2 of 4.
        (row(1, 1, 1, 1), row(5, 5, 0, 0), 2 / 4),
        # Cut in two: the larger part is taken, the smaller enlarges the union.
        (row(1, 1, 1, 1), row(5, 5, 5, 6), 3 / 5),
        # Two nuclei found as one: it serves both, once for each.
        (row(1, 1, 2, 2), row(5, 5, 5, 5), (2 + 2) / (4 + 4)),
        # One found beside the truth.
        (row(1, 1, 0, 0), row(5, 5, 0, 6), 2 / 3),
        # The higher Jaccard index is taken, not the larger overlap: 2 of 2+1 against 3 of 9.
        (
            row(1, 1, 1, 1, 1, 0, 0, 0, 0),
            row(7, 7, 8, 8, 8, 8, 8, 8, 8),
            2 / (5 + 7),
        ),
    ],
)
def test_hand_made_cases(truth: Labels, found: Labels, expected: float) -> None:
    assert aggregated_jaccard(truth, found) == pytest.approx(expected)


def written_out(truth: Labels, found: Labels) -> float:
    """The definition, pixel set by pixel set."""
    common = union = 0
    used: set[int] = set()
    for number in sorted(set(truth.ravel().tolist()) - {0}):
        one = truth == number
        best, index = 0, 0.0
        for other in sorted(set(found[one].tolist()) - {0}):
            there = found == other
            jaccard = (one & there).sum() / (one | there).sum()
            if jaccard > index:
                best, index = other, jaccard
        if best:
            used.add(best)
            common += (one & (found == best)).sum()
            union += (one | (found == best)).sum()
        else:
            union += one.sum()
    for other in set(found.ravel().tolist()) - {0} - used:
        union += (found == other).sum()
    return float(common / union) if union else 1.0


pictures = arrays(np.int32, (6, 7), elements=st.integers(0, 5))


@given(pictures, pictures)
def test_it_is_the_definition_and_lies_between_0_and_1(truth: Labels, found: Labels) -> None:
    index = aggregated_jaccard(truth, found)
    assert 0 <= index <= 1
    if truth.any():
        assert index == pytest.approx(written_out(truth, found))


@given(pictures, st.permutations(range(1, 6)))
def test_the_numbers_of_true_nuclei_mean_nothing(truth: Labels, order: list[int]) -> None:
    table = np.array([0, *order], np.int32)
    found = np.roll(truth, 1, axis=1)
    assert aggregated_jaccard(table[truth], found) == pytest.approx(
        aggregated_jaccard(truth, found)
    )
    assert aggregated_jaccard(table[truth], truth) == 1


points = st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)), max_size=12, unique=True).map(
    lambda some: np.array(some, np.float64).reshape(-1, 2)
)


@given(points, points, st.integers(0, 10**6))
def test_the_order_of_points_decides_nothing(
    truth: NDArray[np.float64], found: NDArray[np.float64], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    pairs = matched(truth, found)
    mixed, other = generator.permutation(len(truth)), generator.permutation(len(found))
    again = matched(truth[mixed], found[other])
    met = {(tuple(truth[a]), tuple(found[b])) for a, b in enumerate(pairs) if b >= 0}
    moved = {
        (tuple(truth[mixed][a]), tuple(found[other][b])) for a, b in enumerate(again) if b >= 0
    }
    assert met == moved


@given(points, points)
def test_each_point_is_in_one_pair_and_none_is_far(
    truth: NDArray[np.float64], found: NDArray[np.float64]
) -> None:
    pairs = matched(truth, found)
    met = pairs[pairs >= 0]
    assert len(set(met.tolist())) == len(met)
    for one, other in enumerate(pairs):
        near = np.hypot(*(found - truth[one]).T) <= 6 if len(found) else np.zeros(0)
        if other >= 0:
            assert near[other]
        else:
            assert set(np.flatnonzero(near)) <= set(met.tolist())
    counts = counted(pairs, len(found))
    assert 0 <= counts.f1 <= 1
    assert counts.hit + counts.missed == len(truth)
    assert counts.hit + counts.false == len(found)


def test_the_nearest_pair_comes_first() -> None:
    truth = np.array([[0.0, 0.0], [4.0, 0.0]])
    assert matched(truth, np.array([[3.0, 0.0]])).tolist() == [-1, 0]
    assert matched(truth, np.array([[3.0, 0.0], [9.9, 0.0]])).tolist() == [-1, 0]
    assert matched(truth, np.array([[-6.0, 0.0], [10.1, 0.0]])).tolist() == [0, -1]


def test_counts_add_up() -> None:
    both = Counts(3, 1, 2) + Counts(1, 1, 0)
    assert (both.hit, both.false, both.missed) == (4, 2, 2)
    assert both.f1 == pytest.approx(8 / 12)
    assert both.precision == pytest.approx(4 / 6)
    assert both.recall == pytest.approx(4 / 6)
    assert Counts(0, 0, 0).f1 == 0
