"""Results come back in order, errors stop the rest, and a killed process is not waited for."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import pytest

from countersign.ground.jobs import Compute, ComputeLost, LocalPool


@pytest.fixture(scope="module")
def pool() -> Iterator[LocalPool]:
    pool = LocalPool(2)
    yield pool
    pool.close()


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_results_are_in_the_order_of_the_items(pool: Compute, chunk: int) -> None:
    numbers = range(100)
    assert list(pool.map(math.factorial, numbers, chunk)) == list(map(math.factorial, numbers))


def test_nothing_to_do_is_no_work(pool: Compute) -> None:
    assert list(pool.map(math.factorial, [])) == []


def test_items_are_drawn_only_as_they_are_needed(pool: Compute) -> None:
    drawn = 0

    def endless() -> Iterator[int]:
        nonlocal drawn
        while True:
            drawn += 1
            yield drawn

    results = pool.map(math.sqrt, endless(), chunk=2)
    assert [next(results) for _ in range(3)] == [1.0, math.sqrt(2), math.sqrt(3)]
    assert drawn <= 2 * (2 * 2 + 2)
    results.close()  # type: ignore[attr-defined]


def test_an_error_comes_back_after_the_results_before_it(pool: Compute) -> None:
    results = pool.map(math.sqrt, [1, 4, -1, 9])
    assert [next(results), next(results)] == [1.0, 2.0]
    with pytest.raises(ValueError, match=r"."):
        next(results)
    assert list(pool.map(math.sqrt, [16])) == [4.0]


def test_a_killed_process_is_reported_and_replaced(pool: Compute) -> None:
    with pytest.raises(ComputeLost, match="Try again"):
        list(pool.map(os._exit, [1]))
    assert list(pool.map(math.sqrt, [16])) == [4.0]


def test_one_alone_is_not_lost_with_others(pool: Compute) -> None:
    assert pool.alone(math.sqrt, 16) == 4.0
    with pytest.raises(ComputeLost):
        pool.alone(os._exit, 1)
    # What the one did ended none of those that are shared.
    assert list(pool.map(math.sqrt, [9, 25])) == [3.0, 5.0]
