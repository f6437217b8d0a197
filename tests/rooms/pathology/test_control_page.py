"""The control charts can be read, printed and gone through by keys: a year, three scanners."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from playwright.sync_api import Browser

from browser import browser as browser
from browser import check_axe, check_no_sideways, serve, visit
from building import PASSWORD
from countersign.app.rooms import ROOMS
from countersign.ground.shell import build_http
from countersign.ground.slides import Cause, Charting, ControlChange, DayOfSlides
from countersign.rooms.pathology.domain.control import Measure, charts
from countersign.rooms.pathology.domain.control_rules import Rule
from countersign.rooms.pathology.service.control_drawing import (
    HEIGHT,
    WIDTH,
    Control,
    Wanted,
    control_of,
    drawn,
)
from countersign.rooms.pathology.service.control_export import as_csv
from rooms.pathology.pathologist import Bench
from rooms.pathology.quality_days import SCANNERS, Seen, covered_by, summed, year

LAST = date(2026, 11, 26)


@pytest.fixture(scope="module")
def whole() -> list[DayOfSlides]:
    return year(LAST)


def test_a_year_is_a_line_and_a_month_has_points(whole: list[DayOfSlides]) -> None:
    for days, dots in ((365, False), (30, True)):
        made = shown(whole, Wanted(days))
        assert [(one.scanner, one.stain) for one in made.groups] == sorted(
            (scanner, stain) for scanner in SCANNERS for stain in ("he", "ki67")
        )
        for one in (each for group in made.groups for each in group.drawings):
            assert bool(one.dot) is dots
            points = [tuple(map(float, point.split(","))) for point in one.line.split()]
            assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
            across = [x for x, _ in points]
            assert len(across) == len(one.chart.days)
            assert all(mark.alarm for mark in one.marks) or dots
            assert across == sorted(across) and 2 <= len(one.dates) <= 7
            # A Sunday without slides is a wider step: days lie as far apart as in time.
            assert max(np.diff(across)) == pytest.approx(2 * min(np.diff(across)), abs=0.3)


def test_fewer_days_are_shown_under_the_limits_of_all(whole: list[DayOfSlides]) -> None:
    made = shown(whole, Wanted(30, SCANNERS[1], "ki67"))
    (group,) = made.groups
    full = {one.measure: one for one in charts(whole) if one.scanner == SCANNERS[1]}
    for one in group.drawings:
        assert one.chart.last.centre == full[one.measure].last.centre or one.chart.stain != "ki67"
        assert one.chart.days[0].day > LAST - timedelta(days=30) and not one.chart.last.missing
    assert made.first and made.first > LAST - timedelta(days=30) and made.last == LAST
    assert made.covered.scanners == tuple(sorted(SCANNERS))
    assert made.slides == sum(day.slides for day in group.drawings[0].chart.days)
    assert shown(whole, Wanted(30, "another")).groups == ()
    assert shown([], Wanted()).end is None


def test_a_drift_is_one_line_with_its_worst_rules(whole: list[DayOfSlides]) -> None:
    made = shown(whole, Wanted(365))
    names = [(one.last.measure, one.last.scanner, one.last.stain) for one in made.broken]
    assert len(names) == len(set(names))
    first = made.broken[0]
    assert (first.last.scanner, first.last.measure) == (SCANNERS[1], Measure.HAEMATOXYLIN)
    assert set(first.rules) <= {Rule.BEYOND, Rule.DRIFT} and first.days > 100
    assert not made.tables and shown(whole, Wanted(365, SCANNERS[0], "he")).tables


def test_one_goes_through_all_periods_and_back(whole: list[DayOfSlides]) -> None:
    made, seen = shown(whole, Wanted(30)), 0
    assert made.end == LAST and made.later is None
    while made.earlier:
        seen += made.slides
        made = shown(whole, Wanted(30, until=made.earlier))
    assert seen + made.slides == sum(one.slides for one in whole)
    steps = 0
    while made.later:
        made, steps = shown(whole, Wanted(30, until=made.later)), steps + 1
    assert made.end == LAST and steps == 12
    assert shown(whole, Wanted(30, until=date(2030, 1, 1))).end == LAST


def test_limits_begin_anew_from_the_day_that_is_said(whole: list[DayOfSlides]) -> None:
    def alarmed(since: date | None) -> int:
        made = shown(whole, Wanted(30, SCANNERS[1], "he", since=since))
        return sum(len(one.alarms) for one in made.charts if one.measure is Measure.HAEMATOXYLIN)

    assert alarmed(None) > 30 > alarmed(LAST - timedelta(days=60))
    made = shown(whole, Wanted(365, SCANNERS[1], "he", since=LAST - timedelta(days=60)))
    assert made.charts[0].days[0].day >= LAST - timedelta(days=60)


def test_what_happened_stands_on_the_page_of_its_days_and_limits(whole: list[DayOfSlides]) -> None:
    def happened(
        days: int, scanner: str = "", stain: str = "", cause: Cause = "reagent"
    ) -> ControlChange:
        at = datetime(2026, 11, 1, tzinfo=UTC)
        day = LAST - timedelta(days=days)
        return ControlChange(days, day, scanner, stain, cause, "", "person:p", at)

    late, now, before = happened(-1), happened(10, SCANNERS[0], "he"), happened(40)
    mended, older = happened(35, cause="mended"), happened(80)
    all_of_them = [late, now, happened(12, SCANNERS[1]), mended, before, older]
    for wanted, expected in (
        (Wanted(30, SCANNERS[0], "he"), (late, now, before)),  # limits of the first days
        (Wanted(7, SCANNERS[0], "he"), (late, now)),
        (Wanted(30, SCANNERS[0], "ki67"), (late, before)),
        (Wanted(30, until=LAST - timedelta(days=30)), (mended, before, older)),
    ):
        assert shown(whole, wanted, all_of_them).changes == expected


def test_the_table_has_every_day_with_its_limits_and_rules(whole: list[DayOfSlides]) -> None:
    made = shown(whole, Wanted(365, SCANNERS[1], "ki67"))
    lines = list(csv.DictReader(io.StringIO(as_csv(made, lambda words: words.en))))
    assert len(lines) == sum(len(one.days) for one in made.charts)
    drifting = [one for one in lines if one["Measure"] == "Haematoxylin, optical density"]
    assert {one["Counts"] for one in drifting[:20]} == {"baseline", "no: fewer than five slides"}
    assert "beyond three sigma" in drifting[-1]["What was broken"]
    assert float(drifting[-1]["Median"]) > float(drifting[-1]["Upper limit"])
    assert (drifting[0]["Moving average"], drifting[0]["Lower limit"] != "") == ("", True)


def test_no_office_program_takes_a_scanner_for_a_formula() -> None:
    one = Seen(LAST, "=cmd|' /C calc'!A0", "he", {Measure.FOCUS: 0.3})
    said = as_csv(shown(summed([one]), Wanted()), lambda words: words.en)
    assert said.splitlines()[1].startswith("'=cmd")


def test_a_single_day_stands_in_the_middle() -> None:
    one = Seen(LAST, "x", "he", {Measure.FOCUS: 0.3})
    (made,) = [drawn(each) for each in charts(summed([one])) if each.days]
    assert [mark.x for mark in made.marks] == [WIDTH / 2] and len(made.dates) == 1


def shown(
    days: list[DayOfSlides], wanted: Wanted, changes: Sequence[ControlChange] = ()
) -> Control:
    """As the page is told: what is asked for is read, what there is is known."""
    read = [
        one
        for one in days
        if wanted.scanner in ("", one.scanner) and wanted.stain in ("", one.stain)
    ]
    return control_of(read, covered_by(days), wanted, changes)


@pytest.fixture
def charting(fresh_desk: Bench, monkeypatch: pytest.MonkeyPatch, whole: list[DayOfSlides]) -> Bench:
    """A house whose control charts show the year."""

    def of_days(_: Charting, scanner: str = "", stain: str = "") -> list[DayOfSlides]:
        return [one for one in whole if scanner in ("", one.scanner) and stain in ("", one.stain)]

    monkeypatch.setattr(Charting, "days", of_days)
    monkeypatch.setattr(Charting, "covered", lambda _: covered_by(whole))
    return fresh_desk


def test_a_year_of_three_scanners_in_a_browser(charting: Bench, browser: Browser) -> None:
    for _ in range(2):
        charting.ready()
    app = build_http(charting.building.floor, ROOMS)
    with serve(lambda: app) as base, visit(browser, base, language="en") as reader:
        reader.sign_in("pathologist", PASSWORD)
        page = reader.open("/pathology/control")
        assert page.locator("figure.trend").count() == 18
        assert page.get_by_label("Time span").input_value() == "90"
        page.get_by_label("Time span").select_option("365")
        page.locator("#f-scanner").select_option(SCANNERS[1])
        page.locator("#f-stain").select_option("ki67")
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
