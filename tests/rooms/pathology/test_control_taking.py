"""Slides measured before figures were kept come onto the charts; the charts go out as a table."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import psycopg
import pytest

from building import Building
from countersign.ground.db import WHOLE
from countersign.ground.db.migrate import FOLDER
from countersign.ground.ledger import EventKind
from countersign.ground.slides import Running
from countersign.ground.vault import Destroyed, Unreadable
from countersign.rooms.pathology.service import PATHOLOGY, Taking, control_keeping
from rooms.pathology.pathologist import Bench, Session

SQL = FOLDER / "sql"


@pytest.fixture(scope="module")
def slides(desk: Bench) -> list[str]:
    return [desk.ready(stain) for stain in ("ki67", "er", "ki67", "pr", "er")]


def before(building: Building) -> None:
    """The house as it was before figures were kept, and the upgrade on top of it."""
    with psycopg.connect(building.database.owner_conninfo) as owner:
        for name in ("0038_slide_quality.down.sql", "0038_slide_quality.sql"):
            owner.execute((SQL / name).read_text(encoding="utf-8"))  # type: ignore[arg-type]


def never() -> bool:
    return False


def quality(building: Building) -> list[object]:
    return list(building.rows("select * from slides.quality order by slide"))


def test_what_was_measured_before_is_read_from_its_result(desk: Bench, slides: list[str]) -> None:
    """After the upgrade the same rows and days come to be as if they had always been kept."""
    charting = desk.building.floor.slides.charting
    kept, days = quality(desk.building), charting.days()
    assert len(kept) == len(slides)
    before(desk.building)
    assert charting.days() == [] and charting.covered().waiting == len(slides)
    page = Session(desk.building, "technician").get("/pathology/control").text
    assert "not on these charts yet: 5" in page
    assert Taking(desk.building.floor).take(never) == len(slides)
    assert (quality(desk.building), charting.days()) == (kept, days)
    assert charting.covered().waiting == 0
    assert Taking(desk.building.floor).take(never) == 0


def test_stopped_it_goes_on_where_it_was(
    desk: Bench, slides: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two at a time, the newest first; killed in between, nothing is lost and nothing is twice."""
    before(desk.building)
    charting = desk.building.floor.slides.charting
    monkeypatch.setattr(control_keeping, "BATCH", 2)
    monkeypatch.setattr("countersign.ground.slides.charting.LOOKED", 0)
    real, calls = type(charting).keep, list[str]()

    def keep(self: object, slide: str, figures: object) -> None:
        calls.append(slide)
        if len(calls) == 4:
            raise RuntimeError("killed")
        real(self, slide, figures)  # type: ignore[arg-type]

    monkeypatch.setattr(type(charting), "keep", keep)
    with suppress(RuntimeError):
        Taking(desk.building.floor).take(never)
    assert charting.covered().waiting == 3
    assert Taking(desk.building.floor).take(lambda: True) == 0
    assert Taking(desk.building.floor).take(never) == 2
    assert calls[:3] == slides[::-1][:3] and charting.covered().waiting == 0
    assert charting.covered().slides == len(slides) == len(quality(desk.building))


def test_a_volume_that_is_away_loses_no_slide(
    desk: Bench, slides: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before(desk.building)
    charting = desk.building.floor.slides.charting
    with monkeypatch.context() as away:
        away.setattr(Running, "_read", lambda *_: (_ for _ in ()).throw(Unreadable))
        assert Taking(desk.building.floor).take(never) == 0
        assert charting.covered().waiting == len(slides)
    assert Taking(desk.building.floor).take(never) == len(slides)


def test_who_is_forgotten_is_asked_for_once(
    desk: Bench, slides: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before(desk.building)
    charting = desk.building.floor.slides.charting
    with monkeypatch.context() as gone:
        gone.setattr(Running, "_read", lambda *_: (_ for _ in ()).throw(Destroyed))
        assert Taking(desk.building.floor).take(never) == len(slides)
    assert charting.days() == [] and charting.some(WHOLE, slides) == {}
    assert charting.covered().waiting == 0
    before(desk.building)
    Taking(desk.building.floor).take(never)


def test_a_slide_that_is_taken_away_leaves_the_charts_at_once(
    desk: Bench, slides: list[str]
) -> None:
    charting, technician = desk.building.floor.slides.charting, Session(desk.building, "technician")
    count = charting.covered().slides
    desk.building.floor.slides.keeping.move(PATHOLOGY, slides[0], "set-aside")
    assert charting.covered().slides == count - 1
    assert f"There are {count - 1} in all" in technician.get("/pathology/control").text


def test_the_table_says_what_the_page_shows(desk: Bench, slides: list[str]) -> None:
    technician = Session(desk.building, "technician")
    answer = technician.get("/pathology/control.csv?days=30&stain=er")
    assert "attachment" in answer.headers["content-disposition"]
    (names, *lines) = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert names[:5] == ["Scanner", "Stain", "Measure", "Day", "Slides"]
    assert {line[4] for line in lines} == {"2"} and {line[8] for line in lines} == {
        "no: fewer than five slides"
    }
    assert {line[1] for line in lines} == {"oestrogen receptor"}
    chinese = technician.get("/pathology/control.csv", **{"accept-language": "zh-CN"})
    assert "扫描仪" in chinese.text
    listed = desk.building.events(kinds=(EventKind.SLIDES_LISTED,))
    assert [one.detail.get("what") for one in listed].count("control-export") == 2


def test_nobody_else_reads_charts_or_table(desk: Bench) -> None:
    for name in ("nurse", "wang", "auditor"):
        session = Session(desk.building, name)
        for path in ("/pathology/control", "/pathology/control.csv"):
            session.get(path, 403)
