"""Somebody at a browser: signs in, looks around, presses buttons, in Chinese or in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Error, Locator, Page

from browser import Visit, check_axe, check_no_sideways, visit
from furnished import PASSWORD

_IDENTIFIER = re.compile(r"[0-9a-f-]{36}|\d+")
_looked_at: set[tuple[str, ...]] = set()


class Person:
    """A window in one language. ``say`` chooses the words that the page should use."""

    def __init__(self, window: Visit, language: str, size: str) -> None:
        self.window = window
        self.language = language
        self._size = size

    @classmethod
    @contextmanager
    def arriving(cls, browser: Browser, base: str, language: str, **more: Any) -> Generator[Person]:
        """A fresh window in front of which nobody has signed in."""
        with visit(browser, base, language=language, **more) as window:
            yield cls(window, language, str(more.get("size", "")))

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def say(self, zh: str, en: str) -> str:
        """The words of this person's language."""
        return zh if self.language == "zh" else en

    def sign_in(self, username: str) -> None:
        """By the form; every demonstration account has the same password."""
        self.window.sign_in(username, PASSWORD)

    def open(self, path: str) -> None:
        """Goes to an address and looks at what is there."""
        self.window.open(path)
        self.look()

    def follow(self, link: Locator) -> None:
        """Presses a link or a button that leads to another page, and looks at it."""
        with self.page.expect_navigation():
            link.click()
        self.look()

    def link(self, zh: str, en: str) -> Locator:
        return self.main.get_by_role("link", name=self.say(zh, en)).first

    def button(self, zh: str, en: str) -> Locator:
        return self.main.get_by_role("button", name=self.say(zh, en), exact=True).first

    def look(self, state: str = "") -> None:
        """Axe, and nothing wider than the window; once for each kind of page and language."""
        path = _IDENTIFIER.sub("…", self.page.url.removeprefix(self.window.base).partition("?")[0])
        marks = ",".join(sorted(set(self._marks())))
        seen = (path, self.language, self._size, state, marks if path == "/inbox/…" else "")
        if seen not in _looked_at:
            check_axe(self.page)
            check_no_sideways(self.page)
            _looked_at.add(seen)

    def _marks(self) -> list[str]:
        """The states that are said on the page; once more where it was just loading itself anew."""
        marks = self.main.locator(".mark")
        try:
            return marks.all_inner_texts()
        except Error as problem:
            if "context was destroyed" not in problem.message:
                raise
            self.page.wait_for_load_state()
            return marks.all_inner_texts()

    def reads(self, *texts: str) -> None:
        """Each of the texts is on the page."""
        shown = self.main.inner_text()
        for text in texts:
            assert text in shown, f"{text!r} is not on {self.page.url}:\n{shown}"

    def signs(self, button: Locator, dialog: str, proof: Callable[[], None] | None = None) -> None:
        """Signs a draft of the highest risk: shows first, if that is owed, that it is them.

        ``proof`` gives it; without one it is the password.
        """
        where = self.page.url.partition("#")[0]
        button.click()
        self.answers_yes(dialog)
        if "/me/presence" not in self.page.url:
            return
        (proof or self.confirms_with_password)()
        assert self.page.url.partition("#")[0] == where, "back at the draft"
        self.reads(self.say("您已验证本人身份", "You have shown that it is you"))
        button.click()
        self.answers_yes(dialog)

    def confirms_with_password(self) -> None:
        """On the page that asks for a fresh proof."""
        self.page.fill("[name=password]", PASSWORD)
        self.follow(self.button("用密码确认", "Confirm with the password"))

    def answers_yes(self, dialog: str) -> None:
        """The dialog that asks first is there; it is confirmed."""
        box = self.page.locator(f"dialog#{dialog}")
        assert box.is_visible()
        self.look(dialog)
        self.follow(box.locator("[data-dialog-yes]"))
