"""H&E corrected cell by cell, links to places, and a slide handed in over a line that breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from benchmarks.viewer_stand import sheet

from .conftest import Enter
from .person import Person
from .test_slides import draw, flip, kept, shown

pytestmark = pytest.mark.browser

BROKEN = "Failed to load resource: net::ERR_FAILED"
"""What the browser says of a line that a journey breaks on purpose."""

MIDDLE = "document.querySelector('[data-slide]').viewer.scene.middle()"


def opened(reader: Person, name: str) -> Page:
    """The page of a slide of the worklist, ready."""
    reader.open("/pathology")
    row = reader.page.get_by_role("row").filter(has_text=name)
    reader.follow(row.get_by_role("link").first)
    reader.page.locator('[data-slide][data-state="ready"]').wait_for()
    return reader.page


def figure(page: Page, title: str) -> str:
    """What the list of the server's figures says."""
    return page.locator("[data-figures] div", has_text=title).first.locator("dd").inner_text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_slides_is_fit_for_all(entering: Enter, language: str) -> None:
    with entering("pathologist", language) as reader:
        for name in ("S26-1002", "S26-1006", "S26-1007"):
            opened(reader, name)
            reader.look(name)
            if name != "S26-1007":
                address = reader.page.url.removeprefix(reader.window.base)
                reader.open(f"{address}/print")
                reader.reads(reader.say("局限", "Limits"))
        for path in ("/pathology?view=hand", "/pathology/control", "/pathology/counting"):
            reader.open(path)


