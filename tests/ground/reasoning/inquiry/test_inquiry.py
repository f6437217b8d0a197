"""A model of finished consultations asks what tells, and says probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning.inquiry import Answer, Case, Consultation, Settings, learn

SMALL = Settings(kinds=2, seeds=2, rounds=10, least_told=1, least_asked=1)


def invented(count: int = 200) -> list[Case]:
    """Two diagnoses that only "blood" tells apart; "cough" is as frequent in both."""
    chance = np.random.default_rng(7)
    cases: list[Case] = []
    for _ in range(count):
        first = bool(chance.random() < 0.5)
        asked = {"cough": Answer.YES if chance.random() < 0.5 else Answer.NO}
        asked["blood"] = Answer.YES if chance.random() < (0.9 if first else 0.1) else Answer.NO
        cases.append(Case({"pain": Answer.YES}, asked, "first" if first else "second"))
    return cases


MODEL = learn(invented(), SMALL, np.random.default_rng(1))


def test_the_telling_question_comes_first() -> None:
    consultation = Consultation(MODEL, {"pain": Answer.YES})
    assert consultation.next_question() == "blood"
    consultation.answer("blood", Answer.YES)
    assert consultation.probabilities()["first"] > 0.7
    assert consultation.next_question() == "cough"
    consultation.answer("cough", Answer.UNSAID)
    assert consultation.next_question() is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["blood", "cough", "unheard"]), st.sampled_from(Answer))))
def test_probabilities_sum_to_one_after_any_answers(told: list[tuple[str, Answer]]) -> None:
    consultation = Consultation(MODEL, {"pain": Answer.YES, "unheard": Answer.NO})
    for question, answer in told:
        consultation.answer(question, answer)
    assert sum(consultation.probabilities().values()) == pytest.approx(1)


def test_the_order_of_answers_changes_nothing() -> None:
    one, other = (Consultation(MODEL, {}) for _ in range(2))
    one.answer("blood", Answer.NO)
    one.answer("cough", Answer.UNSURE)
    other.answer("cough", Answer.UNSURE)
    other.answer("blood", Answer.NO)
    assert one.probabilities() == pytest.approx(other.probabilities())


def test_the_same_seed_learns_the_same() -> None:
    again = learn(invented(), SMALL, np.random.default_rng(1))
    assert np.array_equal(again.asked, MODEL.asked)
    assert np.exp(MODEL.asked).sum(axis=-1) == pytest.approx(1.0)
    assert np.exp(MODEL.weight).sum() == pytest.approx(1.0, abs=0.05)


def test_told_and_asked_are_kept_apart() -> None:
    cases = [Case({"fever": Answer.YES}, {}, "flu"), Case({}, {"fever": Answer.YES}, "cold")] * 30
    model = learn(cases, SMALL, np.random.default_rng(2))
    told = Consultation(model, {"fever": Answer.YES}).probabilities()
    asked = Consultation(model, {})
    asked.answer("fever", Answer.YES)
    assert told["flu"] > 0.7
    assert asked.probabilities()["cold"] > 0.7
