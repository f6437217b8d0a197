"""Loads come when they should, and sum up as vLLM's own tool would sum them."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.modelbench.domain.load import (
    Arrivals,
    BadLoad,
    Closed,
    Gamma,
    LoadPlan,
    LoadRequest,
    Poisson,
    Reading,
    Replay,
    Sample,
    ServiceLevel,
    check,
    heights,
    moments,
    summed,
)

REQUEST = LoadRequest("What is a draft?", 8)


def plan(arrivals: Arrivals, count: int = 100, seed: int = 0) -> LoadPlan:
    return LoadPlan(arrivals, (REQUEST,), count, seed=seed)


@given(st.floats(0.01, 1000), st.floats(0.05, 20), st.integers(1, 500), st.integers(0, 2**32))
def test_what_comes_by_chance_comes_at_its_rate(
    rate: float, burstiness: float, count: int, seed: int
) -> None:
    due = moments(plan(Gamma(rate, burstiness), count, seed))
    assert list(due) == sorted(due)
    assert due == moments(plan(Gamma(rate, burstiness), count, seed))
    assert due[-1] == pytest.approx(count / rate) or due[-1] == 0


def test_bursts_are_bursts() -> None:
    def unevenness(arrivals: Arrivals) -> float:
        pauses = np.diff(moments(plan(arrivals, 20_000)))
        return float(pauses.std() / pauses.mean())

    # The coefficient of variation of a gamma distribution is 1 / sqrt(shape).
    assert unevenness(Poisson(5.0)) == pytest.approx(1.0, abs=0.05)
    assert unevenness(Gamma(5.0, 0.25)) == pytest.approx(2.0, abs=0.15)
    assert unevenness(Gamma(5.0, 4.0)) == pytest.approx(0.5, abs=0.05)
    assert moments(plan(Poisson(5.0))) == moments(plan(Gamma(5.0, 1.0)))


def test_what_was_recorded_comes_again() -> None:
    recorded = Replay((100.0, 101.0, 101.0, 105.0), speed=2.0)
    assert moments(plan(recorded)) == (0.0, 0.5, 0.5, 2.5)
    assert moments(plan(recorded, count=2)) == (0.0, 0.5)
    assert moments(plan(Closed(3))) == ()


def test_heights_rise() -> None:
    assert heights(Poisson(1.0), 2, 3) == (Poisson(1.0), Poisson(2.0), Poisson(4.0))
    assert heights(Closed(3), 1.5, 3) == (Closed(3), Closed(5), Closed(7))
    assert heights(Replay((0.0, 1.0)), 2, 2)[1] == Replay((0.0, 1.0), 2.0)
    assert heights(Gamma(1.0, 0.5), 3, 2)[1] == Gamma(3.0, 0.5)


@pytest.mark.parametrize(
    "bad",
    [
        plan(Poisson(0)),
        plan(Poisson(math.nan)),
        plan(Poisson(math.inf)),
        plan(Gamma(1.0, 0)),
        plan(Closed(0)),
        plan(Replay(())),
        plan(Replay((2.0, 1.0))),
        plan(Poisson(1.0), count=0),
        replace(plan(Poisson(1.0)), requests=()),
        replace(plan(Poisson(1.0)), requests=(LoadRequest("x", 0),)),
        replace(plan(Poisson(1.0)), seconds=0.0),
        replace(plan(Poisson(1.0)), each=-1.0),
        replace(plan(Poisson(1.0)), at_once=0),
        replace(plan(Poisson(1.0)), warm_up=-1),
    ],
)
def test_a_load_without_an_end_is_refused(bad: LoadPlan) -> None:
    with pytest.raises(BadLoad):
        check(bad)


def test_an_example_by_hand() -> None:
    samples = [
        Sample(0.0, 0.0, (0.2, 0.3, 0.5), 0.25, 10, 4),
        Sample(0.9, 1.0, (1.4,), 1.4, 20, 1),
        Sample(2.0, 2.0, (2.1,), None, 0, 0, failed="cut"),
    ]
    found = summed(samples, 4.0, ServiceLevel(ttft=0.3, tpot=0.2, share=0.5))
    assert (found.completed, found.failed) == (2, 1)
    assert (found.tokens_in, found.tokens_out) == (30, 5)
    assert found.request_throughput == pytest.approx(2 / 4)
    assert found.output_throughput == pytest.approx(5 / 4)
    assert found.total_throughput == pytest.approx(35 / 4)
    assert found.ttft.mean == pytest.approx((0.2 + 0.4) / 2)
    assert found.ttft.p50 == pytest.approx(0.3)
    assert (found.tpot.n, found.tpot.mean) == (1, pytest.approx((0.5 - 0.2) / 3))
    assert (found.itl.n, found.itl.mean) == (2, pytest.approx(0.15))
    assert found.e2el.mean == pytest.approx((0.5 + 0.4) / 2)
    assert found.text.mean == pytest.approx((0.25 + 0.4) / 2)
    assert found.lag.mean == pytest.approx(0.1 / 3)
    assert found.goodput == pytest.approx(1 / 4)
    assert found.good_share == pytest.approx(1 / 3)


times = st.floats(0, 100)
samples = st.lists(
    st.builds(
        lambda due, wait, gaps, tokens, failed: Sample(
            due,
            due + wait,
            tuple(itertools.accumulate(gaps, initial=due + wait))[1:],
            None,
            7,
            tokens,
            failed,
        ),
        times,
        times,
        st.lists(times, min_size=1, max_size=6),
        st.integers(0, 6),
        st.sampled_from(["", "", "late"]),
    ),
    max_size=12,
)


@given(samples, st.floats(0, 1000), st.none() | st.floats(0, 50))
def test_sums_hold_together(given: list[Sample], seconds: float, limit: float | None) -> None:
    found = summed(given, seconds, ServiceLevel(e2el=limit))
    whole = [one for one in given if not one.failed]
    assert found.completed + found.failed == len(given)
    assert found.goodput is not None
    assert found.goodput <= found.request_throughput + 1e-9
    for spread in (found.ttft, found.tpot, found.itl, found.e2el, found.lag):
        assert spread.p50 <= spread.p90 <= spread.p95 <= spread.p99
        assert spread.low <= spread.p50 <= spread.high
    busiest = max(
        (sum(a.sent <= b.sent < a.parts[-1] for a in whole) for b in whole),
        default=0,
    )
    assert found.most_at_once >= busiest


def test_the_interval_of_a_median_holds_it() -> None:
    chance = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        waits = chance.exponential(1.0, 60)
        found = summed([Sample(0, 0, (float(x),)) for x in waits], 1.0, None).ttft
        inside += found.low <= math.log(2) <= found.high
    assert 0.91 < inside / 400 < 0.99


def stream(*events: object) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


PARTS = stream(
    {"choices": [{"delta": {"role": "assistant", "content": None}}]},
    {"choices": [{"delta": {"content": "血"}}]},
    {"choices": [{"delta": {"reasoning_content": "high"}}]},
    {"choices": [{"delta": {}, "finish_reason": "length"}]},
    {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}},
)


@given(st.lists(st.integers(0, len(PARTS)), max_size=6))
def test_an_answer_is_the_same_however_it_is_cut(cuts: list[int]) -> None:
    reading = Reading()
    places = sorted({*cuts, 0, len(PARTS)})
    for number, (start, stop) in enumerate(itertools.pairwise(places)):
        reading.take(PARTS[start:stop], float(number))
    reading.end()
    assert (reading.failed, reading.tokens_in, reading.tokens_out) == ("", 5, 2)
    assert len(reading.parts) == 4
    assert reading.parts == sorted(reading.parts)


def test_the_first_part_may_carry_no_text() -> None:
    reading = Reading()
    for number, event in enumerate(PARTS.split(b"\n\n")):
        reading.take(event + b"\n\n", float(number))
    assert (reading.parts[0], reading.text) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b"<html>no such page</html>", "empty"),
        (stream({"choices": [{"delta": {"content": "half"}}]}), "cut"),
        (stream({"error": {"message": "out of memory"}}), "error"),
        (b"data: {half\n\n", "malformed"),
        (stream([1]), "malformed"),
        (stream({"choices": [{"finish_reason": "stop"}]}, {"error": "late"}), "error"),
    ],
)
def test_what_is_no_whole_answer_is_none(raw: bytes, why: str) -> None:
    reading = Reading()
    reading.take(raw, 0.0)
    reading.end()
    assert reading.failed == why


@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_are_survived(parts: list[bytes]) -> None:
    reading = Reading()
    for part in parts:
        reading.take(b"data: " + part, 0.0)
    reading.end()
    assert reading.failed
