"""Two processes on one port are one house at the door: sessions and locks are the database's."""

from __future__ import annotations

import secrets

import httpx

from furnished import PASSWORD

HTML = {"accept": "text/html", "accept-language": "en"}


def token_in(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def attempt(base: str, username: str, password: str) -> httpx.Response:
    """Over a connection of its own, which any of the processes may take."""
    with httpx.Client(base_url=base, headers=HTML) as client:
        data = {"csrf": token_in(client.get("/sign-in").text), "username": username}
        return client.post("/sign-in", data={**data, "password": password})


def test_wrong_passwords_are_counted_together(base: str) -> None:
    name = f"nobody-{secrets.token_hex(4)}"
    statuses = [attempt(base, name, "a guess").status_code for _ in range(8)]
    assert statuses == [401] * 5 + [429] * 3


def test_a_session_is_open_in_each_and_ends_in_each(base: str) -> None:
    session = attempt(base, "physician", PASSWORD).cookies["session"]
    cookies = {"session": session}
    pages = [httpx.get(f"{base}/me", headers=HTML, cookies=cookies) for _ in range(8)]
    assert {page.status_code for page in pages} == {200}
    data = {"csrf": token_in(pages[0].text)}
    assert httpx.post(f"{base}/sign-out", data=data, headers=HTML, cookies=cookies).is_redirect
    until = 40  # a process may remember an open session for two seconds
    while until and any(
        httpx.get(f"{base}/me", headers=HTML, cookies=cookies).is_success for _ in range(4)
    ):
        until -= 1
    assert until
