"""Pans and zooms over half a million nuclei in a real browser and counts the frames it shows."""

from __future__ import annotations

import shutil
import socket
import statistics
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Page, sync_playwright

from benchmarks.measured import Measured, Unmeasurable
from benchmarks.viewer_stage import Stage, made_up

NUCLEI, WIDTH, HEIGHT = 500_000, 80_000, 60_000
ROUNDS = 5
WINDOW = {"width": 1366, "height": 768}
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
WATCH = """() => { window.frames_ = []; const see = (at) => { window.frames_.push(at);
 if (window.frames_) requestAnimationFrame(see); }; requestAnimationFrame(see); }"""
TAKE = "() => { const seen = window.frames_; window.frames_ = null; return seen; }"
RENDERER = """() => { const gl = document.createElement('canvas').getContext('webgl2');
 const told = gl && gl.getExtension('WEBGL_debug_renderer_info');
 return told ? gl.getParameter(told.UNMASKED_RENDERER_WEBGL) : 'none'; }"""


def measure(data: Path | None) -> Measured:
    """Every nucleus in view at the start; ours as it chooses, WebGL in the same run beside it."""
    del data
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if chromium is None:
        raise Unmeasurable("There is no Chromium here. Install it to show a slide.")
    nuclei = made_up(NUCLEI, WIDTH, HEIGHT)
    rows: list[tuple[object, ...]] = []
    figures: dict[str, Any] = {"nuclei": NUCLEI}
    renderer = ""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        for name, painter in (("as the page chooses", ""), ("peer: WebGL", "webgl")):
            with served(Stage(nuclei, WIDTH, HEIGHT, painter=painter)) as address:
                page = browser.new_page(viewport=WINDOW)  # pyright: ignore[reportArgumentType]
                began = time.monotonic()
                page.goto(address)
                page.wait_for_selector('[data-slide][data-state="ready"]', timeout=120_000)
                opened = time.monotonic() - began
                renderer = page.evaluate(RENDERER)
                way = page.get_attribute("[data-slide]", "data-way")
                gaps = moved(page, ROUNDS if not painter else 1)
                middle, worst = statistics.median(gaps), max(gaps)
                rate = 1000 * len(gaps) / sum(gaps)
                slow = sorted(gaps)[int(0.95 * len(gaps))]
                rows.append((f"{name} ({way})", opened, rate, 1000 / middle, slow, worst))
                if not painter:
                    figures |= {
                        "frames_per_s": round(1000 / middle, 1),
                        "mean_frames_per_s": round(rate, 1),
                        "worst_ms": round(worst),
                        "way": way,
                    }
                page.close()
        browser.close()
    return Measured(
        columns=("painter", "ready after s", "frames/s", "median frames/s", "p95 ms", "worst ms"),
        rows=rows,
        figures=figures,
        notes=(
            f"{NUCLEI:,} nuclei of a slide of {WIDTH:,} × {HEIGHT:,} pixels, all of them in view "
            f"at the start; window {WINDOW['width']} × {WINDOW['height']}; dragged, wheeled in "
            "and out by real pointer events; requestAnimationFrame's own times",
            f"rendering: {renderer}; without a graphics card all of it, the compositor too, runs "
            "on this machine's cores, which the server of the tiles shares",
            "median: of the times between frames; worst: the longest of them",
        ),
    )


def moved(page: Page, rounds: int) -> list[float]:
    """Drags, comes closer and goes back; the milliseconds between the frames shown meanwhile."""
    box = page.locator(".slide-picture").bounding_box()
    if box is None:
        raise Unmeasurable("The viewer shows no picture.")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.wait_for_timeout(1000)
    page.evaluate(WATCH)
    for _ in range(rounds):
        page.mouse.down()
        for step in range(24):
            page.mouse.move(x + 8 * step, y + 4 * step)
        for step in range(24, -1, -1):
            page.mouse.move(x + 8 * step, y + 4 * step)
        page.mouse.up()
        for turn in (-240, 240):
            for _ in range(8):
                page.mouse.wheel(0, turn)
                page.wait_for_timeout(60)
    seen: list[float] = page.evaluate(TAKE)
    return [after - before for before, after in zip(seen, seen[1:], strict=False)]


@contextmanager
def served(stage: Stage) -> Generator[str]:
    """Serves the page from a thread."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(stage.app(), log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
