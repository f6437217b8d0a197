"""A packed ladder comes back as it was, and what is no ladder is refused without being run."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.modelbench.domain.cascade import Linear, Rules, fit, hard, train
from countersign.rooms.modelbench.inference import Damaged, Ladder, Made, opened
from rooms.modelbench.complaints import sentences

TEXTS, LABELS = sentences(300)


def ladder() -> Ladder:
    runs = train(TEXTS, hard(LABELS, 3), np.random.default_rng(1), buckets=1 << 10, epochs=4)
    calibration = fit(runs.scores(TEXTS), LABELS)
    rules = Rules((("血糖", 2, 0.99), ("骨折", 1, 0.98)))
    return Ladder(
        ("a", "b", "c"), (Made("rule", rules, None, 0.9), Made("linear", runs, calibration, 0.6))
    )


LADDER = ladder()
PACKED = LADDER.packed()


def test_a_ladder_comes_back_as_it_was() -> None:
    back = opened(PACKED)
    before, after = LADDER.classify(TEXTS), back.classify(TEXTS)
    assert [one and one[:2] for one in before] == [one and one[:2] for one in after]
    assert {one[1] for one in after if one} == {"rule", "linear"}
    assert isinstance(back.rungs[1].runs, Linear)
    assert back.packed() == PACKED


def test_one_text_is_answered_as_among_many() -> None:
    together = LADDER.classify(TEXTS[:70])
    for text, said in zip(TEXTS[:70], together, strict=True):
        (alone,) = LADDER.classify([text])
        assert (alone and alone[:2]) == (said and said[:2])


@given(st.integers(0, len(PACKED) - 1), st.binary(min_size=0, max_size=40))
def test_what_was_cut_or_changed_is_refused_or_still_a_ladder(at: int, put: bytes) -> None:
    for raw in (PACKED[:at], PACKED[:at] + put + PACKED[at + len(put) :], put):
        try:
            assert opened(raw).labels
        except Damaged:
            continue


def test_an_array_that_would_run_something_is_refused() -> None:
    class Runs:
        def __reduce__(self) -> tuple[Any, ...]:
            return print, ("run",)

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        one = io.BytesIO()
        np.lib.format.write_array(one, np.array([Runs()], object), allow_pickle=True)
        archive.writestr("described.npy", one.getvalue())
    with pytest.raises(Damaged):
        opened(out.getvalue())
