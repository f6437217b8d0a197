"""A second installation cosigns over the network; a split view is detected and shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from countersign.ground.db import Database, DbRole
from countersign.ground.egress import Egress
from countersign.ground.ledger import (
    Cosigner,
    Event,
    FindingKind,
    Ledger,
    Place,
    Signer,
    Witness,
    Witnesses,
    WitnessSettings,
    places,
)
from countersign.kit.clock import utc_now
from ground.ledger.known import Owner
from ground.ledger.witnessed import asking, listening, witness

COSIGNER = Cosigner("w1.example", b"\7" * 32)
OTHER = Cosigner("w2.example", b"\6" * 32)


@pytest.fixture
def seeing(tmp_path: Path, signer: Signer) -> Witness:
    return witness(tmp_path / "w1", signer, COSIGNER)


@pytest.fixture
def place(seeing: Witness) -> Iterator[Place]:
    with listening(seeing, COSIGNER) as found:
        yield found


@pytest.fixture
def witnesses(database: Database, egress: Egress, ledger: Ledger, place: Place) -> Witnesses:
    return asking(ledger, database, egress, place)


def record(ledger: Ledger, event: Event, times: int) -> None:
    for _ in range(times):
        ledger.record(event)


def test_checkpoints_are_cosigned_and_shown(
    ledger: Ledger, witnesses: Witnesses, viewed: Event
) -> None:
    assert witnesses.send() == 1  # an empty tree can be witnessed too
    record(ledger, viewed, 3)
    assert witnesses.send() == 1 and witnesses.send() == 0
    ((checkpoint, cosignature),) = witnesses.witnessed()
    assert checkpoint.size == 3 and cosignature.witness == "w1.example"
    whole = witnesses.cosigned(checkpoint)
    assert COSIGNER.verifier.find(whole) == cosignature
    assert ledger.opened(whole).size == 3
    record(ledger, viewed, 2)
    (standing,) = witnesses.standing()
    assert (standing.size, standing.behind, standing.problem) == (3, 2, "")
    report = ledger.verify(witnesses=[COSIGNER.verifier])
    assert report.sound and report.cosignatures == 2


def test_a_house_that_forgot_how_far_the_witness_is_asks_it(
    ledger: Ledger, witnesses: Witnesses, viewed: Event, owner: Owner
) -> None:
    record(ledger, viewed, 4)
    witnesses.send()
    owner("delete from ledger.cosignature")
    record(ledger, viewed, 300)
    assert witnesses.send() == 1
    assert witnesses.standing()[0].size == 304 and ledger.verify().sound


def test_a_superuser_who_rewrites_history_is_refused_by_the_witness(
    ledger: Ledger,
    witnesses: Witnesses,
    seeing: Witness,
    viewed: Event,
    owner: Owner,
    database: Database,
    egress: Egress,
    signer: Signer,
) -> None:
    record(ledger, viewed, 5)
    witnesses.send()
    # The whole record is written anew, with its checkpoints and the house's own key.
    owner(
        "delete from ledger.event; delete from ledger.leaf; delete from ledger.cosignature;"
        "delete from ledger.checkpoint; update ledger.head set size = 0"
    )
    again = Ledger(database.pool(DbRole.LEDGER), signer, utc_now, checkpoint_every=None)
    record(again, viewed, 8)
    assert again.verify().sound, "nothing inside the database shows it"
    fresh = asking(again, database, egress, *witnesses.places)
    assert fresh.send() == 0
    (standing,) = fresh.standing()
    assert standing.disagreement is not None and standing.disagreement.kind == "split-view"
    assert "another history" in standing.disagreement.words.en
    (finding,) = again.verify().findings
    assert finding.kind is FindingKind.SPLIT_VIEW and "w1.example" in finding.place
    (kept,) = seeing.evidence()
    notes = kept.read_text().replace("\n\n\n", "\n\n").strip()
    assert notes.count(signer.origin) == 4
    again.close()


def test_a_restored_old_backup_is_found_by_the_witness(
    ledger: Ledger,
    witnesses: Witnesses,
    viewed: Event,
    owner: Owner,
    database: Database,
    egress: Egress,
) -> None:
    record(ledger, viewed, 5)
    ledger.checkpoint()
    record(ledger, viewed, 5)
    witnesses.send()
    owner(
        "delete from ledger.cosignature; delete from ledger.checkpoint where size = 10;"
        "delete from ledger.event where index >= 5; delete from ledger.leaf where index >= 5;"
        "update ledger.head set size = 5"
    )
    restored = asking(ledger, database, egress, *witnesses.places)
    ledger._checkpoints._last = None  # pyright: ignore[reportPrivateUsage] - a new process
    assert ledger.verify().sound
    assert restored.send() == 0
    (finding,) = ledger.verify().findings
    assert finding.kind is FindingKind.LONGER_ELSEWHERE
    assert finding.place == "w1.example, 10, 5"


@pytest.mark.parametrize(
    "change",
    [
        "update ledger.cosignature set line = replace(line, 'w1', 'w9')",
        "update ledger.cosignature set line = overlay(line placing 'AAAA' from 40 for 4)",
        "update ledger.cosignature set at = at - interval '1 day'",
    ],
)
def test_a_changed_cosignature_is_found(
    ledger: Ledger, witnesses: Witnesses, viewed: Event, owner: Owner, change: str
) -> None:
    record(ledger, viewed, 3)
    witnesses.send()
    owner(change)
    (finding,) = ledger.verify(witnesses=[COSIGNER.verifier]).findings
    assert (finding.kind, finding.place) == (FindingKind.WRONG_COSIGNATURE, "3, w1.example")


def test_a_witness_that_is_away_or_lies_holds_nothing_up(
    ledger: Ledger, database: Database, egress: Egress, place: Place, viewed: Event
) -> None:
    record(ledger, viewed, 2)
    away = Place("http://127.0.0.1:9/", OTHER.verifier)
    impostor = Place(place.url, Cosigner("w3.example", b"\5" * 32).verifier)
    asked = asking(ledger, database, egress, away, impostor, place)
    assert asked.send() == 1
    first, second, third = asked.standing()
    assert "did not answer" in first.problem
    assert "not signed by" in second.problem
    assert (first.size, second.size, third.size) == (0, 0, 2)
    assert ledger.record(viewed).index == 2


def test_nothing_is_sent_beyond_the_allow_list(
    ledger: Ledger, database: Database, egress: Egress, viewed: Event
) -> None:
    record(ledger, viewed, 1)
    outside = asking(ledger, database, egress, Place("http://192.0.2.7/", COSIGNER.verifier))
    assert outside.send() == 0
    assert "not on the list" in outside.standing()[0].problem


def test_two_witnesses_stand_below_one_checkpoint(
    ledger: Ledger,
    database: Database,
    egress: Egress,
    place: Place,
    tmp_path: Path,
    signer: Signer,
    viewed: Event,
) -> None:
    with listening(witness(tmp_path / "w2", signer, OTHER), OTHER) as second:
        asked = asking(ledger, database, egress, place, second)
        record(ledger, viewed, 4)
        assert asked.send() == 2
        note = asked.cosigned(ledger.checkpoint())
        assert all(one.verifier.find(note) for one in (COSIGNER, OTHER))


def test_only_the_ledgers_role_writes_what_witnesses_said(database: Database) -> None:
    for role in DbRole:
        if role is DbRole.LEDGER:
            continue
        for call in (
            "ledger.cosign(1, 'w', 'l', now())",
            "ledger.disagree(now(), 'w', 'longer', 1, 2, 'n')",
            "ledger.prune('x', array[1], 'process')",
        ):
            with (
                psycopg.connect(database.conninfo(role)) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(f"select {call}".encode())


def test_the_setting_names_places_and_keys() -> None:
    text = f"http://a.example/ {COSIGNER.verifier.text}, https://b.example/w {OTHER.verifier.text}"
    first, second = places(text)
    assert (first.url, second.key.name) == ("http://a.example/", "w2.example")
    assert places("") == ()
    for wrong in ("http://a.example/", f"ftp://a {OTHER.verifier.text}", "x", "http://a b+c+d"):
        with pytest.raises(WitnessSettings):
            places(wrong)
