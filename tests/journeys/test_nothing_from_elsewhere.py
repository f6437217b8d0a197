"""Every page that the menus and tables lead to is loaded from this server and no other."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request

from journeys.conftest import Enter

pytestmark = pytest.mark.browser

PEOPLE = ("physician", "auditor", "administrator", "security-officer", "researcher")
MOST = 40
"""Pages for each person; pages that differ in an identifier only are opened once."""

_IDENTIFIER = re.compile(r"[0-9a-f-]{36}|\d+")


@pytest.mark.parametrize("username", PEOPLE)
def test_every_request_of_every_page_goes_to_this_server(entering: Enter, username: str) -> None:
    with entering(username) as person:
        # Given a browser in which every request is written down, of whatever kind
        asked: list[str] = []

        def write_down(request: Request) -> None:
            asked.append(request.url)

        person.window.context.on("request", write_down)
        # When every page that can be reached from the first is opened
        waiting, seen = ["/", "/me", "/help"], set[str]()
        while waiting and len(seen) < MOST:
            path = waiting.pop(0)
            kind = _IDENTIFIER.sub("…", path.partition("?")[0])
            if kind in seen:
                continue
            seen.add(kind)
            answer = person.page.goto(person.window.base + path)
            assert answer is not None and answer.status < 500, path
            person.page.wait_for_load_state("networkidle")
            links = person.page.locator("a[href]").evaluate_all("all => all.map(a => a.href)")
            waiting += [
                urlsplit(link).path
                for link in links
                if link.startswith(person.window.base + "/") and "/export" not in link
            ]
            # And nothing on the page names another server
            named = person.page.locator("[src], link[href], form[action]").evaluate_all(
                # A field called “action” would stand before the form's own.
                "all => all.map(e => e.src || e.href"
                " || new URL(e.getAttribute('action'), document.baseURI).href)"
            )
            assert [one for one in named if not one.startswith((person.window.base, "data:"))] == []
        # Then nothing was asked of any other server
        own = person.window.base + "/"
        foreign = [url for url in asked if not url.startswith((own, "data:", "blob:"))]
        assert foreign == []
        assert len(seen) > 3 and len(asked) > len(seen), "it was really written down"
