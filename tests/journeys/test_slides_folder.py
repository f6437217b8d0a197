"""A technician hands in what a scanner wrote: a folder with slides of one file and of several."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Route

from countersign.ground.imaging.generated import Picture, write_dicom

from .conftest import Enter

pytestmark = pytest.mark.browser


def slowly(route: Route) -> None:
    """A line on which somebody can press a button between two pieces."""
    time.sleep(0.3)
    route.continue_()


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """Two series in one folder, a MIRAX slide, a picture, and what is no slide."""
    folder = tmp_path / "from the scanner"
    (folder / "series").mkdir(parents=True)
    for number in (71, 72):
        place = tmp_path / str(number)
        place.mkdir()
        pixels = np.full((768, 1024, 3), 100 + number, np.uint8)
        for file in write_dicom(Picture(pixels, 0.5), place, number):
            file.rename(folder / "series" / f"{number}-{file.name}")
    (folder / "M26-71.mrxs").write_bytes(b"index")
    (folder / "M26-71").mkdir()
    (folder / "M26-71" / "Data0000.dat").write_bytes(bytes(5_000_000))
    (folder / "broken.svs").write_bytes(b"no slide, yet kept and shown as damaged")
    (folder / "notes.txt").write_text("seven slides")
    (folder / ".hidden.svs").write_bytes(b"x")
    return folder


def test_a_folder_is_handed_in_slide_by_slide(entering: Enter, scanned: Path) -> None:
    with entering("laboratory-technician", "en") as technician:
        technician.open("/pathology")
        page = technician.page
        # When a folder is chosen, it says which slides are in it before anything is sent
        page.set_input_files("#f-folder", scanned)
        told = page.locator('.slide-upload [data-part="told"]')
        told.get_by_text("not sent yet").nth(3).wait_for()
        assert told.locator(".progress").count() == 4
        assert "Slides that will be sent: 4" in page.locator(".slide-upload").inner_text()
        assert "passed by: 1" in page.locator(".slide-upload").inner_text()
        technician.look("folder chosen")
        # And each arrives whole, under its name, with a way to look at it
        page.get_by_role("button", name="Upload").click()
        told.get_by_role("link", name="Look at the slide").nth(3).wait_for()
        assert told.get_by_text("handed in").count() == 4
        page.locator("#list").get_by_text("M26-71.mrxs").wait_for()
        technician.look("folder sent")
        technician.follow(told.get_by_role("link", name="Look at the slide").first)
        technician.reads("Slide ")


def test_a_folder_without_slides_and_a_lonely_file_are_told(
    entering: Enter, scanned: Path, tmp_path: Path
) -> None:
    with entering("laboratory-technician", "zh") as technician:
        technician.open("/pathology")
        page, empty = technician.page, tmp_path / "empty"
        empty.mkdir()
        (empty / "notes.txt").write_text("none")
        page.set_input_files("#f-folder", empty)
        page.get_by_text("此文件夹中未发现切片").wait_for()
        # A .mrxs file alone is refused with what to do, and can be tried again
        page.set_input_files("#f-file", scanned / "M26-71.mrxs")
        page.get_by_text("此文件夹中未发现切片").wait_for(state="hidden")
        page.get_by_role("button", name="上传").click()
        told = page.locator('.slide-upload [data-part="told"]')
        told.get_by_text("请选择二者所在的文件夹").wait_for()
        assert told.get_by_role("button", name="重试").is_visible()
        technician.look("refused")


def test_sending_is_stopped_and_goes_on(entering: Enter, scanned: Path) -> None:
    with entering("laboratory-technician", "en") as technician:
        technician.open("/pathology")
        page = technician.page
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.url) if "offset=" in one.url else None)
        page.route("**/uploads/*offset=*", slowly)
        large = scanned / "large.png"
        large.write_bytes(np.random.default_rng(5).bytes(9_000_000))
        page.set_input_files("#f-file", large)
        page.get_by_role("button", name="Upload").click()
        page.get_by_role("button", name="Stop sending").click()
        told = page.locator('.slide-upload [data-part="told"]')
        told.get_by_text("stopped; it goes on").wait_for()
        told.get_by_role("button", name="Try again").click()
        told.get_by_text("handed in").wait_for()
        assert sum("offset=4194304" in one for one in sent) == 1, "no piece was sent twice"
