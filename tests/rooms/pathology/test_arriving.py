"""A series that was acknowledged is taken in, whenever the disk and the database let it be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from building import Building
from countersign.ground.db import WHOLE, DatabaseUnavailable
from countersign.ground.imaging import ImageUnwritable
from countersign.ground.jobs import JobContext, NotNow
from countersign.ground.ledger import LedgerUnavailable
from countersign.ground.slides import SlidesFull, UnfitSlide
from countersign.rooms.pathology.jobs import RECEIVED, handlers
from dicoms import saved, slide
from doors.dicom.stage import arriving, files, fresh, received

from .conftest import Laboratory


def sent(building: Building, folder: Path, number: int) -> str:
    """A series of two instances that another system sent; returns its identifier."""
    store = received(building)
    for one in (1, 2):
        spool = store.spool()
        spool.write(saved(slide(number, one), folder).read_bytes())
        store.keep(spool, store.read(spool), "system:dicom", "SCANNER")
    series = str(slide(number).SeriesInstanceUID)
    assert series in store.hand_on()
    return series


def take(building: Building, series: str) -> None:
    """Does what the worker does when a series was handed on."""
    handlers(building.floor)[RECEIVED](JobContext(1, RECEIVED), {"series": series})


@pytest.mark.parametrize(
    "problem",
    [
        SlidesFull(megabytes=1),
        DatabaseUnavailable(),
        LedgerUnavailable(),
        ImageUnwritable(),
        OSError(28, "no space"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_it_waits_and_keeps_its_attempts(
    laboratory: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    building = laboratory.building
    number = fresh()
    series, intake = sent(building, tmp_path, number), type(building.floor.slides.intake)

    def refused(*given: Any, **more: Any) -> Any:
        raise problem

    with monkeypatch.context() as patched:
        patched.setattr(intake, "receive_files", refused)
        with pytest.raises(NotNow):
            take(building, series)
    assert arriving(building) == [] and len(files(building, number)) == 2
    before = len(building.floor.slides.listing.some(WHOLE, limit=100))
    take(building, series)
    assert len(building.floor.slides.listing.some(WHOLE, limit=100)) == before + 1
    assert arriving(building) == []


def test_what_is_no_fault_of_the_house_is_a_dead_letter_and_stays(
    laboratory: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countersign.ground.imaging.received.received.KEPT_DAYS", 0)
    building, number = laboratory.building, fresh()
    series = sent(building, tmp_path, number)

    def refused(*given: Any, **more: Any) -> Any:
        raise UnfitSlide

    with monkeypatch.context() as patched:
        patched.setattr(type(building.floor.slides.intake), "receive_files", refused)
        with pytest.raises(UnfitSlide):
            take(building, series)
    received(building).clear()
    assert len(files(building, number)) == 2
    take(building, series)
    received(building).clear()
    assert files(building, number) == []


def test_nothing_that_was_lent_stays_where_it_was_copied(
    laboratory: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of slides may lie on another disk than that of received pictures."""
    building, number = laboratory.building, fresh()
    series = sent(building, tmp_path, number)
    monkeypatch.setattr("countersign.ground.slides.files._moves", lambda path, target: False)
    take(building, series)
    assert arriving(building) == [] and len(files(building, number)) == 2
