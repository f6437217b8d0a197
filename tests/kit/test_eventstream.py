"""A stream of events says the same however its bytes are cut and its lines are ended."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from countersign.kit.eventstream import EventStream

lines = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=12)
ends = st.sampled_from(["\n", "\r\n", "\r"])
events = st.lists(st.lists(lines, min_size=1, max_size=3), max_size=5)


@given(events, ends, st.lists(st.integers(0, 200), max_size=8))
def test_however_it_is_cut(events: list[list[str]], end: str, cuts: list[int]) -> None:
    raw = "".join(
        "".join(f"data: {line}{end}" for line in event) + f": a comment{end}{end}"
        for event in events
    ).encode()
    places = sorted({min(cut, len(raw)) for cut in cuts} | {0, len(raw)})
    stream = EventStream()
    found = [
        event
        for start, stop in zip(places, places[1:], strict=False)
        for event in stream.feed(raw[start:stop])
    ]
    assert found == ["\n".join(event) for event in events]


@given(st.lists(st.binary(max_size=30)))
def test_any_bytes_are_survived(parts: list[bytes]) -> None:
    stream = EventStream()
    for part in parts:
        stream.feed(part)


def test_the_example_of_the_specification() -> None:
    raw = b"data: YHOO\ndata: +2\ndata: 10\n\n: test stream\n\ndata: first event\nid: 1\n\n"
    assert EventStream().feed(raw) == ["YHOO\n+2\n10", "first event"]
    assert EventStream().feed(b"data:test\n\ndata: test\n\n") == ["test", "test"]


def test_an_event_without_its_end_is_not_given_out() -> None:
    assert EventStream().feed(b"data: half an ans") == []
    assert EventStream().feed(b"data: half an answer\n") == []
