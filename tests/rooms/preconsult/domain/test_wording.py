"""A question may be said in other words only where these are nothing but that question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.reasoning import Person, Reasoning
from countersign.rooms.preconsult.domain import checked, says_only
from countersign.rooms.preconsult.inference import READ, plain_words, speeches

SORE = {"en": "Is your throat sore?", "zh": "嗓子疼吗？"}


def let_through(wording: str, language: str, *told: str, signed: str = "") -> bool:
    return says_only(wording, signed or SORE[language], told, language, plain_words()[language])


@pytest.mark.parametrize(
    ("language", "wording", "told"),
    [
        ("en", "Besides your cough, do you also have a sore throat?", ["cough"]),
        ("en", "Please, is your throat sore these days?", []),
        ("zh", "除了咳嗽，您最近有没有嗓子疼？", ["咳嗽"]),
        ("zh", "请问您嗓子疼吗？", []),
    ],
)
def test_the_same_question_in_plain_words_is_let_through(
    language: str, wording: str, told: list[str]
) -> None:
    assert let_through(wording, language, *told)


@pytest.mark.parametrize(
    ("language", "wording"),
    [
        ("en", "You have a sore throat. Is your throat sore?"),
        ("en", "Is your throat sore? It may be cancer?"),
        ("en", "Is your throat sore, take aspirin?"),
        ("en", "Is your throat not sore?"),
        ("en", "Besides a sore throat, do you feel anything?"),
        ("en", "Do you have that besides a sore throat?"),
        ("en", "Is your throat sore"),
        ("en", "Do you cough?"),
        ("en", "Is your throat sore 24 hours?"),
        ("zh", "您没有嗓子疼吗？"),
        ("zh", "除了嗓子疼您还有吗？"),
        ("zh", "嗓子疼，可能是肺炎吗？"),
        ("zh", "您嗓子疼。请吃阿莫西林吗？"),
        ("zh", "Is your throat sore?"),
        ("en", "嗓子疼吗？"),
    ],
)
def test_anything_else_is_not(language: str, wording: str) -> None:
    assert not let_through(wording, language)


def test_every_signed_question_is_let_through_as_it_stands() -> None:
    asked = Reasoning().next_questions([], Person(30, None), 400)
    for language in READ:
        for one in asked:
            if one.kind == "ask":
                text = one.text.into("zh" if language == "zh" else "en")
                assert let_through(text, language, signed=text), text
    for code, speech in speeches().items():
        for text in speech.questions.values():
            assert let_through(text, code, signed=text), text


@given(st.text(min_size=1, max_size=30), st.integers(0, 4))
def test_no_word_from_elsewhere_gets_in(added: str, place: int) -> None:
    words = ["Is", "your", "throat", "sore"]
    wording = " ".join([*words[:place], added, *words[place:]]) + "?"
    allowed = plain_words()["en"].words | {"is", "your", "throat", "sore"}
    if says_only(wording, SORE["en"], [], "en", plain_words()["en"]):
        letters = "".join(c if c.isalpha() else " " for c in added.lower())
        assert set(letters.split()) <= allowed | {""}


@given(st.text(max_size=80), st.lists(st.tuples(st.text(max_size=20), st.text(max_size=9))))
def test_only_what_stands_in_the_words_is_read_from_them(
    words: str, claims: list[tuple[str, str]]
) -> None:
    value = {"findings": [{"quote": q, "name": n, "status": "present"} for q, n in claims]}
    for one in checked(value, words, []).findings:
        assert words[one.start : one.start + len(one.quote)] == one.quote and one.name


def test_what_is_denied_is_not_made_present() -> None:
    given_by = {"findings": [{"quote": "no fever", "name": "fever", "status": "present"}],
                "dangers": [{"quote": "no fever", "name": "sepsis"},
                            {"quote": "cough", "name": "no-such-rule"}]}  # fmt: skip
    found = checked(given_by, "a cough, no fever", ["sepsis"])
    assert [one.status for one in found.findings] == ["uncertain"] and found.dangers == ()


@pytest.mark.parametrize("value", [None, [], "text", {"findings": "x"}, {"findings": [1, None]}])
def test_an_answer_of_another_form_says_nothing(value: object) -> None:
    assert checked(value, "a cough", ["sepsis"]).findings == ()
