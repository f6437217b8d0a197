"""The small parts: thought kept apart, streams parsed, forms judged; property by property."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.models.gateway.form import Faulty, parsed
from countersign.ground.models.gateway.thought import Apart
from countersign.ground.models.gateway.wire import Garbled, chunks
from ground.models.gateway.ward import SCHEMA

TEXT = st.text(st.sampled_from("ab <>/thinkTHINK血\n"), max_size=30)


def cut(text: str, at: list[int]) -> list[str]:
    places = sorted({one % (len(text) + 1) for one in at})
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


def apart(pieces: list[str]) -> tuple[str, str, bool]:
    reader, answer, thought = Apart(), [], []
    for piece in pieces:
        a, t = reader.feed(piece)
        answer.append(a)
        thought.append(t)
    a, t = reader.end()
    return "".join([*answer, a]), "".join([*thought, t]), reader.unopened


def untagged(text: str) -> str:
    while "<think>" in text or "</think>" in text:
        text = text.replace("<think>", "").replace("</think>", "")
    return text


@given(TEXT.map(untagged), TEXT.map(untagged), st.lists(st.integers(0, 99), max_size=6))
@settings(deadline=None)
def test_thought_is_kept_apart_wherever_it_is_cut(thought: str, answer: str, at: list[int]) -> None:
    pieces = cut(f"<think>{thought}</think>{answer}", at)
    if "</think>" in thought + "</think>"[:-1] or "<think>" in answer or "</think>" in answer:
        return
    assert apart(pieces) == (answer.lstrip(), thought, False)


@given(TEXT.map(untagged), st.lists(st.integers(0, 99), max_size=6))
@settings(deadline=None)
def test_an_answer_without_thought_stays_whole(answer: str, at: list[int]) -> None:
    assert apart(cut(answer, at)) == (answer.lstrip(), "", False)


def test_a_thought_that_never_ended_is_no_answer() -> None:
    assert apart(["<think>It may", " bleed"]) == ("", "It may bleed", False)


def test_a_thought_that_never_began_is_told() -> None:
    reader = Apart()
    assert reader.feed("It may bleed") == ("It may bleed", "")
    assert reader.feed(" or not</think>\nIt is high") == ("It is high", " or not")
    assert reader.unopened


EVENT = 'data: {"choices":[{"index":0,"delta":{"content":"血钾"}}]}\n\n'


@given(st.lists(st.integers(0, 500), max_size=8))
@settings(deadline=None)
def test_events_are_read_however_the_network_cuts_them(at: list[int]) -> None:
    raw = (": waiting\n\n" + EVENT * 3 + "data: [DONE]\n\n" + EVENT).encode()
    places = sorted({one % (len(raw) + 1) for one in at})
    parts = [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]
    found = [chunk.choices[0].delta for chunk in chunks(parts)]
    assert [one.content for one in found if one] == ["血钾"] * 3


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_whatever_comes_is_read_or_refused(raw: bytes) -> None:
    try:
        list(chunks([b"data: " + raw, b"\n\n"]))
    except Garbled:
        return


def test_an_endless_line_is_refused() -> None:
    with pytest.raises(Garbled):
        list(chunks([b"data: " + b"x" * 300_000] * 5))


@given(st.integers(1, 40))
@settings(deadline=None)
def test_cut_json_is_never_valid(at: int) -> None:
    whole = json.dumps({"answer": "血钾 {} high", "sure": 0.5}, ensure_ascii=False)
    if at < len(whole):
        with pytest.raises(Faulty):
            parsed(whole[:at], SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        '{"answer": "x"}',
        '{"answer": "x", "sure": -1}',
        '{"answer": "x", "sure": 1, "more": 2}',
        '["answer", 1]',
        'It is: {"answer": "x", "sure": 1}',
        '{"answer": "x", "sure": NaN}',
        "",
    ],
)
def test_another_form_is_refused_and_the_fault_named(text: str) -> None:
    with pytest.raises(Faulty) as refused:
        parsed(text, SCHEMA)
    assert refused.value.said
    assert text[:8] not in str(refused.value) or not text


def test_a_frame_round_json_is_taken_off() -> None:
    assert parsed('```json\n{"answer": "x", "sure": 1}\n```', SCHEMA)["sure"] == 1
