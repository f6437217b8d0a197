"""A served application and a real browser, for journeys and for checks of single pages.

A conftest takes the fixtures it wants: ``from browser import browser as browser``. The browser
lives as long as one test file, because Playwright keeps an event loop in the main thread that
tests with loops of their own would stumble over.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

WEB = Path(__file__).resolve().parents[1] / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
WARD = (1366, 768)
PHONE = (390, 844)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def serve(app: Callable[..., Any]) -> Generator[str]:
    """Serves an ASGI application from a thread; gives ``http://127.0.0.1:<port>``."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none", loop="asyncio")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; skips, saying so, where there is none."""
    with chromium() as one:
        yield one


@contextmanager
def chromium(*more: str) -> Generator[Browser]:
    """A browser of one's own, with further arguments; skips, saying so, where there is none."""
    path = next((found for found in map(shutil.which, NAMES) if found), None)
    if path is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *more])
        yield one
        one.close()


@contextmanager
def talking(file: Path) -> Generator[Browser]:
    """A browser whose microphone plays a sound file once, each time that it is opened."""
    with chromium(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}%noloop",
    ) as one:
        yield one


class Visit:
    """One person's window: a context of its own, and what went wrong in it."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.base = base
        self.page: Page = context.new_page()
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", self._asked)
        self.page.on("console", lambda line: self._said(line.type, line.text))
        self.page.on("pageerror", lambda problem: self.complaints.append(str(problem)))

    def open(self, path: str) -> Page:
        """Goes to a path of the application and waits until the page is quiet."""
        self.page.goto(self.base + path, wait_until="load")
        return self.page

    def sign_in(self, username: str, password: str) -> None:
        """Signs in by the form, as a person does."""
        self.open("/sign-in")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_load_state("load")
        assert "/sign-in" not in self.page.url, self.page.inner_text("main")

    def check_clean(self) -> None:
        """Nothing was loaded from elsewhere, refused by the content policy or thrown."""
        assert self.foreign == [], self.foreign
        assert self.complaints == [], self.complaints

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and not request.url.startswith(self.base):
            self.foreign.append(request.url)

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource: the server responded" not in text:
            self.complaints.append(text)


@contextmanager
def visit(
    browser: Browser, base: str, *, language: str = "zh", size: tuple[int, int] = WARD, **more: Any
) -> Generator[Visit]:
    """A fresh window in a language (``zh`` or ``en``) and of a size (width, height)."""
    context = browser.new_context(
        locale="zh-CN" if language == "zh" else "en-GB",
        viewport={"width": size[0], "height": size[1]},
        **more,
    )
    context.set_default_timeout(10_000)
    yield Visit(context, base)
    context.close()


def check_axe(page: Page) -> None:
    """No violation of WCAG 2.2 A and AA or of axe's best practices on this page."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
    violations = [
        f"{rule['id']}: {rule['help']}: {node['html']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    assert violations == [], "\n".join([page.url, *violations])


def check_no_sideways(page: Page) -> None:
    """Nothing reaches out of the window: the page itself never scrolls sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"
