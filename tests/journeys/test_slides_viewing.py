"""The viewer under the hand: tools in sight, keys that work, removals that come back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from .conftest import Enter
from .test_slides import count, draw, kept, shown
from .test_slides_more import opened

pytestmark = pytest.mark.browser

HIDDEN = """() => {
  const banner = document.querySelector('.patient').getBoundingClientRect().bottom
  return [...document.querySelectorAll('.slide-bar button')]
    .filter(one => one.getBoundingClientRect().top < banner).map(one => one.textContent.trim())
}"""
"""Tools that the patient's name lies over."""


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
