"""What a patient told before the visit, as facts of a record: nothing invented, nothing left."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.ground.reasoning import Reasoning
from countersign.rooms.records.domain.fact import Fact, Kind
from countersign.rooms.records.inference import plain_reader
from countersign.rooms.records.service.told import told


@pytest.fixture(scope="module")
def reasoning() -> Reasoning:
    return Reasoning()


def form(*items: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:countersign:questionnaire:preconsult|1",
        "item": [{"linkId": name, "answer": [answer]} for name, answer in items],
    }


def said(reasoning: Reasoning, *items: tuple[str, dict[str, Any]], story: str = "x") -> list[Fact]:
    return told(
        form(*items), "QuestionnaireResponse/1/_history/1", plain_reader(), reasoning, story
    )


@pytest.mark.parametrize(
    ("words", "since"),
    [
        ("咳嗽三天，有黄痰", ["3天"]),
        ("肚子疼两天，恶心，没有发烧", ["2天"]),
        ("血压高十年，今天头晕", []),  # ten years of something else
        ("孩子三岁，发烧2天", ["2天"]),
        ("每天吐三次", []),
    ],
)
def test_since_when_is_taken_where_it_stands_beside_a_symptom(
    reasoning: Reasoning, words: str, since: list[str]
) -> None:
    facts = said(reasoning, ("complaint", {"valueString": words}))
    assert [one.value for one in facts if one.kind is Kind.ONSET] == since


def test_what_was_written_beside_an_answer_is_not_lost(reasoning: Reasoning) -> None:
    more = {"linkId": "ask-HP-0025143-more", "answer": [{"valueString": "自上周起"}]}
    answer = {"valueCoding": {"code": "Y"}, "item": [more]}
    facts = said(reasoning, ("ask-HP-0025143", answer))
    assert [(one.kind, one.value) for one in facts] == [
        (Kind.SYMPTOM, "寒战"),
        (Kind.COURSE, "寒战：自上周起"),
    ]


def test_who_told_it_stands_in_the_record_where_it_was_not_the_patient(
    reasoning: Reasoning,
) -> None:
    name = {"linkId": "who-more", "answer": [{"valueString": "李小芳"}]}
    by = {"valueCoding": {"code": "relative"}, "item": [name]}
    assert [one.value for one in said(reasoning, ("who", by))] == ["病史由家属李小芳提供"]
    assert said(reasoning, ("who", {"valueCoding": {"code": "patient"}})) == []


def test_words_that_nobody_reads_go_to_the_narrative_of_this_kind(reasoning: Reasoning) -> None:
    (fact,) = said(reasoning, ("complaint", {"valueString": "说不清楚"}), story="admitted")
    assert (fact.value, fact.section) == ("说不清楚", "admitted")
