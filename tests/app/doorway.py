"""Signs in to an application that runs in the process of the tests."""

from __future__ import annotations

import re

from fastapi import FastAPI
from starlette.testclient import TestClient

from furnished import PASSWORD

IDENTIFIER = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HTML = {"accept": "text/html", "accept-language": "en"}


def session(app: FastAPI, username: str) -> TestClient:
    """A browser in which this account is signed in; it follows no redirection."""
    client = TestClient(app, "http://127.0.0.1", headers=HTML, follow_redirects=False)
    return enter(client, username, PASSWORD)


def enter(client: TestClient, username: str, password: str) -> TestClient:
    """Signs in by the form."""
    page = client.get("/sign-in")
    data = {"csrf": token_in(page.text), "username": username, "password": password}
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 303, answer.text
    return client


def token_in(html: str) -> str:
    """The form token that a page carries."""
    return html.partition('data-csrf="')[2].partition('"')[0]


def without_chance(html: str) -> str:
    """The page without what may hold any digits: tokens, identifiers and moments in attributes."""
    page = html.replace(token_in(html), "") if token_in(html) else html
    return re.sub(rf"{IDENTIFIER}|datetime=\"[^\"]*\"", "", page)
