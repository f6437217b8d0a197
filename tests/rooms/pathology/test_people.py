"""People see, match and correct slides within their rights; a folder is watched; codes are read."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from benchmarks.slide_toy import picture
from countersign.ground.identity import Forbidden
from countersign.ground.ledger import EventKind
from countersign.ground.slides import (
    BadCorrection,
    CannotUndo,
    UnknownSlide,
    WrongSlideState,
    fingerprint,
)
from countersign.rooms.pathology.domain.label import block_of, numbers_of, stain_of
from countersign.rooms.pathology.inference.labels import codes_on
from countersign.rooms.pathology.service import PATHOLOGY, Handling, Results, Watching, Worklist

from .conftest import ACCESSION, REGISTRY, Laboratory


def test_a_result_is_shown_after_its_receipt_and_corrected_until_it_is_signed(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    building = laboratory.building
    slide, results = laboratory.ready(31, tmp_path), Results(building.floor, REGISTRY)
    her = building.who("pathologist")
    shown = results.show(her, slide)
    assert len(shown.nuclei) == shown.run.nuclei
    assert building.events(f"slide:{slide}")[-1].kind == EventKind.SLIDE_SHOWN
    results.correct(her, slide, "threshold", {"value": 0.2})
    square = {"kind": "tumour", "outline": [[0, 0], [9, 0], [9, 9]]}
    results.correct(her, slide, "region", square)
    results.undo(her, slide)
    assert [one.kind for one in results.corrections(her, slide)] == ["threshold"]
    wrong: list[tuple[Any, dict[str, Any]]] = [
        ("threshold", {"value": "x"}),
        ("region", {"kind": "tumour", "outline": [[0, 0]]}),
        ("region", {"kind": "tumour", "outline": [[0, float("nan")], [1, 1], [2, 2]]}),
        ("nuclei", {"indices": [10**9], "tumour": True}),
        ("nuclei", {"indices": [0]}),
        ("undo", {}),
    ]
    for kind, value in wrong:
        with pytest.raises(BadCorrection):
            results.correct(her, slide, kind, value)
    for name in ("technician", "wang", "nurse"):
        with pytest.raises(Forbidden):
            results.correct(building.who(name), slide, "threshold", {"value": 0.1})
    for state in ("draft", "signed"):
        building.floor.slides.keeping.move(PATHOLOGY, slide, state)
    with pytest.raises(WrongSlideState):
        results.correct(her, slide, "threshold", {"value": 0.3})
    with pytest.raises(WrongSlideState):
        results.undo(her, slide)
    lessons = [one for one in building.floor.slides.correcting.signed() if one[0] == slide]
    assert [(one.kind, float(one.value["value"])) for one in lessons[0][2]] == [("threshold", 0.2)]


def test_nothing_is_left_to_undo(laboratory: Laboratory, tmp_path: Path) -> None:
    slide = laboratory.ready(32, tmp_path)
    with pytest.raises(CannotUndo):
        Results(laboratory.building.floor).undo(laboratory.building.who("pathologist"), slide)


def test_an_unmatched_slide_waits_for_a_person(laboratory: Laboratory, tmp_path: Path) -> None:
    building = laboratory.building
    handling = Handling(building.floor)
    slide = laboratory.add("nobody.png", picture(33), tmp_path)
    assert laboratory.work(slide).state == "unmatched"
    results = Results(building.floor, REGISTRY)
    with pytest.raises(Forbidden):
        results.label(building.who("wang"), slide)
    assert results.label(building.who("technician"), slide) is not None
    for name in ("wang", "nurse"):
        with pytest.raises(Forbidden):
            handling.match(building.who(name), slide, "p1", "ki67")
    with pytest.raises(Forbidden):
        handling.match(building.who("technician"), slide, "p2", "ki67")  # of another department
    handling.match(building.who("technician"), slide, "p1", "ki67", ACCESSION, "B2")
    assert laboratory.work(slide).state == "ready"


def test_the_worklist_shows_each_their_own_and_rescans_first(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    building = laboratory.building
    first = laboratory.ready(34, tmp_path)
    laboratory.ready(35, tmp_path)
    Handling(building.floor).ask_rescan(building.who("technician"), first)
    worklist = Worklist(building.floor)
    listed = worklist.show(building.who("pathologist"))
    assert listed.rows[0].slide.state == "rescan"
    assert first in [row.slide.id for row in listed.rows]
    assert listed.rows[0].name
    seen = [row.slide.patient for row in worklist.show(building.who("stranger")).rows]
    assert "p1" not in seen
    with pytest.raises(UnknownSlide):
        Results(building.floor, REGISTRY).show(building.who("stranger"), first)
    for name in ("nurse", "auditor", "admin"):
        with pytest.raises(Forbidden):
            worklist.show(building.who(name))


def test_the_folder_is_taken_in_once_nothing_is_written_any_more(
    laboratory: Laboratory,
) -> None:
    floor = laboratory.building.floor
    folder = floor.slides.keeping.watched
    assert folder is not None
    now = [datetime.now(UTC)]  # the kernel's own time stands beside it
    watching = Watching(replace(floor, clock=lambda: now[0]))
    path = folder / f"{ACCESSION} HE.png"
    path.write_bytes(picture(36)[:100])

    def look(seconds: int) -> int:
        now[0] += timedelta(seconds=seconds)
        return watching.look()

    assert [look(0), look(5)] == [0, 0]
    path.write_bytes(picture(36))
    assert [look(6), look(6)] == [0, 0]
    (folder / ".hidden.png").write_bytes(b"x")
    assert look(6) == 1
    assert [look(60), look(60)] == [0, 0]
    (one,) = [
        one for one in floor.slides.listing.some(naming_all(), states=["queued"]) if not one.kept
    ]
    assert floor.slides.keeping.path(one) == path
    assert laboratory.work(one.id).state == "ready"
    assert path.read_bytes() == picture(36)
    moved = folder / "moved.png"
    path.rename(moved)
    assert [look(0), look(60)] == [0, 0]
    assert floor.slides.keeping.path(one) == moved


def test_what_lay_still_for_long_is_taken_by_a_worker_that_begins_anew(
    laboratory: Laboratory,
) -> None:
    floor = laboratory.building.floor
    folder = floor.slides.keeping.watched
    assert folder is not None
    path = folder / f"{ACCESSION} late HE.png"
    path.write_bytes(picture(37))
    os.utime(path, (0, 0))  # a copying program sets the time that a file says of itself
    assert Watching(floor).look() == 0
    later = datetime.now(UTC) + timedelta(minutes=6)
    assert Watching(replace(floor, clock=lambda: later)).look() == 1


def test_a_file_that_was_only_touched_is_measured_after_the_next_look(
    laboratory: Laboratory,
) -> None:
    floor = laboratory.building.floor
    folder = floor.slides.keeping.watched
    assert folder is not None
    path = folder / f"{ACCESSION} touched HE.png"
    path.write_bytes(picture(61))
    slide = floor.slides.intake.take_in_place([path], folder, PATHOLOGY, fingerprint([path])).slide
    os.utime(path, (0, 0))
    gone = laboratory.work(slide)
    assert (gone.state, gone.code) == ("failed", "file-gone")
    later = datetime.now(UTC) + timedelta(minutes=6)
    Watching(replace(floor, clock=lambda: later)).look()
    assert laboratory.one(slide).state == "queued"
    assert laboratory.work(slide).state == "ready"


@pytest.mark.parametrize("after", ["see", "findings_of"])
def test_nothing_is_written_of_a_slide_whose_file_became_another_meanwhile(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    floor, analysing = laboratory.building.floor, laboratory.analysing
    folder = floor.slides.keeping.watched
    assert folder is not None
    path = folder / f"{ACCESSION} {after} HE.png"
    path.write_bytes(picture(38 + len(after)))
    slide = floor.slides.intake.take_in_place([path], folder, PATHOLOGY, fingerprint([path])).slide
    away = analysing._away

    def replaced(function: Any, item: Any) -> Any:
        found = away(function, item)
        if function.__name__ == after:
            path.write_bytes(picture(60))
        return found

    monkeypatch.setattr(analysing, "_away", replaced)
    found = laboratory.work(slide)
    assert (found.state, found.code) == ("failed", "file-gone")
    assert (found.described is None) is (after == "see")


def test_no_file_of_the_folder_stops_another(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor, folder = laboratory.building.floor, laboratory.building.floor.slides.keeping.watched
    assert folder is not None
    for name, seed in ((b"\xcd\xf5 HE.png", 70), (b"a bad one.png", 71), (b"z good.png", 72)):
        (folder / os.fsdecode(name)).write_bytes(picture(seed))
    intake, taken = type(floor.slides.intake), []
    real = intake.take_in_place

    def troubled(self: Any, paths: Any, *given: Any) -> Any:
        if paths[0].name.startswith("a bad"):
            raise ValueError("whatever a file makes a library raise")
        found = real(self, paths, *given)
        taken.append(paths[0].name)
        return found

    monkeypatch.setattr(intake, "take_in_place", troubled)
    later = datetime.now(UTC) + timedelta(minutes=6)
    assert Watching(replace(floor, clock=lambda: later)).look() >= 2
    assert {os.fsdecode(b"\xcd\xf5 HE.png"), "z good.png"} <= set(taken)
    monkeypatch.undo()
    assert Watching(replace(floor, clock=lambda: later)).look() == 1


def naming_all() -> Any:
    from countersign.ground.db import WHOLE

    return WHOLE


def test_a_label_is_read_whichever_way_it_lies() -> None:
    text = f"{ACCESSION};A1;KI67"
    code: Any = cv2.QRCodeEncoder.create().encode(text)
    code = cv2.resize(code, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
    label = np.full((code.shape[0] + 80, code.shape[1] + 200), 255, np.uint8)
    label[40 : 40 + code.shape[0], 40 : 40 + code.shape[1]] = code
    rgb = np.repeat(label[:, :, None], 3, 2)
    for turns in range(4):
        assert codes_on(np.rot90(rgb, turns)) == (text,)
    assert codes_on(np.full((300, 300, 3), 200, np.uint8)) == ()


@pytest.mark.parametrize(
    ("text", "stain"),
    [
        ("S26-01234 A1 Ki-67", "ki67"),
        ("x;MIB1", "ki67"),
        ("12345_HE", "he"),
        ("A1 H&E", "he"),
        ("HER2", "her2"),
        ("Ki67 HE", None),
        ("the other", None),
    ],
)
def test_stains_are_named_in_many_ways(text: str, stain: str | None) -> None:
    found = {code for code in [stain_of(text)] if code}
    assert found == ({stain} if stain else set())


def test_numbers_and_blocks_are_found_in_a_label() -> None:
    assert numbers_of("S26-01234-A-1")[:3] == ["S26-01234-A-1", "S26-01234-A", "S26-01234"]
    assert block_of("S26-01234 A1 Ki-67", "S26-01234") == "A1"
    assert numbers_of("no digits here") == []
