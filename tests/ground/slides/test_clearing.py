"""Files that no row knows are cleared away, and none that a slide is read from."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from building import Building
from countersign.ground.db import WHOLE, DbRole
from countersign.ground.identity import Principal
from countersign.ground.ledger import LedgerUnavailable
from countersign.ground.slides import SlideFiles, clearing
from countersign.kit.ids import new_id

SENDER = Principal.system("pathology")
DAY = 86_400.0


def stray(building: Building, folder: Path, content: bytes, days: int) -> Path:
    """Files in their place that no row knows, so many days old."""
    path = folder / "stray.svs"
    path.write_bytes(content)
    files = SlideFiles(building.house.settings.slides, new_id)
    place = files.settle(files.stage([path], "file"))
    then = time.time() - days * DAY
    os.utime(place, (then, then))
    return place


def test_what_no_row_knows_goes_after_a_day(building: Building, tmp_path: Path) -> None:
    slides = building.floor.slides
    path = tmp_path / "known.svs"
    path.write_bytes(b"a known one")
    slide = slides.intake.receive_files([path], "command", SENDER).slide
    kept = slides.keeping.path(slides.keeping.one(WHOLE, slide))
    os.utime(kept.parent, (0, 0))
    old, young = (stray(building, tmp_path, b"stray %d" % days, days) for days in (2, 0))
    assert slides.running.sweep(DAY, time.time()) == 1
    assert kept.exists() and young.exists() and not old.exists()


def test_what_comes_again_meanwhile_stays(
    building: Building, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at all rows and the one at a content, a sender may bring it again."""
    place, slides = stray(building, tmp_path, b"comes again", 2), building.floor.slides
    known, looks = clearing._known, list[Sequence[str]]()

    def look(connection: Any, names: list[str]) -> set[str]:
        found = known(connection, names)
        looks.append(names)
        if len(looks) == 1:
            path = tmp_path / "again.svs"
            path.write_bytes(b"comes again")
            assert slides.intake.receive_files([path], "command", SENDER).new
        return found

    monkeypatch.setattr(clearing, "_known", look)
    assert slides.running.sweep(DAY, time.time()) == 0
    assert looks[1:] == [[place.name]] and place.exists()


def test_putting_in_place_and_clearing_wait_for_each_other(
    building: Building, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slides, path = building.floor.slides, tmp_path / "locked.svs"
    path.write_bytes(b"locked")
    settle, held = SlideFiles.settle, list[bool]()

    def settled(self: SlideFiles, staged: Any) -> Path:
        with building.database.pool(DbRole.ROOM).transaction() as connection:
            row = connection.execute(
                "select pg_try_advisory_xact_lock(hashtext('slides.content/' || %s)) as free",
                (staged.sha256.hex(),),
            ).fetchone()
        assert row is not None
        held.append(not row["free"])
        return settle(self, staged)

    monkeypatch.setattr(SlideFiles, "settle", settled)
    slides.intake.receive_files([path], "command", SENDER)
    assert held == [True]


def test_what_was_not_acknowledged_leaves_nothing_half_way(
    building: Building, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slides, path = building.floor.slides, tmp_path / "refused.svs"
    path.write_bytes(b"refused")

    def refused(*given: Any) -> Any:
        raise LedgerUnavailable

    monkeypatch.setattr(SlideFiles, "settle", refused)
    with pytest.raises(LedgerUnavailable):
        slides.intake.receive_files([path], "command", SENDER)
    assert list((building.house.settings.slides / "incoming").iterdir()) == []
    assert path.exists()
