"""The viewer under the hand: tools in sight, keys that work, removals that come back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from .conftest import Enter
from .test_slides import count, draw, kept, outlined, shown
from .test_slides_more import opened

pytestmark = pytest.mark.browser

HIDDEN = """() => {
  const banner = document.querySelector('.patient').getBoundingClientRect().bottom
  return [...document.querySelectorAll('.slide-bar button')]
    .filter(one => one.getBoundingClientRect().top < banner).map(one => one.textContent.trim())
}"""
"""Tools that the patient's name lies over."""

QUIET = "() => !document.querySelector('[data-slide]').viewer.pending"
"""Nothing is being tried, and the server has all that was changed."""

WAY = "() => document.querySelector('[data-slide]').viewer.way"

SEEN = """() => {
  const picture = document.querySelector('[data-slide]').viewer.picture
  const all = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height).data
  return picture.isConnected && all.some(one => one > 0)
}"""
"""Whether the processor's picture of the nuclei is on the page, and not empty."""


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_the_tools_and_the_whole_picture_stay_in_sight(
    entering: Enter, size: tuple[int, int]
) -> None:
    with entering("pathologist", "zh", size=size) as reader:
        page = opened(reader, "S26-1003")
        for _ in range(4):
            page.mouse.move(size[0] - 120, size[1] / 2)  # over the panel: the page moves
            page.mouse.wheel(0, 120)
            page.wait_for_timeout(150)
            assert page.evaluate(HIDDEN) == []
        box = page.locator(".slide-picture").bounding_box()
        assert box is not None and box["y"] + box["height"] <= size[1]


def test_keys_of_the_tools_work_after_a_layer_was_ticked(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        page = opened(reader, "S26-1003")
        page.locator('[data-part="layer"][value="tissue"]').click()
        page.keyboard.press("r")
        assert page.locator('[data-part="tool"][aria-pressed="true"]').get_attribute("value") == (
            "ruler"
        )
        page.keyboard.press("6")
        assert not page.locator('[data-part="layer"][value="tissue"]').is_checked()
        # And with the threshold in hand
        page.locator('[data-part="threshold"]').focus()
        page.keyboard.press("v")
        assert page.locator('[data-part="tool"][aria-pressed="true"]').get_attribute("value") == (
            "pan"
        )


def test_a_region_that_was_removed_comes_back(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        page = opened(reader, "S26-1003")
        kept(page)
        page.locator('[data-part="layer"][value="drawn"]').uncheck()
        measured = count(page)
        draw(reader)
        # What was just drawn is seen, though its layer was off
        assert page.locator('[data-part="layer"][value="drawn"]').is_checked()
        inside = count(page)
        assert inside != measured
        kept(page)
        page.reload()
        page.locator('[data-slide][data-state="ready"]').wait_for()
        page.get_by_role("button", name="Remove").click()
        assert count(page) == measured
        kept(page)
        page.keyboard.press("z")
        assert count(page) == inside and shown(page, "changes") == "1"
        kept(page)
        page.keyboard.press("z")
        assert count(page) == measured
        kept(page)


def test_a_note_is_written_at_once(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        page = opened(reader, "S26-1003")
        page.get_by_role("button", name="Note").click()
        middle(page)
        page.wait_for_function("() => document.activeElement.name === 'name'")
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()


def middle(page: Page) -> None:
    """A click in the middle of the picture."""
    box = page.locator(".slide-picture").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_the_layers_say_what_is_in_them(entering: Enter) -> None:
    with entering("pathologist", "zh") as reader:
        page = opened(reader, "S26-1002")
        layers = page.locator(".slide-layers").inner_text()
        assert "其中细胞核仍计入" in layers, "what lies in artefacts of Ki-67 counts, and is said"
        assert page.locator('li[data-part="none-artefacts"]').is_visible()
        assert page.locator('p[data-part="none-tumour"]').is_visible()
        page = opened(reader, "S26-1005")
        # What must be scanned again is said on the slide's own page too
        assert "组织上有笔迹" in page.locator("main .notice").first.inner_text()
        assert not page.locator('li[data-part="none-artefacts"]').is_visible()
        words = page.locator('[data-words^="area-"]').all_text_contents()
        assert {"笔迹（绿）", "褶皱", "失焦"} <= set(words)


def test_the_keys_undo_nothing_behind_a_dialog(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        # Given a region that is kept, and a second one about to be named
        page = opened(reader, "S26-1003")
        draw(reader)
        kept(page)
        drawn = count(page)
        outlined(reader)
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        # When undo is pressed, nothing behind the dialog changes
        page.keyboard.press("Control+z")
        page.keyboard.press("z")
        assert dialog.is_visible() and shown(page, "changes") == "1" and count(page) == drawn
        dialog.get_by_role("button", name="Cancel").click()
        page.keyboard.press("Control+z")
        assert count(page) != drawn
        page.wait_for_function(QUIET)


def test_a_threshold_dragged_away_and_back_was_not_changed(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        # Given a threshold that was set by the pointer
        page = opened(reader, "S26-1002")
        slider = page.locator('[data-part="threshold"]')
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        here = box["x"] + box["width"] / 4, box["y"] + box["height"] / 2
        page.mouse.click(*here)
        page.wait_for_function(QUIET)
        kept(page)
        before = count(page)
        # When it is dragged away and back
        page.mouse.down()
        page.mouse.move(here[0] + 60, here[1], steps=6)
        assert count(page) != before
        page.mouse.move(*here, steps=6)
        page.mouse.up()
        # Then all is as it was, with one change to undo, and nothing bars handing over
        page.wait_for_function(QUIET)
        assert count(page) == before and shown(page, "changes") == "1"
        page.get_by_role("button", name="Hand over for signing").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        assert page.locator('[data-part="unkept"]').is_hidden()
        page.locator('[data-part="undo"]').click()
        page.locator('[data-part="changed"]').wait_for(state="hidden")
        kept(page)


def test_nuclei_stay_when_the_graphics_card_is_lost(entering: Enter) -> None:
    with entering("pathologist", "en") as reader:
        # Given a slide whose nuclei the graphics card draws
        reader.page.route(
            re.compile(r"/pathology/slides/[^/?]+$"),
            lambda route: route.fulfill(
                response=(came := route.fetch()),
                body=came.text().replace('data-painter=""', 'data-painter="webgl"'),
            ),
        )
        page = opened(reader, "S26-1003")
        assert page.evaluate(WAY) == "webgl"
        warning = page.locator('[data-part="no-webgl"]')
        assert warning.is_hidden()
        # When the computer slept, the processor draws them, and the page says so
        page.evaluate(
            "() => document.querySelector('[data-slide]').viewer.picture.getContext('webgl2')"
            ".getExtension('WEBGL_lose_context').loseContext()"
        )
        warning.wait_for()
        assert page.evaluate(WAY) == "canvas"
        page.wait_for_function(SEEN)
