"""A slide of the demonstration goes from the worklist to the signed report by one person's hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from .conftest import Enter
from .person import Person

pytestmark = pytest.mark.browser


def shown(page: Page, name: str) -> str:
    """What a place of the panel says."""
    return page.locator(f'[data-say="{name}"]').first.inner_text().strip()


def count(page: Page) -> tuple[int, int]:
    """Positive and all tumour nuclei, as the panel says."""
    positive, total = (re.sub(r"\D", "", shown(page, name)) for name in ("positive", "total"))
    return int(positive), int(total)


def kept(page: Page) -> None:
    """The server has counted the same."""
    page.locator('[data-part="confirmed"]').wait_for(state="visible")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_pathologist_reads_the_worklist(entering: Enter, language: str) -> None:
    with entering("pathologist", language) as reader:
        # When the pathologist opens the worklist, slides of the demonstration are ready
        reader.open("/pathology")
        reader.reads("S26-1001", reader.say("可阅片", "Ready to look at"))
        # And says how it is counted, and how stain and scanner are
        reader.follow(
            reader.link("本系统的计数方法与局限", "How it is counted here, and its limits")
        )
        reader.reads("HSCORE")
        reader.open("/pathology/control")
        reader.reads(reader.say("白点（三通道均值）", "White point, mean of the channels"))


def test_a_slide_is_corrected_and_signed(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        # Given a measured slide
        reader.open("/pathology")
        row = reader.page.get_by_role("row").filter(has_text="S26-1001")
        reader.follow(row.get_by_role("link").first)
        page = reader.page
        page.locator('[data-slide][data-state="ready"]').wait_for()
        kept(page)
        measured = count(page)
        assert measured[1] > 500
        # When the threshold is moved, the index follows at once and the server counts the same
        page.locator('[data-part="threshold"]').focus()
        for _ in range(20):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
        raised = count(page)
        assert raised[0] < measured[0] and raised[1] == measured[1]
        kept(page)
        # And a tumour region is drawn: only nuclei inside it count
        draw(reader)
        inside = count(page)
        assert 0 < inside[1] < raised[1]
        kept(page)
        # And a nucleus is flipped, then the flip is undone and done again
        flip(reader)
        flipped = count(page)
        assert flipped != inside and abs(flipped[0] - inside[0]) == 1
        page.keyboard.press("Control+z")
        assert count(page) == inside
        page.keyboard.press("Control+Shift+z")
        assert count(page) == flipped
        kept(page)
        address = page.url.partition("#")[0]
        # Then it is handed over, and signed in the inbox
        page.get_by_role("button", name="Hand over for signing").click()
        reader.follow(page.get_by_role("dialog").get_by_role("button", name="Hand over"))
        reader.reads("3 corrections by a pathologist count", "Limits of this answer")
        assert page.get_by_role("link", name="See it on the slide").count() >= 3
        page.get_by_role("button", name="Sign as it stands").click()
        reader.follow(page.get_by_role("dialog").get_by_role("button", name="Sign"))
        reader.open(address.removeprefix(reader.window.base))
        reader.reads("Signed")
        # And the report leaves as PDF, the regions for QuPath
        report = page.request.get(f"{address}/report.pdf")
        assert report.body()[:5] == b"%PDF-" and len(report.body()) > 20_000
        regions = page.request.get(f"{address}/regions.geojson").json()
        names = [one["properties"]["classification"]["name"] for one in regions["features"]]
        assert "Tumor" in names


def draw(reader: Person) -> None:
    """A polygon around the middle, by the pointer."""
    outlined(reader)
    reader.page.get_by_role("dialog").get_by_role("button", name="Keep").click()


def outlined(reader: Person) -> None:
    """The same, before it has a name."""
    page = reader.page
    page.get_by_role("button", name="Polygon").click()
    box = page.locator(".slide-picture").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for across, down in ((-110, -90), (110, -90), (110, 90), (-110, 90)):
        page.mouse.click(x + across, y + down)
    page.keyboard.press("Enter")


def flip(reader: Person) -> None:
    """The nucleus nearest the middle that counts, by the keys."""
    page = reader.page
    page.get_by_role("button", name="Positive or negative").click()
    page.locator(".openseadragon-canvas").first.focus()
    before = count(page)
    for _ in range(12):
        page.keyboard.press(" ")
        if count(page) != before:
            return
        page.keyboard.press("+")
        page.wait_for_timeout(300)
    raise AssertionError("no nucleus was flipped")