def test_the_hotspot_follows_as_the_server_counts_it(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        page = opened(reader, "S26-1002")
        kept(page)
        before = shown(page, "hot-share")
        assert figure(page, "Ki-67 index in the hotspot").startswith(before)
        # When the threshold is raised, the hotspot falls at once
        page.locator('[data-part="threshold"]').focus()
        for _ in range(20):
            page.keyboard.press("ArrowRight")
        after = shown(page, "hot-share")
        assert after != before
        page.keyboard.press("Tab")
        kept(page)
        # And the server says the same, field by field
        assert figure(page, "Ki-67 index in the hotspot").startswith(after)
        total = shown(page, "hot-count").rpartition("/")[2].strip()
        assert figure(page, "counted in the hotspot") == total
        page.keyboard.press("Control+z")
        assert shown(page, "hot-share") == before
        kept(page)


def test_infiltration_follows_a_region_and_a_cell(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        # Given an H&E slide whose tumour the program outlined, with glands as a layer
        page = opened(reader, "S26-1006")
        measured = shown(page, "row-til_percent")
        assert re.fullmatch(r"[0-9.]+ %.*", measured)
        assert int(figure(page, "Glands outlined")) > 5
        # When a region is drawn, the figure is that of the region
        draw(reader)
        kept(page)
        drawn = shown(page, "row-til_percent")
        assert drawn != measured and figure(page, "Stromal TILs") == drawn
        assert "outlined by the program" not in page.locator("[data-limits]").inner_text()
        # And a cell's kind is changed and changed back, all by the keys
        page.get_by_role("button", name="Inflammatory or not").click()
        page.locator(".openseadragon-canvas").first.focus()
        for _ in range(12):
            page.keyboard.press(" ")
            if "This nucleus is now" in shown(page, "heard"):
                break
            page.keyboard.press("+")
            page.wait_for_timeout(300)
        assert shown(page, "changes") == "2"
        kept(page)
        for left in ("1", ""):
            page.keyboard.press("Control+z")
            assert shown(page, "changes") == left or not left
            kept(page)
        page.wait_for_function(
            "was => document.querySelector('[data-say=row-til_percent]').textContent === was",
            arg=measured,
        )


def test_nothing_stays_of_a_region_that_is_undone(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        # Given a slide on which no tumour was found: nothing is counted, which is not none
        page = opened(reader, "S26-1004")
        names = ("row-til_percent", "row-til_cells", "row-stroma_mm2")
        assert [shown(page, name) for name in names] == ["–", "–", "–"]
        assert page.get_by_text("Inflammatory cells in the stroma").count() == 0
        # When a region is drawn and undone
        draw(reader)
        kept(page)
        assert "–" not in [shown(page, name) for name in names]
        listed = page.locator('[data-part="regions"]').inner_text()
        assert "mm²" in listed and "%" not in listed
        page.keyboard.press("Control+z")
        kept(page)
        # Then its figures are gone
        page.wait_for_function(
            "() => document.querySelector('[data-say=row-til_percent]').textContent === '–'"
        )
        assert [shown(page, name) for name in names] == ["–", "–", "–"]


def test_nobody_hands_over_what_is_not_kept(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        # Given a change that never arrived
        page = opened(reader, "S26-1002")
        kept(page)
        page.route("**/corrections", lambda route: route.abort())
        flip(reader)
        page.get_by_role("button", name="Try again").wait_for()
        # When the result is handed over, it is not, and the page says why
        unkept = page.locator('[data-part="unkept"]')
        assert unkept.is_hidden()
        page.get_by_role("button", name="Hand over for signing").click()
        unkept.wait_for()
        assert page.get_by_role("dialog").count() == 0
        # Then it is kept at another try, once, and nothing bars the way any more
        page.unroute("**/corrections")
        page.get_by_role("button", name="Try again").click()
        kept(page)
        assert unkept.is_hidden() and shown(page, "changes") == "1"
        reader.window.complaints.remove(BROKEN)
        page.get_by_role("button", name="Hand over for signing").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        page.locator('[data-part="undo"]').click()
        page.locator('[data-part="changed"]').wait_for(state="hidden")
        kept(page)


def test_a_link_leads_to_its_place(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        page = opened(reader, "S26-1001")
        address = page.url.removeprefix(reader.window.base)
        reader.window.open("/pathology")
        reader.window.open(f"{address}#at=1200,800,200,150")
        page.locator('[data-slide][data-state="ready"]').wait_for()
        assert page.evaluate(MIDDLE) == pytest.approx([1300, 875], abs=3)
        page.evaluate("location.hash = '#at=400,300,100,100'")
        page.wait_for_function(f"() => Math.abs({MIDDLE}[0] - 450) < 3")
        assert page.evaluate(MIDDLE) == pytest.approx([450, 350], abs=3)


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Path]:
    """A picture of several pieces, for nobody whom the chart knows."""
    path = tmp_path / "X26-77777 A1 KI67.png"
    path.write_bytes(sheet(5, 2600, 2000))
    assert path.stat().st_size > 9_000_000
    yield path


def test_a_slide_is_handed_in_over_a_broken_line(
    entering: Enter, large: Path, tmp_path: Path
) -> None:
    with entering("pathologist", "en") as reader:
        reader.open("/pathology")
        page, sent = reader.page, list[str]()

        def breaking(route: Route) -> None:
            sent.append(route.request.url)
            if len(sent) == 2:
                route.abort()
            else:
                route.continue_()

        page.route("**/uploads/*offset=*", breaking)
        page.set_input_files("#f-file", large)
        page.get_by_role("button", name="Upload").click()
        told = page.locator('[data-part="told"]')
        # Then it says that the line broke, goes on from there, and the slide waits for a name
        told.get_by_text("line broken, goes on by itself").wait_for()
        told.get_by_text("handed in").wait_for()
        assert len({one for one in sent if "offset=0" in one}) == 1
        reader.reads(reader.say("", "Queued"))
        # And the same file again is recognised
        page.set_input_files("#f-file", large)
        page.get_by_role("button", name="Upload").click()
        told.get_by_text("was here already").wait_for()
        # And what is larger than the disk is refused before a byte is sent
        vast = tmp_path / "vast.svs"
        with vast.open("wb") as file:
            file.truncate(8 * 2**40)
        page.set_input_files("#f-file", vast)
        page.get_by_role("button", name="Upload").click()
        told.get_by_text("There is no room left for this slide").wait_for()
        reader.look("refused")
        reader.window.complaints.remove(BROKEN)


def test_a_closed_page_goes_on_with_the_same_file(entering: Enter, large: Path) -> None:
    content = bytearray(large.read_bytes())
    content[-9] ^= 1  # another slide than that of the journey above
    large.write_bytes(content)
    with entering("pathologist", "en") as reader:
        reader.open("/pathology")
        page = reader.page
        page.route("**/uploads/*offset=4*", lambda route: route.abort())
        page.set_input_files("#f-file", large)
        page.get_by_role("button", name="Upload").click()
        page.locator('[data-part="told"]').get_by_text("line broken").wait_for()
        # When the page is left and the file is chosen again
        page.once("dialog", lambda dialog: dialog.accept())
        page.unroute("**/uploads/*offset=4*")
        page.reload()
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.url) if "offset=" in one.url else None)
        page.set_input_files("#f-file", large)
        page.get_by_role("button", name="Upload").click()
        page.locator('[data-part="told"]').get_by_text("handed in").wait_for()
        # Then what had arrived is not sent twice
        assert sum("offset=4194304" in one for one in sent) == 1
        assert len(sent) <= 4
        reader.window.complaints.remove(BROKEN)
