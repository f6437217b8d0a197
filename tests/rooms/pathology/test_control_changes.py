"""An alarm is told beside the worklist until somebody writes down what happened."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser

from browser import browser as browser
from browser import check_axe, check_no_sideways, serve, visit
from building import PASSWORD
from countersign.app.rooms import ROOMS
from countersign.ground.ledger import EventKind
from countersign.ground.shell import build_http
from countersign.ground.slides import Charting, DayOfSlides
from countersign.rooms.pathology.service import Taking
from rooms.pathology.pathologist import Bench, Session
from rooms.pathology.quality_days import SCANNERS, covered_by, year

DRIFTS = SCANNERS[1]
HERE = "/pathology/control?days=90"


@pytest.fixture
def charting(fresh_desk: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A house whose control charts show a year up to the last weekday; one scanner drifts."""
    today = fresh_desk.building.floor.people.today()
    whole = year(today - timedelta(days=max(0, today.weekday() - 4)))

    def of_days(_: Charting, scanner: str = "", stain: str = "") -> list[DayOfSlides]:
        return [one for one in whole if scanner in ("", one.scanner) and stain in ("", one.stain)]

    monkeypatch.setattr(Charting, "days", of_days)
    monkeypatch.setattr(Charting, "covered", lambda _: covered_by(whole))
    return fresh_desk


def told(desk: Bench, name: str = "technician") -> bool:
    page = Session(desk.building, name).get("/pathology").text
    return "The control charts alarm." in page


def wrote(desk: Bench, status: int = 200, **said: str) -> str:
    form = {"happened": str(desk.building.floor.people.today()), **said}
    return str(Session(desk.building, "technician").post(HERE, status, **form).text)


def test_an_alarm_is_told_until_it_is_looked_into(charting: Bench) -> None:
    assert not told(charting), "nothing was judged yet"
    Taking(charting.building.floor).take(lambda: False)
    assert told(charting)
    assert not told(charting, "wang"), "a physician mends no scanner"
    page = Session(charting.building, "technician").get("/pathology").text
    assert DRIFTS in page and "Haematoxylin, optical density" in page
    changing = charting.building.floor.slides.changing
    ours = [one for one in changing.alarms() if one.scanner == DRIFTS]
    assert {one.stain for one in ours if one.measure == "haematoxylin"} == {"he", "ki67"}
    page = wrote(charting, cause="looked-into")
    assert "looked into, nothing found" in page and "stay" in page
    assert not told(charting)
    (one,) = changing.all()
    page = Session(charting.building, "technician").post(HERE, withdrawn=str(one.number)).text
    assert "Nothing is written down for these days." in page and told(charting)
    said = charting.building.events(kinds=(EventKind.CONTROL_CHANGED,))
    assert [one.detail["what"] for one in said] == ["noted", "withdrawn"]


def test_after_a_new_lot_the_limits_begin_anew_for_everybody(charting: Bench) -> None:
    Taking(charting.building.floor).take(lambda: False)
    day = charting.building.floor.people.today() - timedelta(days=20)
    wrote(
        charting,
        happened=str(day),
        cause="reagent",
        of_scanner=DRIFTS,
        of_stain="he",
        lot="H-2041",
    )
    other = Session(charting.building, "pathologist")
    page = other.get(f"{HERE}&scanner={DRIFTS}&stain=he").text
    assert "H-2041" in page and "<title>limits from " in page
    # Twenty days are no limits yet; the other stain alarms as it did.
    left = {
        (one.scanner, one.stain)
        for one in charting.building.floor.slides.changing.alarms()
        if one.measure == "haematoxylin"
    }
    assert left == {(DRIFTS, "ki67")}
    sheet = other.get(f"/pathology/control.csv?days=90&scanner={DRIFTS}&stain=he").text
    lines = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    before = {one["Limits from"] for one in lines if date.fromisoformat(one["Day"]) < day}
    after = {one["Limits from"] for one in lines if date.fromisoformat(one["Day"]) >= day}
    assert (before, after) == ({""}, {str(day)})
    week = f"/pathology/control?days=7&scanner={DRIFTS}&stain="
    assert "H-2041" in other.get(week + "he").text, "its limits began with it, though long ago"
    assert "H-2041" not in other.get(week + "ki67").text


@pytest.mark.parametrize(
    "said",
    [
        {"cause": "weather"},
        {"cause": "reagent", "happened": "2999-01-01"},
        {"cause": "reagent", "happened": "yesterday"},
        {"cause": "reagent", "of_scanner": "nobody's"},
        {"cause": "reagent", "lot": "Frau Müller"},
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(
    charting: Bench, said: dict[str, str]
) -> None:
    page = wrote(charting, 422, **said)
    assert "Nothing was written down." in page and "Choose what happened" in page
    assert charting.building.floor.slides.changing.all() == []
    assert said.get("lot", "") in page, "what was typed is still there"


def test_nobody_else_moves_a_limit(charting: Bench) -> None:
    for name in ("wang", "auditor", "nurse"):
        Session(charting.building, name).post(HERE, 403, cause="reagent", happened="2026-01-01")
    Session(charting.building, "technician").post(HERE, 409, withdrawn="7")


def test_from_the_alarm_to_what_happened_in_a_browser(charting: Bench, browser: Browser) -> None:
    charting.ready()
    Taking(charting.building.floor).take(lambda: False)
    app = build_http(charting.building.floor, ROOMS)
    with serve(lambda: app) as base, visit(browser, base, language="zh") as reader:
        reader.sign_in("pathologist", PASSWORD)
        page = reader.open("/pathology")
        page.get_by_role("link", name="查看质控图并登记情况").click()
        page.wait_for_url("**/pathology/control**")
        page.locator("summary", has_text="登记发生的情况").click()
        page.get_by_label("原因").select_option("reagent")
        day = charting.building.floor.people.today() - timedelta(days=20)
        page.locator("#f-happened").fill(str(day))
        page.locator("#f-of_scanner").select_option(DRIFTS)
        page.get_by_label("批号或维修单号").fill("H-2041")
        check_axe(page)
        page.get_by_role("button", name="登记", exact=True).press("Enter")
        page.wait_for_url("**#changes")
        row = page.locator("#changes + * tbody tr")
        assert "H-2041" in row.inner_text() and "重新起算" in row.inner_text()
        assert page.locator("figure.trend line title").count() == 6
        check_axe(page)
        check_no_sideways(page)
        row.get_by_role("button").click()
        page.get_by_role("dialog").get_by_role("button", name="撤回").click()
        page.get_by_text("这段时间没有登记。").wait_for()
        reader.check_clean()
