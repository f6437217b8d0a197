"""A ladder answers only where it is sure, costs what it says, and is chosen on one part alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.rooms.modelbench.domain.cascade import (
    NEVER,
    Answers,
    bags,
    calibration_error,
    choose,
    difference,
    fit,
    fitted,
    hard,
    isotonic,
    proposed,
    right,
    route,
    softmax,
    thresholds,
    train,
)
from countersign.rooms.modelbench.domain.cascade.calibration import Method
from rooms.modelbench.complaints import sentences

TEXTS = st.text(alphabet="头痛发热咳嗽abcA \t", max_size=12)


def answers(name: str, labels: Any, confidence: Any, cost: float) -> Answers:
    return Answers(name, np.array(labels), np.array(confidence, np.float32), cost)


@st.composite
def ladders(draw: st.DrawFn) -> tuple[list[Answers], list[float]]:
    n, rungs = draw(st.integers(1, 30)), draw(st.integers(1, 4))
    made = [
        answers(
            f"r{rung}",
            draw(st.lists(st.integers(-1 if rung < rungs - 1 else 0, 3), min_size=n, max_size=n)),
            draw(st.lists(st.floats(0, 1, width=32), min_size=n, max_size=n)),
            draw(st.floats(0.001, 10)),
        )
        for rung in range(rungs)
    ]
    levels = st.one_of(st.floats(0, 1), st.just(NEVER))
    return made, draw(st.lists(levels, min_size=rungs - 1, max_size=rungs - 1))


@given(ladders())
def test_each_item_is_answered_by_the_first_rung_that_is_sure_and_pays_all_it_passed(
    given_: tuple[list[Answers], list[float]],
) -> None:
    rungs, thresholds = given_
    routed = route(rungs, thresholds)
    for row in range(len(routed.by)):
        asked, cost = 0, 0.0
        for rung, least in zip(rungs, [*thresholds, -1.0], strict=True):
            last = rung is rungs[-1]
            if least >= NEVER and not last:
                asked += 1
                continue
            cost += rung.cost
            if last or (rung.labels[row] >= 0 and rung.confidence[row] >= least):
                break
            asked += 1
        assert routed.by[row] == asked
        assert routed.labels[row] == rungs[asked].labels[row]
        assert routed.cost[row] == pytest.approx(cost, rel=1e-4)


@given(ladders(), st.floats(0, 0.5))
def test_being_stricter_never_answers_more_below(
    given_: tuple[list[Answers], list[float]], more: float
) -> None:
    rungs, thresholds = given_
    stricter = route(rungs, [one + more for one in thresholds])
    assert stricter.share(len(rungs) - 1) >= route(rungs, thresholds).share(len(rungs) - 1)


def test_a_ladder_without_a_threshold_for_each_rung_is_refused() -> None:
    with pytest.raises(ValueError, match="one threshold"):
        route([answers("a", [0], [1], 1), answers("b", [0], [1], 1)], [])


@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_a_text_has_the_same_n_grams_alone_and_among_others(texts: list[str]) -> None:
    together = bags(texts, 1 << 12)
    paired = any(text.casefold().partition("\t")[2] for text in texts)
    for row, text in enumerate(texts):
        if bool(text.casefold().partition("\t")[2]) != paired:
            continue
        alone = bags([text], 1 << 12)
        own = together.buckets[together.starts[row] : together.starts[row + 1]]
        assert sorted(own.tolist()) == sorted(alone.buckets.tolist())
        assert len(own)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=40),
)
def test_the_isotonic_curve_rises_and_keeps_the_mean(points: list[tuple[float, int]]) -> None:
    x, y = np.array([a for a, _ in points]), np.array([float(b) for _, b in points])
    knots, values = isotonic(x, y)
    assert (np.diff(values) > 0).all()
    assert (np.diff(knots) >= 0).all()
    assert values.min() >= 0
    assert values.max() <= 1


def test_the_isotonic_curve_is_that_of_a_worked_example() -> None:
    knots, values = isotonic(np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 3, 2, 2, 5]))
    assert values.tolist() == pytest.approx([1, 7 / 3, 5])
    assert knots.tolist() == pytest.approx([1, 3, 5])


@pytest.mark.parametrize("method", list(Method))
def test_calibration_mends_a_rung_that_is_too_sure_of_itself(method: Method) -> None:
    chance = np.random.default_rng(3)
    truth = chance.integers(4, size=3000)
    scores = np.eye(4)[truth] + chance.normal(0, 0.9, (3000, 4))
    boastful = (scores * 9).astype(np.float32)
    made = fitted(boastful[:1500], truth[:1500], method)
    good = boastful[1500:].argmax(axis=1) == truth[1500:]
    before = calibration_error(softmax(boastful[1500:]).max(axis=1), good)
    said = made.confidence(boastful[1500:])
    after = calibration_error(said, good)
    assert before > 0.15
    assert after < 0.05
    assert (said >= 0).all()
    assert (said <= 1).all()


def test_with_few_items_only_a_temperature_is_fitted() -> None:
    scores = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    assert fit(scores, scores.argmax(axis=1)).method is Method.TEMPERATURE


@settings(max_examples=30)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=300))
def test_the_interval_holds_the_difference_and_turns_round_with_its_sides(
    pairs: list[tuple[bool, bool]],
) -> None:
    ours, other = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
    found = difference(ours, other, np.random.default_rng(1))
    turned = difference(other, ours, np.random.default_rng(1))
    assert found.low <= found.mean <= found.high or abs(found.mean) < 0.05
    assert turned.mean == -found.mean
    assert difference(ours, ours, np.random.default_rng(1)).low == 0


def test_the_interval_is_that_of_drawing_items_one_by_one() -> None:
    chance = np.random.default_rng(8)
    other = chance.random(800) < 0.8
    ours = np.where(chance.random(800) < 0.06, ~other, other)
    apart = ours.astype(int) - other
    drawn = [apart[chance.integers(800, size=800)].mean() for _ in range(2000)]
    found = difference(ours, other, np.random.default_rng(1))
    assert found.low == pytest.approx(np.percentile(drawn, 2.5), abs=0.004)
    assert found.high == pytest.approx(np.percentile(drawn, 97.5), abs=0.004)


def test_few_items_decide_nothing() -> None:
    same = np.ones(150, np.bool_)
    assert not difference(same, same, np.random.default_rng(1)).not_inferior()


def test_sure_and_right_items_stay_below_and_the_rest_goes_up() -> None:
    chance = np.random.default_rng(5)
    truth = chance.integers(3, size=3000)
    easy = chance.random(3000) < 0.7
    said = np.where(easy, truth, chance.integers(3, size=3000))
    small = answers("small", said, np.where(easy, 0.97, 0.4), 1.0)
    large = answers("large", truth, np.ones(3000), 100.0)
    choice = choose([small, large], truth, np.random.default_rng(1))
    assert choice.held
    assert choice.routed.share(0) == pytest.approx(0.7, abs=0.03)
    assert choice.routed.mean_cost < 35


def test_a_rung_that_knows_nothing_is_left_out() -> None:
    chance = np.random.default_rng(5)
    truth = chance.integers(3, size=2000)
    small = answers("small", chance.integers(3, size=2000), chance.random(2000), 1.0)
    large = answers("large", truth, np.ones(2000), 100.0)
    choice = choose([small, large], truth, np.random.default_rng(1))
    assert right(choice.routed.labels, truth).mean() > 0.99


def test_luck_on_the_validation_part_is_not_taken_for_knowledge() -> None:
    """Where the least sure answers happen to fall on items that the teacher missed, all answers
    together look harmless; that being less sure should lose less is luck."""
    quarter = np.arange(100)
    small_right = np.concatenate([np.ones(200, np.bool_), quarter < 58, quarter < 62])
    large_right = np.concatenate([np.ones(200, np.bool_), quarter < 62, quarter < 58])
    truth, sizes = np.zeros(4000, int), np.repeat([0.99, 0.6, 0.5], [2000, 1000, 1000])
    right_small = np.concatenate([np.tile(part, 10) for part in np.split(small_right, [200, 300])])
    right_large = np.concatenate([np.tile(part, 10) for part in np.split(large_right, [200, 300])])
    small = answers("s", np.where(right_small, 0, 1), sizes, 1.0)
    large = answers("l", np.where(right_large, 0, 2), np.ones(4000), 100.0)
    every = route([small, large], [0.5])
    assert right(every.labels, truth).mean() == right(large.labels, truth).mean()
    assert difference(
        right(every.labels, truth), right(large.labels, truth), np.random.default_rng(1)
    ).low > -0.005  # fmt: skip
    lost = thresholds._losses(small, truth, right(large.labels, truth))
    assert (np.diff(lost) >= 0).all()
    assert lost.min() >= 0


def test_the_linear_rung_learns_and_a_teacher_s_doubts_can_teach_it() -> None:
    texts, labels = sentences(900)
    others, truth = sentences(300, seed=9)
    made = train(texts, hard(labels, 3), np.random.default_rng(1), buckets=1 << 12)
    assert (made.scores(others).argmax(axis=1) == truth).mean() > 0.97
    doubts = (0.9 * hard(labels, 3) + 0.1 / 3).astype(np.float32)
    taught = train(texts, doubts, np.random.default_rng(1), buckets=1 << 12)
    surer = softmax(made.scores(others)).max(axis=1).mean()
    assert softmax(taught.scores(others)).max(axis=1).mean() < surer


def test_phrases_are_proposed_that_name_a_label_by_themselves() -> None:
    texts = [f"请问{n}号血糖仪怎么用" for n in range(40)] + [
        f"请问{n}号骨折多久好" for n in range(40)
    ]
    labels = np.array([0] * 40 + [1] * 40)
    rules = proposed(texts, labels, 2)
    said, confidence = rules.answers(["血糖仪坏了", "骨折了", "请问几点开门"])
    assert said.tolist() == [0, 1, -1]
    assert confidence[0] > 0.95
    assert confidence[2] == 0
