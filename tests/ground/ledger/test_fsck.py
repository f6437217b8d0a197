"""Whoever edits rows with the superuser's power is found, and told apart."""

from __future__ import annotations

import pytest

from countersign.ground.ledger import (
    Event,
    EventKind,
    FindingKind,
    Ledger,
    NoteRefused,
    Report,
    Signer,
)
from countersign.ground.ledger.findings import _SENTENCES  # pyright: ignore[reportPrivateUsage]
from ground.ledger.known import ORIGIN, Owner

LEAVES = 600


@pytest.fixture
def filled(ledger: Ledger, viewed: Event) -> Ledger:
    """600 leaves (two tiles and a part), checkpoints at 599 and 600."""
    for _ in range(LEAVES - 2):
        ledger.record_soon(viewed)
    ledger.record(viewed)
    ledger.checkpoint()
    ledger.record(Event(EventKind.RELEASED, "person:2", patient="p1"))
    ledger.checkpoint()
    return ledger


def found(report: Report) -> list[tuple[FindingKind, str]]:
    assert not report.sound
    assert "NOT sound" in report.words.en
    return [(finding.kind, finding.place) for finding in report.findings]


def test_an_untouched_ledger_is_sound(filled: Ledger) -> None:
    report = filled.verify()
    assert report.sound and report.findings == () and "sound" in report.words.en
    counts = (report.size, report.events, report.tiles, report.checkpoints, report.further)
    assert counts == (LEAVES, LEAVES, 2, 2, 0)
    latest = filled.latest()
    assert latest is not None and report.root == latest.root


def test_an_empty_ledger_is_sound(ledger: Ledger) -> None:
    assert ledger.verify().sound
    ledger.checkpoint()
    assert ledger.verify().sound


BODY = "convert_to(replace(convert_from(body, 'UTF8'), 'person:1', 'person:9'), 'UTF8')"


CHANGES = [
    (
        f"update ledger.event set body = {BODY}, actor = 'person:9' where index = 300",
        [(FindingKind.CHANGED_BODY, "300")],
    ),
    (
        f"update ledger.event set body = {BODY}, actor = 'person:9' where index = 590",
        [(FindingKind.CHANGED_BODY, "590")],
    ),
    (
        "update ledger.event set actor = 'person:9' where index = 590",
        [(FindingKind.CHANGED_COLUMNS, "590")],
    ),
    (
        "update ledger.event set at = at - interval '1 day' where index = 7",
        [(FindingKind.CHANGED_COLUMNS, "7")],
    ),
    (
        "update ledger.event set body = '\\xff' where index = 7",
        [(FindingKind.CHANGED_COLUMNS, "7"), (FindingKind.CHANGED_BODY, "7")],
    ),
    ("delete from ledger.event where index = 7", [(FindingKind.LOST_BODY, "7")]),
    (
        "update ledger.leaf set leaf_hash = sha256('x') where index = 7",
        [(FindingKind.CHANGED_LEAF, "7")],
    ),
    (
        "delete from ledger.leaf where index = 7",
        [(FindingKind.LOST_LEAF, "7")],
    ),
    (
        "delete from ledger.leaf where index = 7; delete from ledger.event where index = 7",
        [(FindingKind.LOST_BODY, "7"), (FindingKind.LOST_LEAF, "7")],
    ),
    (
        "update ledger.head set size = 601",
        [(FindingKind.WRONG_HEAD, "601")],
    ),
    (
        "update ledger.tile set root = sha256('x') where index = 1",
        [(FindingKind.WRONG_TILE, "0/1")],
    ),
    (
        "update ledger.tile set hashes = overlay(hashes placing '\\x00' from 33 for 1)"
        " where index = 1",
        [(FindingKind.WRONG_TILE, "0/1")],
    ),
    ("delete from ledger.tile where index = 1", [(FindingKind.LOST_TILE, "0/1")]),
    (
        "insert into ledger.tile select level, 2, hashes, root from ledger.tile where index = 1",
        [(FindingKind.WRONG_TILE, "0/2")],
    ),
    (
        "update ledger.checkpoint set root = sha256('x') where size = 599",
        [(FindingKind.WRONG_CHECKPOINT, "599")],
    ),
    (
        "update ledger.checkpoint set note = replace(note, '599', '598') where size = 599",
        [(FindingKind.FOREIGN_CHECKPOINT, "599")],
    ),
    (
        "update ledger.checkpoint set size = 77 where size = 599",
        [(FindingKind.WRONG_CHECKPOINT, "77")],
    ),
]


