"""The control charts can be read, printed and gone through by keys: a year, three scanners."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from browser import browser as browser
from browser import check_axe, check_no_sideways, serve, visit
from building import PASSWORD
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.shell import build_http
from countersign.rooms.pathology.domain.control import Measure, SlideQuality, charts
from countersign.rooms.pathology.domain.control_rules import Rule
from countersign.rooms.pathology.service import reporting_control
from countersign.rooms.pathology.service.control_drawing import (
    HEIGHT,
    WIDTH,
    Wanted,
    control_of,
    drawn,
)
from rooms.pathology.pathologist import Bench, bench

SCANNERS = ("Aperio GT 450 A", "Hamamatsu S360", "3DHISTECH P1000")
LAST = date(2026, 11, 26)
USUAL = {Measure.WHITE: 241.0, Measure.HAEMATOXYLIN: 0.62, Measure.FOCUS: 0.35}


def year(drift: str = SCANNERS[1]) -> list[SlideQuality]:
    """Slides of every day but Sundays, few on Saturdays; one scanner's haematoxylin drifts."""
    chance = np.random.default_rng(5)
    made: list[SlideQuality] = []
    for scanner in SCANNERS:
        for stain in ("ki67", "he"):
            for at in range(365):
                day = LAST - timedelta(days=364 - at)
                for number in range((6, 6, 6, 6, 6, 3, 0)[day.weekday()]):
                    values = {
                        measure: value * (1 + 0.03 * chance.normal())
                        + 0.0004 * at * (scanner == drift and measure is Measure.HAEMATOXYLIN)
                        for measure, value in USUAL.items()
                    }
                    name = f"{scanner} {stain} {at} {number}"
                    made.append(SlideQuality(name, day, scanner, stain, values, tissue_mm2=100.0))
    return made


@pytest.fixture(scope="module")
def whole() -> list[SlideQuality]:
    return year()


def test_a_year_is_a_line_and_a_month_has_points(whole: list[SlideQuality]) -> None:
    for days, dots in ((365, False), (30, True)):
        made = control_of(whole, Wanted(days))
        assert [(one.scanner, one.stain) for one in made.groups] == sorted(
            (scanner, stain) for scanner in SCANNERS for stain in ("he", "ki67")
        )
        for one in (each for group in made.groups for each in group.drawings):
            assert bool(one.dot) is dots
            assert all(0 <= mark.x <= WIDTH and 0 <= mark.y <= HEIGHT for mark in one.marks)
            across = [mark.x for mark in one.marks]
            assert across == sorted(across) and 2 <= len(one.dates) <= 7
            # A Sunday without slides is a wider step: days lie as far apart as in time.
            assert max(np.diff(across)) == pytest.approx(2 * min(np.diff(across)))


def test_fewer_days_are_shown_under_the_limits_of_all(whole: list[SlideQuality]) -> None:
    made = control_of(whole, Wanted(30, SCANNERS[1], "ki67"))
    (group,) = made.groups
    full = {one.measure: one for one in charts(whole) if one.scanner == SCANNERS[1]}
    for one in group.drawings:
        assert one.chart.centre == full[one.measure].centre or one.chart.stain != "ki67"
        assert one.chart.days[0].day > LAST - timedelta(days=30) and not one.chart.missing
    assert made.first and made.first > LAST - timedelta(days=30) and made.last == LAST
    assert made.scanners == tuple(sorted(SCANNERS)) and made.stains == ("he", "ki67")
    assert control_of(whole, Wanted(30, "another")).groups == ()
    assert control_of([], Wanted()).last is None


def test_a_drift_is_one_line_with_its_worst_rules(whole: list[SlideQuality]) -> None:
    made = control_of(whole, Wanted(365))
    names = [(one.last.measure, one.last.scanner, one.last.stain) for one in made.broken]
    assert len(names) == len(set(names))
    first = made.broken[0]
    assert (first.last.scanner, first.last.measure) == (SCANNERS[1], Measure.HAEMATOXYLIN)
    assert set(first.rules) <= {Rule.BEYOND, Rule.DRIFT} and first.days > 100
    assert not made.tables and control_of(whole, Wanted(365, SCANNERS[0], "he")).tables


def test_a_single_day_stands_in_the_middle() -> None:
    one = SlideQuality("s", LAST, "x", "he", {Measure.FOCUS: 0.3})
    (made,) = [drawn(each) for each in charts([one]) if each.days]
    assert [mark.x for mark in made.marks] == [WIDTH / 2] and len(made.dates) == 1


@pytest.fixture
def desk(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    whole: list[SlideQuality],
) -> Iterator[Bench]:
    made = bench(database, tmp_path / "house", monkeypatch)
    real = reporting_control.control_of

    def charted(_: Any, wanted: Wanted, newest: int | None) -> Any:
        return real(whole, wanted, newest)

    monkeypatch.setattr(reporting_control, "control_of", charted)
    yield made
    made.building.floor.compute.close()  # pyright: ignore[reportAttributeAccessIssue]
    made.building.close()


def test_a_year_of_three_scanners_in_a_browser(desk: Bench, browser: Browser) -> None:
    for _ in range(2):
        desk.ready()
    app = build_http(desk.building.floor, ROOMS)
    with serve(lambda: app) as base, visit(browser, base, language="en") as reader:
        reader.sign_in("pathologist", PASSWORD)
        page = reader.open("/pathology/control")
        assert page.locator("figure.trend").count() == 18
        page.get_by_label("Time span").select_option("365")
        page.get_by_label("Scanner").select_option(SCANNERS[1])
        page.get_by_label("Stain").select_option("ki67")
        page.get_by_role("button", name="Show").press("Enter")
        page.wait_for_url("**days=365**")
        assert page.locator("figure.trend").count() == 3
        assert page.locator("figure.trend circle").count() == 0
        assert page.locator("figure.trend table").count() == 3
        check_axe(page)
        check_no_sideways(page)
        page.emulate_media(media="print")
        assert page.locator("figure.trend svg").first.is_visible()
        assert not page.get_by_label("Time span").is_visible()
        page.emulate_media(media="screen")
        # The worklist by keys: down to the second row, and open it
        page = reader.open("/pathology")
        page.keyboard.press("j")
        page.keyboard.press("j")
        where = page.locator("[data-rows] tbody tr").nth(1).locator("a").first
        address = where.get_attribute("href") or "?"
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{address}")
        reader.check_clean()
