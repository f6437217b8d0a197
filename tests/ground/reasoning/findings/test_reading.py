"""What a text says of each finding: whether it is there, whose it is, whether it is over."""

from __future__ import annotations

import pytest

from benchmarks.statements import NOBODYS, Statement, judged, marked, said, statements
from countersign.ground.reasoning import Finding, Status
from countersign.ground.reasoning.findings import Recogniser

SEEN = [one for one in statements() if one.seen]
HELD = [one for one in statements() if not one.seen]


@pytest.mark.parametrize("statement", SEEN, ids=lambda one: one.text[:40])
def test_a_sentence_is_read_as_it_is_marked(statement: Statement, reader: Recogniser) -> None:
    for mark, got in judged(statement, reader.read(statement.text)):
        assert (got or NOBODYS) == mark.said, statement.text[mark.start : mark.end]


def test_sentences_that_no_rule_was_changed_for_are_mostly_read_right(reader: Recogniser) -> None:
    pairs = [pair for one in HELD for pair in judged(one, reader.read(one.text))]
    right = sum((got or NOBODYS) == mark.said for mark, got in pairs)
    assert right / len(pairs) >= 0.9


def _by_term(reader: Recogniser, text: str) -> dict[str, str]:
    return {_name(reader, one): said(one) for one in reader.read(text)}


def _name(reader: Recogniser, finding: Finding) -> str:
    words = reader.label(finding.term)
    assert words is not None
    return words.en


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("医生：有发烧吗？\n患者：没有", {"Fever": "-"}),
        ("医生：有没有咳嗽？\n患者：有的", {"Cough": "+"}),
        ("医生：有咳嗽、流涕吗？\n患者：咳嗽，不流涕", {"Cough": "+", "Rhinorrhea": "-"}),
        ("医生：有咳嗽、流涕吗？\n患者：没有", {"Cough": "-", "Rhinorrhea": "-"}),
        ("医生：有发烧吗？\n患者：孩子两岁", {}),
        ("Doctor: Any chest pain?\nPatient: No.", {"Chest pain": "-"}),
        ("Doctor: Do you have a fever?\nPatient: Yes, since Monday.", {"Fever": "+"}),
        (
            "[doctor] any nausea or vomiting ?\n[patient] no , just some diarrhea .",
            {"Nausea": "-", "Vomiting": "-", "Diarrhea": "+"},
        ),
    ],
)
def test_a_question_becomes_a_finding_by_its_answer(
    text: str, wanted: dict[str, str], reader: Recogniser
) -> None:
    assert _by_term(reader, text) == wanted


@pytest.mark.parametrize(
    ("plain", "denied"),
    [
        ("患者发热。", "患者无发热。"),
        ("有咳嗽、咳痰、胸痛。", "否认咳嗽、咳痰、胸痛。"),
        ("孩子发烧了。", "孩子没有发烧。"),
        ("The patient has fever.", "The patient has no fever."),
        ("She reports chest pain and cough.", "She denies chest pain and cough."),
        ("There is evidence of pneumonia.", "There is no evidence of pneumonia."),
    ],
)
def test_a_denial_turns_a_sentence(plain: str, denied: str, reader: Recogniser) -> None:
    there, gone = reader.read(plain), reader.read(denied)
    assert there
    assert [one.term for one in there] == [one.term for one in gone]
    assert {one.status for one in there} == {Status.PRESENT}
    assert {one.status for one in gone} == {Status.ABSENT}


def test_a_place_is_where_the_words_stand(reader: Recogniser) -> None:
    text = "昨晚开始肚子有点疼，ALT升高；no fever."
    read = [text[one.place.start : one.place.end] for one in reader.read(text) if one.place]
    assert read == ["肚子有点疼", "ALT升高", "fever"]


def test_a_source_is_kept(reader: Recogniser) -> None:
    (one,) = reader.read("发热", source="DocumentReference/7/_history/2")
    assert one.place is not None
    assert one.place.source == "DocumentReference/7/_history/2"


def test_a_lasting_condition_is_not_over_because_it_has_a_history(reader: Recogniser) -> None:
    read = _by_term(reader, "既往有高血压、胃溃疡病史。")
    assert read == {"Hypertension": "+", "Peptic ulcer": "+p"}


def test_remedies_germs_and_departments_are_no_findings(reader: Recogniser) -> None:
    assert not reader.read("服退烧药、止咳糖浆，查过敏原，接种流感疫苗，挂肿瘤科。")
    assert not reader.read("Took cough syrup after the flu shot; blood sugar meter at hand.")


def test_marks_themselves_are_read_right() -> None:
    statement = marked("no [fever|-], [rash|~]")
    assert statement.text == "no fever, rash"
    assert [(one.start, one.end, one.said) for one in statement.marks] == [(3, 8, "-")]
