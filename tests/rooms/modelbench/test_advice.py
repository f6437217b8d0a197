"""Capacity, cost, the frontier and the advice follow their stated rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.modelbench.domain.study.capacity import Capacity, Step, capacity
from countersign.rooms.modelbench.domain.study.frontier import frontier
from countersign.rooms.modelbench.domain.study.intervals import Marks
from countersign.rooms.modelbench.domain.study.plan import ServiceLevel, WorkRule
from countersign.rooms.modelbench.domain.study.pricing import Cost, cost
from countersign.rooms.modelbench.domain.study.recommending import Candidate, recommend
from countersign.rooms.modelbench.store import shipped_prices

LEVEL = ServiceLevel(first_token=1.0, per_token=0.05, answered=0.99)
STEP = Step(1.0, 100, 0, 60, 0.2, 0.5, 0.03, 0.04, 0.05, 5.0, 1.0, 200.0)
SLOW = replace(STEP, ttft_p95=2.0)


def steps(*levels: tuple[float, Step]) -> list[Step]:
    return [replace(step, rate=rate, request_throughput=rate) for rate, step in levels]


def test_capacity_is_the_step_before_the_first_that_breaks() -> None:
    found = capacity(steps((4, STEP), (1, STEP), (2, SLOW)), LEVEL)
    assert found.requests_a_second == 1, "a lucky higher step does not count"
    assert found.broke is not None
    assert found.broke.rate == 2
    assert capacity(steps((1, SLOW)), LEVEL).requests_a_second == 0
    assert capacity(steps((1, STEP), (2, STEP)), LEVEL).broke is None
    assert capacity(steps((1, replace(STEP, failed=2))), LEVEL).step is None


def test_cost_by_hand() -> None:
    shipped = shipped_prices()
    prices = replace(
        shipped,
        energy=1.0,
        pue=1.5,
        people=10_000,
        place=5_000,
        host_watts=600,
        busiest=0.2,
        hardware={"x": replace(shipped.hardware["l20"], purchase=50_000, years=5, watts=200)},
    )
    found = cost(prices, "x", 2, requests_a_second=0.1, tokens_an_answer=200, daily=3600)
    assert found is not None
    power = (2 * 200 + 600) / 1000 * 8766 * 1.5
    assert found.parts == {
        "hardware": 20_000,
        "power": pytest.approx(power),
        "people": 10_000,
        "place": 5_000,
    }
    # 3,600 a day, a fifth of them in one hour: 0.2 a second, so two servers.
    assert found.servers == 2
    yearly = 2 * (35_000 + power)
    assert found.real_yearly == pytest.approx(yearly)
    assert found.real_thousand == pytest.approx(yearly / (3600 * 365.25) * 1000)
    assert found.real_million_tokens == pytest.approx(found.real_thousand * 1000 / 200)
    assert found.full_thousand < found.real_thousand
    assert cost(prices, "nothing", 1, 1.0, 1.0, 1) is None
    assert cost(prices, "x", 1, 0.0, 1.0, 1) is None


@given(st.floats(0.001, 100), st.floats(0.001, 100), st.integers(1, 10**6), st.integers(1, 16))
def test_cost_never_falls_with_a_slower_server(
    one: float, other: float, daily: int, cards: int
) -> None:
    slow, fast = sorted((one, other))
    prices = shipped_prices()
    dear = cost(prices, "h20", cards, slow, 200, daily)
    cheap = cost(prices, "h20", cards, fast, 200, daily)
    assert dear is not None
    assert cheap is not None
    assert dear.real_thousand >= cheap.real_thousand
    assert dear.full_thousand >= cheap.full_thousand


POINTS = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(*[st.none() | st.integers(0, 4).map(float)] * 3),
    max_size=6,
)


@given(POINTS)
def test_nothing_on_the_frontier_is_beaten(points: dict[str, tuple[float | None, ...]]) -> None:
    best = frontier(points)
    whole = {key: one for key, one in points.items() if None not in one}
    for key, one in whole.items():
        beaten = any(
            all(b >= a for a, b in zip(one, other, strict=True) if a is not None and b is not None)
            and other != one
            for name, other in whole.items()
            if name != key
        )
        assert not (key in best and beaten)
    if whole:
        assert best


def marks(wrong: int, n: int = 400) -> dict[str, Marks]:
    scores = np.ones(n)
    scores[:wrong] = 0
    return {"s": Marks(tuple(f"{one:04d}" for one in range(n)), scores)}


def priced(thousand: float) -> Cost:
    return Cost(1, {}, 1, thousand, thousand, thousand, thousand, 1, 0.1)


def candidate(
    key: str, wrong: int, thousand: float | None, *, keeps: bool | None = True
) -> Candidate:
    found = None if keeps is None else Capacity(STEP if keeps else None, None if keeps else SLOW)
    return Candidate(key, marks(wrong), found, priced(thousand) if thousand else None)


WORK = WorkRule("record", {"s": 1.0}, margin=0.02)
LADDER = (
    candidate("14b", 44, 1.0),
    candidate("70b", 42, 3.0),
    candidate("full", 40, 20.0),
)


def chosen(work: WorkRule, *given: Candidate) -> str | None:
    return recommend(work, given, seed=1, rounds=800).chosen


def test_the_cheapest_that_is_not_inferior() -> None:
    # 44, 42 and 40 of 400 wrong: at most 1.0 point behind, on the very same questions.
    assert chosen(WORK, *LADDER) == "70b", "14b might be 2 points behind"
    assert chosen(replace(WORK, margin=0.05), *LADDER) == "14b"
    assert chosen(replace(WORK, margin=0.0), *LADDER) == "full"
    found = recommend(WORK, LADDER, seed=1, rounds=800)
    assert {one.key: one.verdict for one in found.judged} == {
        "14b": "inferior",
        "70b": "chosen",
        "full": "dearer",
    }


def test_who_breaks_the_level_is_neither_best_nor_chosen() -> None:
    slow = candidate("slow", 0, 0.1, keeps=False)
    found = recommend(WORK, (*LADDER, slow), seed=1, rounds=800)
    assert (found.best, found.chosen) == ("full", "70b")
    assert found.judged[-1].verdict == "too-slow"


def test_without_prices_the_best_is_named() -> None:
    plain = [replace(one, cost=None) for one in LADDER]
    assert chosen(replace(WORK, margin=0.05), *plain) == "full"


def test_nobody_is_recommended_below_the_least_score_or_unasked() -> None:
    assert chosen(replace(WORK, least=0.95), *LADDER) is None
    assert chosen(WORK) is None
    unasked = Candidate("new", {}, None, priced(0.1))
    found = recommend(WORK, (*LADDER, unasked), seed=1, rounds=800)
    assert found.judged[-1].verdict == "not-measured"
    assert found.chosen == "70b"


def test_what_would_change_it_is_true() -> None:
    found = recommend(WORK, LADDER, seed=1, rounds=800)
    said = {(one.what, one.amount): one.chosen for one in found.changes}
    for (what, amount), other in said.items():
        if what == "margin":
            assert chosen(replace(WORK, margin=amount), *LADDER) == other
        elif what == "price":
            dearer = [
                replace(one, cost=priced(3.0 * amount)) if one.key == "70b" else one
                for one in LADDER
            ]
            assert chosen(WORK, *dearer) == other
        else:
            assert chosen(WORK, *[one for one in LADDER if one.key != "70b"]) == other
    assert ("without", 0.0) in said


def test_the_same_data_give_the_same_advice() -> None:
    assert recommend(WORK, LADDER, 7, 500) == recommend(WORK, LADDER, 7, 500)