@pytest.mark.parametrize(("statement", "expected"), CHANGES)
def test_each_change_is_found_at_its_place(
    filled: Ledger, owner: Owner, statement: str, expected: list[tuple[FindingKind, str]]
) -> None:
    owner(statement)
    assert found(filled.verify()) == expected


def test_a_body_changed_together_with_its_leaf_is_found_by_the_tile(
    filled: Ledger, owner: Owner
) -> None:
    owner(f"update ledger.event set body = {BODY}, actor = 'person:9' where index = 300")
    owner(
        "update ledger.leaf set leaf_hash = (select sha256('\\x00'::bytea || body)"
        " from ledger.event where index = 300) where index = 300"
    )
    kinds = dict(found(filled.verify()))
    assert kinds[FindingKind.WRONG_TILE] == "0/1"
    assert FindingKind.WRONG_CHECKPOINT in kinds


def test_a_history_rewritten_up_to_its_tiles_is_found_by_the_checkpoints(
    filled: Ledger, owner: Owner
) -> None:
    owner(f"update ledger.event set body = {BODY}, actor = 'person:9' where index = 590")
    owner(
        "update ledger.leaf set leaf_hash = (select sha256('\\x00'::bytea || body)"
        " from ledger.event where index = 590) where index = 590"
    )
    assert found(filled.verify()) == [
        (FindingKind.WRONG_CHECKPOINT, "599"),
        (FindingKind.WRONG_CHECKPOINT, "600"),
    ]


def test_leaves_cut_off_at_the_end_are_found(filled: Ledger, owner: Owner) -> None:
    owner(
        "delete from ledger.event where index >= 598; delete from ledger.leaf where index >= 598;"
        "update ledger.head set size = 598"
    )
    assert found(filled.verify()) == [(FindingKind.LOST_LEAF, "598–599")]


def test_a_restored_backup_is_found_by_a_checkpoint_kept_elsewhere(
    filled: Ledger, owner: Owner
) -> None:
    kept = filled.latest()
    assert kept is not None and filled.verify([kept.note]).sound
    owner(
        "delete from ledger.checkpoint where size = 600;"
        "delete from ledger.event where index = 599;"
        "delete from ledger.leaf where index = 599; update ledger.head set size = 599"
    )
    assert filled.verify().sound
    assert found(filled.verify([kept.note])) == [(FindingKind.OTHER_HISTORY, "600")]


def test_a_history_rewritten_with_all_its_checkpoints_is_found_by_one_kept_elsewhere(
    filled: Ledger, owner: Owner, signer: Signer
) -> None:
    kept = signer.sign(300, b"\7" * 32)
    assert found(filled.verify([kept.note])) == [(FindingKind.OTHER_HISTORY, "300")]


def test_a_foreign_note_is_refused_as_a_witness(ledger: Ledger) -> None:
    with pytest.raises(NoteRefused):
        ledger.verify([Signer(ORIGIN, b"\3" * 32).sign(1, bytes(32)).note])


def test_a_thousand_findings_are_listed_and_the_rest_counted(filled: Ledger, owner: Owner) -> None:
    owner("update ledger.event set actor = 'person:9', body = body || ' '")
    report = filled.verify()
    assert len(report.findings) == 1000
    assert report.further == 2 * LEAVES - 1000


def test_every_finding_is_said_in_both_languages() -> None:
    assert set(_SENTENCES) == set(FindingKind)
    for words in _SENTENCES.values():
        assert "{place}" in words.en and "{place}" in words.zh
