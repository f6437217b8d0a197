"""An event is small, exact and the same bytes every time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from countersign.ground.ledger import Event, EventKind, EventRefused, Recorded

AT = datetime(2026, 11, 22, 16, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
SIGNED = Event(
    EventKind.DRAFT_SIGNED,
    "person:17",
    patient="p1",
    subject="draft:5",
    model="review@1.0.0",
    commits={"content": "ab" * 32},
    detail={"seconds": 41, "amended": True, "reason": "患者意愿"},
)


def test_the_bytes_of_a_leaf_are_fixed() -> None:
    assert SIGNED.body(AT, bytes(16)).decode() == (
        '{"actor":"person:17","at":"2026-11-22T08:30:00.123Z","commits":{"content":"'
        + "ab" * 32
        + '"},"detail":{"amended":true,"reason":"患者意愿","seconds":41},"kind":"draft-signed",'
        '"model":"review@1.0.0","patient":"p1","salt":"00000000000000000000000000000000",'
        '"subject":"draft:5","v":1}'
    )


def test_what_is_not_known_is_left_out() -> None:
    body = Event(EventKind.SIGN_OUT, "person:17").body(AT, b"\1" * 16)
    assert b"patient" not in body and b"commits" not in body and b"null" not in body


def row(body: bytes, kind: str) -> dict[str, object]:
    columns = dict.fromkeys(("patient", "subject", "model"))
    return {"index": 3, "at": AT, "kind": kind, "actor": "person:17", "body": body, **columns}


def test_a_recorded_event_reads_back() -> None:
    body = SIGNED.body(AT, bytes(16))
    read = Recorded.read(row(body, "draft-signed"))
    assert (read.index, read.kind, read.body) == (3, EventKind.DRAFT_SIGNED, body)
    assert dict(read.commits) == dict(SIGNED.commits) and dict(read.detail) == dict(SIGNED.detail)


def test_an_event_of_a_newer_version_still_reads() -> None:
    assert Recorded.read(row(b'{"v":9,"more":[]}', "robot-recalled")).kind == "robot-recalled"


@pytest.mark.parametrize("body", [b"", b"\xff", b"5", b'"x"', b"[1]"])
def test_an_event_whose_body_was_destroyed_still_shows_its_columns(body: bytes) -> None:
    read = Recorded.read(row(body, "draft-signed"))
    assert (read.kind, read.actor, dict(read.commits)) == ("draft-signed", "person:17", {})


def test_more_can_be_committed_to() -> None:
    more = SIGNED.committing(signature="cd" * 32)
    assert dict(more.commits) == {"content": "ab" * 32, "signature": "cd" * 32}


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor": "17"},
        {"actor": "doctor:17"},
        {"actor": "person:"},
        {"actor": "person:two words"},
        {"patient": ""},
        {"patient": "p\x00"},
        {"patient": "line\nbreak"},
        {"subject": "x" * 257},
        {"model": "\ud800"},
        {"commits": {"content": "AB" * 32}},
        {"commits": {"content": "ab"}},
        {"commits": {"two words": "ab" * 32}},
        {"detail": {"score": 0.5}},
        {"detail": {"number": 2**60}},
        {"detail": {"text": "x\u202ey"}},
        {"detail": {"nested": {"a": 1}}},
        {"kind": "chart-viewed"},
    ],
)
def test_what_cannot_be_told_exactly_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(EventRefused):
        Event(**{"kind": EventKind.CHART_VIEWED, "actor": "person:1", **wrong})  # pyright: ignore


def test_an_event_that_no_tile_could_hold_is_refused() -> None:
    many = {f"version.{number}": "ab" * 32 for number in range(1000)}
    with pytest.raises(EventRefused, match="digest"):
        Event(EventKind.CHART_RECEIVED, "client:lab", commits=many).body(AT, bytes(16))
