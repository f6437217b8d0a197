"""Two installations on one database behave as one."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from benchmarks.killed_load import HTML, PASSWORD, form_token, sign_in
from benchmarks.two_houses import TwoHouses, two_houses


@pytest.fixture(scope="module")
def houses() -> Iterator[TwoHouses]:
    with two_houses() as both:
        yield both


def _browser(port: int) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=HTML, timeout=60)


def test_a_session_and_stop_ai_hold_on_both(houses: TwoHouses) -> None:
    with _browser(houses.here.port) as here, _browser(houses.there.port) as there:
        sign_in(here, "administrator")
        for cookie in here.cookies.jar:
            there.cookies.set(cookie.name, cookie.value or "", domain="127.0.0.1")
        assert there.get("/administration/ai").status_code == 200
        for first, second, path, more, stopped in (
            (here, there, "stop", {}, True),
            (there, here, "resume", {"reason": "it was only tried"}, False),
        ):
            token = form_token(first.get("/administration/ai"))
            data = {"csrf": token, **more}
            assert first.post(f"/administration/ai/{path}", data=data).status_code == 303
            assert second.get("/ai-state").json() == {"stopped": stopped}
        token = form_token(there.get("/administration/ai"))
        assert there.post("/sign-out", data={"csrf": token}).status_code == 303
        time.sleep(2.1)  # what a process remembers of a session, at most
        assert here.get("/administration/ai").headers["location"].startswith("/sign-in")


def test_the_limit_on_passwords_is_shared(houses: TwoHouses) -> None:
    with _browser(houses.here.port) as here, _browser(houses.there.port) as there:
        for number in range(5):
            browser = (here, there)[number % 2]
            assert _try(browser, "senior", "wrong") in (401, 403, 429)
        assert _try(here, "senior", PASSWORD) == _try(there, "senior", PASSWORD) == 429


def _try(browser: httpx.Client, username: str, password: str) -> int:
    token = form_token(browser.get("/sign-in"))
    said = {"csrf": token, "username": username, "password": password}
    return browser.post("/sign-in", data=said).status_code


def test_the_policy_is_adopted_once(houses: TwoHouses) -> None:
    with psycopg.connect(houses.database) as owner:
        row = owner.execute(
            "select count(*) from ledger.event where kind = 'policy-changed'"
        ).fetchone()
    assert row == (1,)


def test_periodic_work_is_done_once(houses: TwoHouses) -> None:
    """Of a task of every 15 seconds two never begin closer together, whoever defers them."""
    with psycopg.connect(houses.database, autocommit=True) as owner:
        until = time.monotonic() + 60
        gaps: list[float] = []
        while len(gaps) < 1 and time.monotonic() < until:
            time.sleep(0.5)
            gaps = [row[0] for row in owner.execute(GAPS).fetchall()]
    assert gaps and min(gaps) >= 14


GAPS = """
select extract(epoch from gap)::float8 from (
    select at - lag(at) over (order by at) as gap
    from jobs.procrastinate_events e join jobs.procrastinate_jobs j on j.id = e.job_id
    where e.type = 'deferred' and j.task_name = 'inbox.release') as begun
where gap is not null
"""
