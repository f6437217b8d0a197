"""A record renders its facts: all of them, in order, with grammar, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.records.domain import chinese, english
from countersign.rooms.records.domain.drafting import draft
from countersign.rooms.records.domain.fact import DIALOGUE, Fact, Kind, Link, Status
from countersign.rooms.records.domain.kinds import BadKind, parsed
from countersign.rooms.records.domain.sentence import Sentence
from countersign.rooms.records.store import Kinds

KINDS = Kinds(None).all()[0]
HERE = (Link(DIALOGUE, 0, 2),)


def fact(kind: Kind, value: str, status: Status = Status.PRESENT, section: str = "") -> Fact:
    return Fact(kind, value, HERE, status, value, section, value)


facts = st.lists(
    st.builds(
        fact,
        st.sampled_from(list(Kind)),
        st.text(st.characters(categories=("Lo",)), min_size=1, max_size=6),
        st.sampled_from(list(Status)),
        st.sampled_from(["", "chief", "present", "none", "plan"]),
    ),
    max_size=12,
)


@given(facts, st.sampled_from(KINDS), st.sampled_from(["zh", "en"]), st.booleans())
def test_every_fact_is_said_left_open_or_unplaced_and_nothing_else_is_said(
    given_facts: list[Fact], kind: object, language: str, child: bool
) -> None:
    made = draft(kind, given_facts, language, child)  # type: ignore[arg-type]
    said = [f for one in made.sections for s in one.sentences for f in s.facts]
    names = {f.name for f in said}
    left = {*made.unplaced, *made.unsure}
    for one in given_facts:
        assert one in said or one in left or one.name in names
    assert set(said) <= set(given_facts)
    for one in made.sections:
        assert (one.section in made.missing) == (one.section.required and not one.sentences)
        assert all(s.text.strip() and s.links for s in one.sentences)


def test_a_sentence_without_facts_and_a_fact_without_a_source_cannot_be() -> None:
    with pytest.raises(ValueError, match="renders"):
        Sentence("咳嗽", ())
    with pytest.raises(ValueError, match="source"):
        Fact(Kind.NOTE, "咳嗽", ())
    with pytest.raises(ValueError, match="says"):
        Fact(Kind.NOTE, " ", HERE)


def test_english_lists_and_spans_are_grammatical() -> None:
    assert english.joined(["cough"]) == "cough"
    assert english.joined(["cough", "fever"]) == "cough and fever"
    assert english.joined(["cough", "fever", "rash"], "or") == "cough, fever or rash"
    day, week = fact(Kind.ONSET, "1天"), fact(Kind.ONSET, "2周")
    assert (english.span(day), english.span(week)) == ("1 day", "2 weeks")
    there = [
        fact(Kind.SYMPTOM, "cough", section="chief"),
        fact(Kind.SYMPTOM, "fever", section="chief"),
    ]
    assert english.chief([*there, week])[0].text == "Cough and fever for 2 weeks."
    denied = [fact(Kind.SYMPTOM, name, Status.ABSENT, "present") for name in ("rash", "pain")]
    assert english.present_illness(denied)[0].text == "The patient denies rash or pain."


def test_chinese_sentences_are_those_of_a_record() -> None:
    there = [
        fact(Kind.SYMPTOM, "发热", section="chief"),
        fact(Kind.SYMPTOM, "中等度热", section="present"),
    ]
    onset = fact(Kind.ONSET, "3天")
    assert chinese.chief([*there, onset])[0].text == "发热3天"
    told = chinese.present_illness([*there, onset], "患儿")[0]
    assert told.text == "患儿3天前出现中等度发热" and set(told.facts) == {*there, onset}
    assert (
        chinese.diagnoses([fact(Kind.DIAGNOSIS, "支气管炎")], child=True)[0].text == "小儿支气管炎"
    )
    assert chinese.diagnoses(there)[0].text == "发热待查"
    assert chinese.diagnoses([fact(Kind.DIAGNOSIS, "肺炎", Status.UNSURE)])[0].text == "肺炎？"
    assert chinese.allergies([fact(Kind.ALLERGY, "过敏史", Status.ABSENT)])[0].text == "否认过敏史"


def test_nobody_named_a_diagnosis_and_none_is_made_up() -> None:
    made = draft(KINDS[0], [], "zh")
    assert all(not one.sentences for one in made.sections)
    assert {one.id for one in made.missing} == {one.id for one in KINDS[0].sections if one.required}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Bad Id"},
        {"signers": "anyone"},
        {"risk": "none"},
        {"zh": ""},
        {"section": []},
        {"section": [{"id": "a"}]},
        {"source": 3},
    ],
)
def test_a_file_that_makes_no_kind_is_refused(change: dict[str, object]) -> None:
    section = {"id": "a", "zh": "甲", "en": "A", "render": "plain", "takes": [], "aliases": ["a"],
               "required": True}  # fmt: skip
    good = {"id": "own", "zh": "自", "en": "Own", "signers": "physician", "risk": "low",
            "loinc": "1-1", "source": "own", "section": [section]}  # fmt: skip
    assert parsed(good).section("甲") is not None
    with pytest.raises(BadKind):
        parsed({**good, **change})
    for wrong in ({"render": "song"}, {"takes": ["gold"]}):
        with pytest.raises(BadKind):
            parsed({**good, "section": [{**section, **wrong}]})
