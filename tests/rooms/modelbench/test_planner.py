"""The roofline agrees with sums by hand, with what was published, and says where it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.modelbench.domain.imports import Imported
from countersign.rooms.modelbench.domain.planner import (
    QUANTISATIONS,
    Shape,
    TooSmall,
    calibrated,
    estimate,
)
from countersign.rooms.modelbench.service.study.estimating import (
    EXAMPLES,
    BadWish,
    Wish,
    calibration,
    planned,
)
from countersign.rooms.modelbench.store import (
    architectures,
    hardware,
    published,
    shipped_prices,
)

MODELS, CARDS = architectures(), hardware()
SHAPE = Shape(800, 200)


def test_caches_by_hand() -> None:
    # Two vectors of 8 groups of 128 numbers of two bytes in each of 80 layers.
    assert MODELS["llama-70b"].cache_bytes() == 2 * 80 * 8 * 128 * 2
    # MLA: 512 + 64 numbers in each of 61 layers, about 70 KB a token.
    assert MODELS["deepseek-v3"].cache_bytes() == 61 * 576 * 2
    assert MODELS["deepseek-v3"].copies(8) == 8, "MLA's one vector lies on every card"
    assert MODELS["llama-70b"].copies(4) == 1
    assert MODELS["llama-70b"].copies(16) == 2


def test_experts_that_one_step_reads() -> None:
    full = MODELS["deepseek-v3"]
    assert full.read_params(1) == pytest.approx(full.active, rel=0.1)
    assert full.read_params(10_000) == pytest.approx(full.params, rel=0.01)
    assert MODELS["llama-70b"].read_params(64) == MODELS["llama-70b"].params


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_more_sequences_never_read_less(one: int, other: int) -> None:
    low, high = sorted((one, other))
    full = MODELS["deepseek-v3"]
    assert full.read_params(low) <= full.read_params(high) <= full.params + 1


@pytest.mark.parametrize(
    ("model", "width", "card", "cards"),
    [
        ("deepseek-v3", "bf16", "h20", 8),
        ("llama-70b", "bf16", "l20", 2),
        ("qwen2.5-32b", "bf16", "rtx-4090", 1),
    ],
)
def test_what_does_not_fit_is_refused(model: str, width: str, card: str, cards: int) -> None:
    with pytest.raises(TooSmall):
        estimate(MODELS[model], QUANTISATIONS[width], CARDS[card], cards, SHAPE)


@given(
    st.sampled_from(sorted(MODELS)),
    st.sampled_from(sorted(QUANTISATIONS)),
    st.sampled_from(sorted(set(CARDS) - {"cpu-2"})),
    st.sampled_from([1, 2, 4, 8, 16]),
    st.integers(1, 4000),
    st.integers(1, 2000),
)
def test_estimates_hold_together(
    model: str, width: str, card: str, cards: int, prompt: int, output: int
) -> None:
    shape = Shape(prompt, output)
    try:
        found = estimate(MODELS[model], QUANTISATIONS[width], CARDS[card], cards, shape)
    except TooSmall:
        return
    assert found.weights < found.room
    assert 1 <= found.batch <= found.most_batch
    assert found.weights + found.most_batch * found.cache_a_request <= found.room * 1.0001
    assert found.token_seconds >= found.alone_token * 0.999
    assert found.output_tokens_a_second == pytest.approx(found.requests_a_second * output)
    least = MODELS[model].read_params(1) * QUANTISATIONS[width].bits / 8
    assert found.alone_token > least / (cards * CARDS[card].bandwidth), "never beyond the sheet"
    if found.batch > 1:
        assert found.token_seconds <= 0.06
        assert found.first_token_seconds <= 1.5
    quick = replace(CARDS[card], bandwidth=CARDS[card].bandwidth * 2)
    better = estimate(MODELS[model], QUANTISATIONS[width], quick, cards, shape)
    assert better.alone_token <= found.alone_token


def test_published_times_between_tokens_are_met_within_a_quarter() -> None:
    found = calibrated(published(), MODELS, CARDS)
    fair = [row for row in found.rows if not row.measurement.fitted]
    assert len(fair) >= 5
    assert all(row.per_token_error is not None for row in fair)
    assert all(abs(row.per_token_error or 0) < 0.28 for row in fair)
    assert found.per_token_factor is not None
    assert found.per_token_factor < 1.25
    assert all("github.com/" in row.measurement.source for row in found.rows)


def test_a_measurement_that_set_a_constant_is_no_evidence() -> None:
    fitted = [replace(one, fitted=True) for one in published()]
    found = calibrated(fitted, MODELS, CARDS)
    assert len(found.rows) == len(fitted)
    assert (found.per_token_factor, found.first_token_factor) == (None, None)


def test_what_is_impossible_by_the_model_is_said() -> None:
    one = replace(published()[0], hardware="rtx-4090", cards=1)
    (row,) = calibrated([one], MODELS, CARDS).rows
    assert row.refused


def test_imports_join_the_calibration() -> None:
    one = Imported("llama-bench", "c46583b", "m", alone_first_token=0.5, alone_token=0.025)
    found = calibration([], [("ours", one, "qwen2.5-14b", "q4_k_m", "l20", 1)])
    (row,) = [row for row in found.rows if row.measurement.origin == "imported"]
    assert row.per_token_error is not None
    unknown = calibration([], [("ours", one, "", "", "", 1)])
    assert not [row for row in unknown.rows if row.measurement.origin == "imported"]


def test_every_example_of_the_page_is_estimated_and_priced() -> None:
    prices = shipped_prices()
    found = [planned(wish, prices) for wish in EXAMPLES]
    assert all(one.estimate is not None for one in found)
    assert all(one.cost is not None for one in found if one.keeps)
    for wish in (Wish(model="x"), Wish(hardware="x"), Wish(quantisation="x")):
        with pytest.raises(BadWish):
            planned(wish, prices)


def test_every_number_names_its_source() -> None:
    for one in (*MODELS.values(), *CARDS.values()):
        assert one.source
        assert one.checked == "" or one.checked >= "2026"
