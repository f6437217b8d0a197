"""What would decide: expected information is what it says, and tests weigh what they cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning import Finding, Status
from countersign.ground.reasoning.conditions import CommonConditions
from countersign.ground.reasoning.conditions.asking import bits, move, singly

ENGINE = CommonConditions.open()
BY_ID = {entry.id: entry.term for entry in ENGINE.knowledge.entries}

chances = st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3)


@settings(max_examples=100, deadline=None)
@given(chances, st.lists(chances, min_size=1, max_size=3))
def test_information_is_never_negative_nor_more_than_there_is(
    weights: list[float], told: list[list[float]]
) -> None:
    probability = np.array(weights) / sum(weights)
    gained = move(probability, np.array(told))
    assert -1e-9 <= gained.bits <= float(bits(probability)) + 1e-9
    assert (gained.each >= 0).all()
    alone, each = singly(probability, np.array(told[:1]))
    one = move(probability, np.array(told[:1]))
    assert alone[0] == pytest.approx(one.bits, abs=1e-9)
    assert each[0] == pytest.approx(one.each, abs=1e-9)


def test_a_finding_that_is_equally_frequent_everywhere_tells_nothing() -> None:
    assert move(np.array([0.2, 0.3, 0.5]), np.full((1, 3), 0.4)).bits == pytest.approx(0, abs=1e-9)


def test_nothing_is_asked_twice_nor_a_kind_before_the_whole() -> None:
    known = [Finding(BY_ID["cough"]), Finding(BY_ID["fever"], Status.ABSENT)]
    asked = ENGINE.next_questions(known, 30, "female", limit=300)
    terms = {term for question in asked for term in question.terms}
    assert BY_ID["cough"] not in terms
    assert BY_ID["fever"] not in terms
    assert BY_ID["productive-cough"] in terms
    assert BY_ID["thunderclap-headache"] not in terms
    assert len({question.id for question in asked}) == len(asked)


def test_before_the_visit_only_the_patient_is_asked() -> None:
    asked = ENGINE.next_questions([Finding(BY_ID["abdominal-pain"])], 30, "female", 8, ("ask",))
    assert len(asked) == 8
    assert {question.kind for question in asked} == {"ask"}
    assert all(question.cost == question.burden == 0 for question in asked)


def test_chest_pain_calls_for_a_tracing_before_a_scan() -> None:
    known = [Finding(BY_ID[name]) for name in ("chest-pain", "dyspnea", "hyperhidrosis")]
    asked = ENGINE.next_questions(known, 60, "male", limit=200, kinds=("test",))
    order = [question.id for question in asked]
    assert order.index("ecg") < order.index("cta")
    assert order.index("troponin") < order.index("ctpa")
    tracing = asked[order.index("ecg")]
    assert "ICD10:I24.9" in tracing.dangers
    assert (tracing.cost, tracing.burden, tracing.minutes) == (1, 1, 10)


def test_each_answer_makes_the_list_shorter_on_average() -> None:
    known = [Finding(BY_ID["headache"])]
    best = ENGINE.next_questions(known, 30, "female", 1)[0]
    worst = ENGINE.next_questions(known, 30, "female", 300)[-1]
    assert best.bits > worst.bits
    assert best.text.zh
    assert best.why.en.startswith("Moves most")


def test_a_question_and_a_name_are_there_for_every_term() -> None:
    assert ENGINE.question(BY_ID["fever"]) is not None
    assert ENGINE.name(BY_ID["fever"]) is not None
    assert ENGINE.question("HP:9999999") is None
    assert ENGINE.name("HP:9999999") is None
