"""Slides are durable before they are acknowledged, whole or not at all, and known again."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest

from building import Building
from countersign.ground.db import WHOLE, DbRole, Scope, naming
from countersign.ground.identity import Principal
from countersign.ground.ledger import EventKind
from countersign.ground.slides import (
    MOVES,
    Match,
    SlideFiles,
    Slides,
    SlidesFull,
    UnfitSlide,
    UnknownSlide,
    UploadBroken,
    WrongSlideState,
)
from countersign.kit.ids import new_id

SENDER, OTHER = Principal.system("pathology"), Principal.system("worker")


@pytest.fixture
def slides(building: Building) -> Slides:
    return building.floor.slides


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_file_is_kept_once_however_often_it_comes(
    slides: Slides, building: Building, tmp_path: Path
) -> None:
    first = write(tmp_path, "王小明.svs", b"one slide")
    received = slides.intake.receive_files([first], "command", SENDER)
    again = write(tmp_path, "elsewhere.svs", b"one slide")
    known = slides.intake.receive_files([again], "upload", SENDER)
    assert (received.new, known.new, known.slide) == (True, False, received.slide)
    one = slides.keeping.one(WHOLE, received.slide)
    path = slides.keeping.path(one)
    assert path.read_bytes() == b"one slide"
    assert path.stat().st_mode & 0o777 == 0o600
    assert one.sha256 == sha256(b"one slide").hexdigest()
    assert "王小明" not in str(path)
    assert slides.keeping.told(WHOLE, one.id).name == "王小明.svs"
    kinds = [event.kind for event in building.events(f"slide:{one.id}")]
    assert kinds == [EventKind.SLIDE_ARRIVED]


def test_slides_wait_behind_what_other_rooms_ask_for(
    slides: Slides, building: Building, tmp_path: Path
) -> None:
    path = write(tmp_path, "long.svs", b"a slide that is measured for long")
    slide = slides.intake.receive_files([path], "command", SENDER).slide
    with building.database.pool(DbRole.ROOM).transaction() as connection:
        other = building.floor.jobs.defer(connection, "test.soon", {})
    slides.keeping.wake(slide)
    found = building.rows(
        "select id, priority from jobs.procrastinate_jobs where id = %s or args->>'slide' = %s"
        " order by priority desc, id",
        other,
        slide,
    )
    assert found[0]["id"] == other and found[-1]["priority"] < found[0]["priority"]


def test_a_folder_of_a_format_is_one_slide(slides: Slides, tmp_path: Path) -> None:
    files = [
        write(tmp_path, "a.mrxs", b"head"),
        write(tmp_path, "a/Data0001.dat", b"data"),
        write(tmp_path, "a/Slidedat.ini", b"ini"),
    ]
    one = slides.intake.receive_files(files, "command", SENDER)
    path = slides.keeping.path(slides.keeping.one(WHOLE, one.slide))
    assert path.name == "slide.mrxs"
    assert (path.parent / "slide" / "Data0001.dat").read_bytes() == b"data"
    parts = [write(tmp_path, f"{name}.dcm", name.encode()) for name in ("one", "two")]
    set_ = slides.intake.receive_files(parts, "c-store", SENDER)
    turned = slides.intake.receive_files(parts[::-1], "stow", SENDER, move=True)
    assert (turned.slide, turned.new) == (set_.slide, False)
    assert not any(part.exists() for part in parts)
    folder = slides.keeping.path(slides.keeping.one(WHOLE, set_.slide))
    assert sorted(file.read_bytes() for file in folder.iterdir()) == [b"one", b"two"]


def test_where_the_disk_is_full_nothing_is_accepted(tmp_path: Path) -> None:
    files = SlideFiles(tmp_path / "kept", new_id, free=lambda path: 300 * 2**20)
    files.require(40 * 2**20)
    with pytest.raises(SlidesFull, match="Nothing of it was kept"):
        files.require(50 * 2**20)
    assert list(files.incoming.iterdir()) == []


def test_no_half_slide_stays_and_the_source_is_where_it_was(tmp_path: Path) -> None:
    files = SlideFiles(tmp_path / "kept", new_id)
    good, missing = write(tmp_path, "1.dcm", b"one"), tmp_path / "2.dcm"
    with pytest.raises(UnfitSlide):
        files.stage([good, missing], "instances", move=True)
    link = tmp_path / "3.dcm"
    link.symlink_to(good)
    with pytest.raises(UnfitSlide):
        files.stage([good, link], "instances", move=True)
    assert good.read_bytes() == b"one"
    assert not files.incoming.exists() or list(files.incoming.iterdir()) == []


def test_an_upload_goes_on_where_it_broke_off(slides: Slides) -> None:
    upload = slides.intake.begin_upload(SENDER, 10)
    assert slides.intake.append(SENDER, upload, 0, [b"01234"]) == 5
    with pytest.raises(UploadBroken, match="byte 5"):
        slides.intake.append(SENDER, upload, 3, [b"34"])
    with pytest.raises(UploadBroken):
        slides.intake.append(OTHER, upload, 5, [b"56789"])
    with pytest.raises(UploadBroken):
        slides.intake.finish_upload(SENDER, upload, "u.svs")
    slides.intake.append(SENDER, upload, 5, [b"567", b"89"])
    received = slides.intake.finish_upload(SENDER, upload, "u.svs", {"mrn": "1", "evil": "2"})
    one = slides.keeping.one(WHOLE, received.slide)
    assert slides.keeping.path(one).read_bytes() == b"0123456789"
    assert slides.keeping.told(WHOLE, one.id).hints == {"mrn": "1"}
    for wrong in ("../../etc", "", "no-such"):
        with pytest.raises(UploadBroken):
            slides.intake.append(SENDER, wrong, 0, [b"x"])


def test_the_database_holds_the_same_table_of_moves(building: Building) -> None:
    held: dict[str, set[str]] = {}
    for row in building.rows("select before, after from slides.move"):
        held.setdefault(row["before"], set()).add(row["after"])
    assert held == {before: set(after) for before, after in MOVES.items()}


def test_what_nobody_owns_is_not_measured_and_a_wrong_move_is_refused(
    slides: Slides, building: Building, tmp_path: Path
) -> None:
    one = slides.intake.receive_files([write(tmp_path, "m.svs", b"moves")], "command", SENDER).slide
    for state in ("running", "signed", "draft", "ready"):
        with pytest.raises(WrongSlideState):
            slides.keeping.move(SENDER, one, cast("Any", state))
    slides.keeping.move(SENDER, one, "unmatched", "no-number")
    forging = "update slides.step set state = 'signed' where slide = %s"
    with (
        pytest.raises(psycopg.DatabaseError, match="append-only"),
        psycopg.connect(building.database.owner_conninfo) as owner,
    ):
        owner.execute(forging, (one,))
    slides.keeping.give(SENDER, one, Match("p1", "ki67", "hand"))
    found = slides.keeping.one(WHOLE, one)
    assert (found.state, found.patient) == ("queued", "p1")
    assert [step.state for step in slides.keeping.history(WHOLE, one)] == [
        "queued",
        "unmatched",
        "queued",
    ]


def test_the_second_that_looks_at_a_slide_changes_nothing(slides: Slides, tmp_path: Path) -> None:
    one = slides.intake.receive_files([write(tmp_path, "l.svs", b"late")], "command", SENDER).slide
    found = Match("p1", "he", "barcode", accession="S26-1")
    slides.keeping.give(SENDER, one, found, queue=False, first=True)
    before = slides.keeping.history(WHOLE, one)
    slides.keeping.give(SENDER, one, replace(found, stain="ki67"), queue=False, first=True)
    match = slides.keeping.match(WHOLE, one)
    assert match is not None
    assert match.stain == "he"
    assert slides.keeping.history(WHOLE, one) == before


def test_a_slide_is_seen_by_those_who_see_its_patient(slides: Slides, tmp_path: Path) -> None:
    one = slides.intake.receive_files([write(tmp_path, "s.svs", b"seen")], "command", SENDER).slide
    with pytest.raises(UnknownSlide):
        slides.keeping.one(Scope(), "no-such")
    assert slides.keeping.one(naming(["p2"]), one).id == one
    slides.keeping.give(SENDER, one, Match("p1", "he", "hand", accession="S26-1"))
    assert slides.keeping.match(naming(["p1"]), one) is not None
    with pytest.raises(UnknownSlide):
        slides.keeping.one(naming(["p2"]), one)
    assert slides.keeping.match(naming(["p2"]), one) is None


def test_what_a_file_says_lies_under_the_patients_key(
    slides: Slides, building: Building, tmp_path: Path
) -> None:
    one = slides.intake.receive_files([write(tmp_path, "t.svs", b"told")], "command", SENDER).slide
    slides.keeping.give(SENDER, one, Match("p1", "he", "hand"))
    rows = building.rows("select patient from slides.told where slide = %s", one)
    assert rows == [{"patient": "p1"}]
    assert SimpleNamespace(**slides.keeping.told(WHOLE, one).hints) == SimpleNamespace()
