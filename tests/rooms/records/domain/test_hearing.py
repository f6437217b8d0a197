"""Conversations and key facts become facts whose places hold the words that they rest on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.rooms.records.domain import keyfacts
from countersign.rooms.records.domain.circumstances import circumstances, key
from countersign.rooms.records.domain.durations import durations, lasting
from countersign.rooms.records.domain.fact import DIALOGUE as DIALOGUE_SOURCE
from countersign.rooms.records.domain.fact import KEY, Kind, Link, Status
from countersign.rooms.records.domain.hearing import hear
from countersign.rooms.records.domain.learning import Lesson, trained
from countersign.rooms.records.domain.listening import Named, listen
from countersign.rooms.records.domain.retelling import retold
from countersign.rooms.records.domain.said import temperatures
from countersign.rooms.records.domain.stating import stated
from countersign.rooms.records.domain.turns import turns_of
from countersign.rooms.records.inference import (
    BadReader,
    load_judges,
    plain_reader,
    save_judges,
    with_judges,
)
from countersign.rooms.records.store import Kinds

READER = plain_reader()
OUTPATIENT = Kinds(None).one("outpatient")
DIALOGUE = """医生：你好，咳嗽几天了？
患者：咳嗽三天了，昨晚发烧38.5
医生：有没有呕吐？
患者：没有
医生：以前有过肺炎吗？药物过敏吗？
患者：没有过敏
医生：吃过什么药？
患者：吃了美林
医生：考虑支气管炎，查个血常规，多喝水"""


def test_a_conversation_is_heard() -> None:
    heard = hear(DIALOGUE, READER)
    assert heard.statuses["咳嗽"] is Status.PRESENT
    assert heard.statuses["呕吐"] is Status.ABSENT
    assert heard.statuses["中等度热"] is Status.PRESENT
    by_kind = {kind: [f.value for f in heard.facts if f.kind is kind] for kind in Kind}
    assert by_kind[Kind.ONSET] == ["3天"]
    assert by_kind[Kind.MEDICINE] == ["美林"]
    assert by_kind[Kind.DIAGNOSIS] == ["支气管炎"]
    assert by_kind[Kind.ADVICE] == ["查血常规", "多喝水"]
    assert by_kind[Kind.EXAM] == [], "what is only advised was not done"


@given(
    st.text(
        st.sampled_from("医生患者：\n咳嗽发烧没有38.5度，。？吗三天前了支气管炎 doctorpatient:"),
        max_size=160,
    )
)
def test_whatever_is_said_every_place_lies_in_the_text(text: str) -> None:
    for fact in hear(text, READER).facts:
        for link in fact.links:
            assert 0 <= link.start < link.end <= len(text)
    for turn in turns_of(text):
        assert text[turn.start : turn.end] == turn.text


@settings(max_examples=40)
@given(st.text(max_size=120))
def test_key_facts_lose_no_line(text: str) -> None:
    found = keyfacts.read(text, OUTPATIENT, READER.symptoms)
    for fact in found:
        for link in fact.links:
            assert link.source == KEY and 0 <= link.start < link.end <= len(text)
    lines = [line for line in text.split("\n") if line.strip(" 。.:：；;、?？\t\r\f\v")]
    assert bool(found) or not any(any(sign.isalnum() for sign in line) for line in lines)


def test_key_facts_go_where_their_name_says() -> None:
    text = "zs 咳嗽、发热3天\n既往史：对青霉素过敏\nzd 支气管炎；肺炎？\n否认呕吐\nzl 多喝水"
    facts = keyfacts.read(text, OUTPATIENT, READER.symptoms)
    assert [(f.kind, f.value, f.status) for f in facts] == [
        (Kind.SYMPTOM, "咳嗽", Status.PRESENT),
        (Kind.SYMPTOM, "发热", Status.PRESENT),
        (Kind.ONSET, "3天", Status.PRESENT),
        (Kind.ALLERGY, "青霉素", Status.PRESENT),
        (Kind.DIAGNOSIS, "支气管炎", Status.PRESENT),
        (Kind.DIAGNOSIS, "肺炎", Status.UNSURE),
        (Kind.SYMPTOM, "呕吐", Status.ABSENT),
        (Kind.ADVICE, "多喝水", Status.PRESENT),
    ]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("咳嗽三天", "3天"),
        ("一个多月", "1个月余"),
        ("半个月", "半月"),
        ("两周", "2周"),
        ("for two weeks", "2 weeks"),
        ("a day", "1 day"),
        ("咳嗽", ""),
    ],
)
def test_how_long_it_has_lasted(said: str, words: str) -> None:
    assert lasting(said) == words


def test_an_age_or_a_rate_is_no_duration() -> None:
    for text in ("医生：宝宝多大了？\n患者：8个月", "医生：吃几次？\n患者：一天三次"):
        assert durations(turns_of(text)) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("i have a headache every morning", "the patient has a headache every morning"),
        ("yeah, i take my pills at night", "the patient takes their pills at night"),
        ("i don't smoke any more now", "the patient does not smoke any more now"),
        ("i went to the market yesterday", "the patient went to the market yesterday"),
        ("do you think i have a cold ?", ""),
        ("we think it is his knee", ""),
    ],
)
def test_a_patients_words_in_the_third_person(said: str, told: str) -> None:
    assert retold(said) == told


def test_english_talk_is_listened_to() -> None:
    text = (
        "[doctor] how long?\n[patient] for two weeks\n"
        "[doctor] i want you to take a chest x-ray today."
    )
    facts = listen(text, ())
    assert [f.value for f in facts if f.kind is Kind.ONSET] == ["2 weeks"]
    advised = [f for f in facts if f.kind is Kind.ADVICE]
    assert advised and "chest x-ray" in advised[0].value


VISIT = """[doctor] so beth has a past medical history of hypertension and presents with knee pain .
[patient] well , i , i twisted my right knee on a ladder , uh , three days ago .
[doctor] hey dragon , show me the x-ray . on your heart exam , i do appreciate a systolic murmur .
[doctor] i think you have a medial meniscus sprain . i want you to use crutches for two days ."""


def test_an_english_visit_is_condensed() -> None:
    def found(word: str, english: str, kind: Kind) -> Named:
        begin = VISIT.index(word)
        return Named(word, english, kind, Status.PRESENT, Link(DIALOGUE_SOURCE, begin, begin + 4))

    facts = listen(
        VISIT,
        [
            found("hypertension", "Hypertension", Kind.SYMPTOM),
            found("knee pain", "Knee pain", Kind.HISTORY),
            found("murmur", "Heart murmur", Kind.SYMPTOM),
        ],
    )
    said = {f.english: (f.kind, f.section) for f in facts if f.name and f.english}
    assert said["knee pain"] == (Kind.SYMPTOM, "chief"), "what brings her goes first"
    assert said["hypertension"][0] is Kind.HISTORY
    assert said["heart murmur"] == (Kind.SYMPTOM, "none"), "a finding is no complaint"
    texts = {f.value for f in facts}
    assert "medial meniscus sprain" in {f.value for f in facts if f.kind is Kind.DIAGNOSIS}
    assert "the patient twisted their right knee on a ladder three days ago" in texts
    assert "the patient is to use crutches for two days" in texts
    assert not any("dragon" in one for one in texts)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (
            "i want you to weigh yourself every day .",
            "the patient is to weigh themselves every day",
        ),
        ("and i'm gon na order an mri of your knee .", "we will order an MRI of the knee"),
        (
            "so , uh , there is no , uh , there is a little bit of tenderness .",
            "there is a little bit of tenderness",
        ),
        (
            "you have a nice regular rate with no murmurs .",
            "the patient has a nice regular rate with no murmurs",
        ),
        ("we'll have you come back in a week .", "we will have the patient come back in a week"),
        ("let's take a look at your x-rays .", ""),
        ("is it tender here ?", ""),
        ("do you have any questions", ""),
        ("and you can put that on your", ""),
    ],
)
def test_what_a_doctor_says_as_a_sentence_of_the_record(said: str, text: str) -> None:
    assert stated(said) == text


WORDS = ("i", "you", "your", "the", "uh", ",", "?", "so", "and", "knee", "is", "to", "we'll")


@given(st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join))
def test_no_sentence_of_the_record_speaks_to_the_patient(said: str) -> None:
    assert not re.search(r"\b(?:you|your)\b", stated(said))


@pytest.mark.parametrize(
    ("said", "degrees"),
    [("三十八度五", 38.5), ("三十九度多", 39.0), ("三十七点六", 37.6), ("四十度", 40.0),
     ("38.5", 38.5), ("三十度", None), ("三十八度天", None), ("一百三十八度", None),
     ("三十八天", None), ("三十七个", None)],
)  # fmt: skip
def test_temperatures_in_words(said: str, degrees: float | None) -> None:
    assert [found[2] for found in temperatures(said)] == ([] if degrees is None else [degrees])


def test_how_a_question_was_answered_is_seen() -> None:
    def seen(answer: str) -> frozenset[int]:
        text = f"医生：有没有呕吐发热？\n{answer}"
        return circumstances(text, READER.symptoms)["呕吐"]

    assert key("ans=N-m") in seen("患者：没有")
    assert key("ans=NSm") in seen("患者：没有呕吐")
    assert key("ans=NXmb") in seen("医生：几天了？\n患者：没有发热")
    assert key("ans=Y-m") in seen("患者：是的")
    assert key("ans=none") in seen("医生：好的")
    assert key("stated") in circumstances("医生：考虑呕吐", READER.symptoms)["呕吐"]


def lessons() -> list[Lesson]:
    taught: list[Lesson] = []
    for number in range(12):
        sick = number % 2 == 0
        answer = "有呕吐" if sick else "没有呕吐"
        taught.append(
            Lesson(
                f"医生：有没有呕吐？\n患者：{answer}，咳嗽两天",
                {"呕吐": "1" if sick else "0", "咳嗽": "1"},
                [{"主诉": "咳嗽2天", "现病史": "咳嗽", "诊断": "咳嗽", "建议": "无"}],
            )
        )
    return taught


def test_a_hospital_trains_its_own_reader_and_keeps_it(tmp_path: Path) -> None:
    judges = trained(lessons(), READER)
    again = trained(lessons(), READER)
    assert all((judges[name].weights == again[name].weights).all() for name in judges)
    file = tmp_path / "reader.npz"
    save_judges(judges, file)
    reader = with_judges(READER, load_judges(file))
    heard = hear("医生：有没有呕吐？\n患者：没有呕吐，咳嗽两天", reader)
    assert heard.statuses == {"呕吐": Status.ABSENT, "咳嗽": Status.PRESENT}
    assert next(f.section for f in heard.facts if f.name == "咳嗽") == "chief"
    file.write_bytes(b"no archive")
    with pytest.raises(BadReader):
        load_judges(file)
