"""Whatever arrives, in whatever pieces: whole messages come out, or the connection ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.doors.hl7v2 import charsets
from countersign.doors.hl7v2.acknowledging import answers
from countersign.doors.hl7v2.framing import END, Frames, TooLong, framed
from countersign.doors.hl7v2.judging import Judged, judge
from countersign.doors.hl7v2.mapping import Context, mapped
from countersign.doors.hl7v2.message import (
    STANDARD,
    Message,
    NotAMessage,
    escaped,
    parse,
    unescaped,
)
from countersign.ground.chart import Limits, prepare
from countersign.kit.clock import utc_now
from countersign.kit.ids import new_id
from countersign.kit.json import encode
from doors.hl7v2.stage import a01, oru

QUICK = settings(deadline=None, max_examples=60)
"""A busy machine is no failure."""

CONTENT = st.binary(max_size=200).filter(lambda raw: END not in raw + b"\r" and raw[-1:] != b"\x1c")
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


@QUICK
@given(st.lists(CONTENT, max_size=5), st.lists(st.integers(1, 50), max_size=40), st.booleans())
def test_messages_survive_any_cutting(
    messages: list[bytes], cuts: list[int], chatter: bool
) -> None:
    stream = b"".join((b"\r\n" if chatter else b"") + framed(one) for one in messages)
    frames, found, at = Frames(1000), list[bytes](), 0
    for cut in [*cuts, len(stream) + 1]:
        found += frames.feed(stream[at : at + cut])
        at += cut
    assert found == messages and not frames.open


@QUICK
@given(st.binary(max_size=600))
def test_any_bytes_are_bounded(raw: bytes) -> None:
    frames = Frames(100)
    try:
        assert all(len(one) <= 100 for one in frames.feed(raw))
    except TooLong:
        assert len(raw) > 100


def test_a_message_without_end_is_not_kept_for_ever() -> None:
    frames = Frames(1000)
    with pytest.raises(TooLong):
        for _ in range(200):
            list(frames.feed(b"\x0b" if not frames.open else b"x" * 100))


@QUICK
@given(TEXT)
def test_text_comes_back_from_its_escapes(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not set(escaped(text).replace("\\", "")) & {"|", "^", "~", "&", "\r"}


@QUICK
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, "MSH" + text, "MSH|^~\\&|" + text):
        try:
            assert isinstance(parse(candidate), Message)
        except NotAMessage:
            continue


def checked(raw: bytes) -> Judged:
    """Judges, maps and answers; the entries must be valid FHIR whatever the message says."""
    judged = judge(raw, tests=True)
    for answer in answers(judged.message, judged.verdict, judged.faults, utc_now(), "1"):
        assert answer.startswith(b"MSH") and b"\rMSA" in answer
    if judged.verdict == "AA" and judged.message is not None:
        context = Context("p1", lambda kind, name: new_id(), Limits().zone)
        made = mapped(judged.message, context)
        patient = {**{k: v for k, v in made.patient.items() if v is not None}, "id": "p1"}
        entries = [{**patient, "resourceType": "Patient"}, *made.entries]
        entries += [made.encounter] if made.encounter else []
        for one in entries:
            resource = {k: v for k, v in one.items() if k not in ("encounter", "basedOn", "result")}
            prepare(encode({"resourceType": "Bundle", "type": "transaction", "entry": [
                {"resource": resource, "request": {
                    "method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}]}),
                Limits(), new_id)  # fmt: skip
    return judged


FIELDS = st.sampled_from(
    ['""', "^", "&&&", "~", "99999999", "20261399", "1e5", "\\X0D\\", "\\X", "-", "^^^&&ISO", "李"]
) | TEXT.map(lambda text: text.replace("\r", "").replace("\n", ""))


CHANGES = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 40), FIELDS), max_size=6)


@QUICK
@given(st.sampled_from([a01("M1"), oru("M2")]), CHANGES)
def test_impossible_values_make_no_invalid_entry(
    message: str, changes: list[tuple[int, int, str]]
) -> None:
    lines = [line.split("|") for line in message.rstrip("\r").split("\r")]
    for line, place, value in changes:
        fields = lines[line % len(lines)]
        if line % len(lines) == 0 and place < 2:
            continue
        fields += [""] * (place + 1 - len(fields))
        fields[place] = value
    checked("\r".join("|".join(fields) for fields in lines).encode())


@QUICK
@given(st.binary(max_size=400))
def test_any_bytes_after_a_header_are_judged(raw: bytes) -> None:
    checked(a01("M1").encode() + raw)
    checked(raw)


def test_each_character_set_is_read_as_it_is_named() -> None:
    message = a01("M1")
    chinese = message.replace("UNICODE UTF-8", "GB18030").encode("gb18030")
    judged = judge(chinese, tests=False)
    assert judged.verdict == "AA" and judged.message is not None
    assert judged.message.segment("PID").get(5) == "王"
    unknown = judge(message.replace("UNICODE UTF-8", "KLINGON").encode(), tests=False)
    assert unknown.faults[0].code == "hl7v2.charset-unknown"
    wrong = judge(message.encode("gb18030"), tests=False)
    assert (wrong.verdict, wrong.faults[0].code) == ("AR", "hl7v2.not-in-charset")
    assert wrong.message is not None and wrong.message.control_id == "M1"
    assert charsets.text(message.replace("UNICODE UTF-8", "").encode()) != ""
    assert STANDARD.encoding == "^~\\&"
