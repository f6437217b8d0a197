"""A physician at a microphone: words at the caret, a conversation in pieces, nothing unread."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser import check_axe, check_no_sideways, serve, talking, visit
from building import PASSWORD, Building
from countersign.app.house import register_models
from countersign.app.rooms import PAGED
from countersign.ground.db import Database
from countersign.ground.models import Gateway, Work
from countersign.ground.shell import build_http
from llm.connected import assigned, connected
from llm.speech import REAL, said_aloud, speech_server
from rooms.records.test_pages import child

pytestmark = pytest.mark.browser

FIRST, SECOND = "my stomach hurts after dinner", "the pain comes back every night"
PAUSE, PIECE = 3.5, 4
"""Seconds between the two sentences, and of one piece: it ends in the pause."""


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("home"))
    register_models(made.house)
    child(made, "p1")
    made.who("wang")
    yield made
    made.close()


@pytest.fixture(scope="module")
def gateway(building: Building) -> Iterator[Gateway]:
    with speech_server() as server, connected(building, server.address, REAL, Work.SPEECH) as one:
        yield one


@pytest.fixture(scope="module")
def base(building: Building, gateway: Gateway) -> Iterator[str]:
    with serve(build_http(replace(building.floor, gateway=gateway), PAGED)) as address:
        yield address


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("voice")
    with talking(joined(folder, FIRST, SECOND)) as one:
        yield one


def joined(folder: Path, *said: str) -> Path:
    """Sentences in a synthetic voice with a pause between them."""
    parts: list[bytes] = []
    whole = folder / "conversation.wav"
    with wave.open(str(whole), "wb") as made:
        for number, words in enumerate(said):
            (folder / str(number)).mkdir()
            with wave.open(str(said_aloud(folder / str(number), words)), "rb") as one:
                if not parts:
                    made.setparams(one.getparams())
                silence = bytes(int(PAUSE * one.getframerate()) * one.getsampwidth())
                parts.append(one.readframes(one.getnframes()) + silence)
        made.writeframes(b"".join(parts))
    return whole


def begin(page: Page, language: str) -> None:
    """A new record; the page on which it is written."""
    page.select_option("#f-language", language)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()


def test_dictation_stands_at_the_caret_and_is_read_before_anything_is_made_of_it(
    speaking: Browser, base: str, building: Building, gateway: Gateway
) -> None:
    assigned(building, gateway, REAL, Work.SPEECH)
    with visit(speaking, base, language="en", permissions=["microphone"]) as window:
        window.sign_in("wang", PASSWORD)
        page = window.open("/records/of/p1")
        begin(page, "en")
        lines = page.locator("#f-lines")
        lines.fill("cc \nexam soft abdomen")
        lines.evaluate("box => box.setSelectionRange(3, 3)")
        button = page.get_by_role("button", name="Dictate key facts")
        button.focus()
        page.keyboard.press("Enter")  # the keyboard alone
        page.get_by_text("Listening. Stop when").wait_for()
        check_axe(page)
        page.wait_for_timeout(3000)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Draft from these facts").click()  # sends nothing yet
        page.get_by_text("Read it and change what is wrong").wait_for(timeout=60_000)
        assert lines.input_value() == f"cc {FIRST}\nexam soft abdomen"
        assert page.evaluate("document.activeElement.id") == "f-lines"
        page.keyboard.type(" since Monday")
        page.get_by_text("Kept as version").wait_for()
        with page.expect_navigation():
            page.get_by_role("button", name="Draft from these facts").click()
        assert "since Monday" in lines.input_value()
        assert "written down by" in page.locator("main").inner_text()
        check_axe(page)
        check_no_sideways(page)
        window.check_clean()


def test_a_conversation_comes_in_pieces_and_the_physician_marks_who_spoke(
    speaking: Browser, base: str, building: Building, gateway: Gateway
) -> None:
    assigned(building, gateway, REAL, Work.SPEECH)
    with visit(speaking, base, language="zh", permissions=["microphone"]) as window:
        window.sign_in("wang", PASSWORD)
        page = window.open("/records/of/p1")
        begin(page, "en")
        talk = page.locator("#f-dialogue")
        talk.fill("Doctor: what is wrong?")
        page.locator("[data-piece]").evaluate("(one, s) => { one.dataset.piece = s }", str(PIECE))
        page.get_by_role("button", name="录制对话").click()
        page.get_by_text("正在听取").wait_for()
        page.wait_for_function(
            "said => document.getElementById('f-dialogue').value.includes(said)",
            arg=FIRST,
            timeout=60_000,
        )
        page.wait_for_function(
            "said => document.getElementById('f-dialogue').value.includes(said)",
            arg="every night",
            timeout=60_000,
        )
        page.get_by_role("button", name="停止听取").click()
        page.get_by_text("请先阅读、改正并标注说话者").or_(
            page.get_by_text("没有听到内容")
        ).first.wait_for(timeout=60_000)
        heard = talk.input_value().split("\n")
        assert heard[:2] == ["Doctor: what is wrong?", FIRST] and "every night" in heard[2]
        # Alt and a number marks who speaks, from the caret on
        talk.focus()
        place = talk.input_value().index(FIRST)
        talk.evaluate("(box, at) => box.setSelectionRange(at, at)", place)
        page.keyboard.press("Alt+2")
        talk.evaluate("(box, at) => box.setSelectionRange(at, at)", place + 9 + len("my stomach "))
        page.keyboard.press("Alt+1")
        assert talk.input_value().split("\n")[1:3] == [
            "Patient: my stomach ",
            "Doctor: hurts after dinner",
        ]
        check_axe(page)
        window.check_clean()


def test_a_piece_that_nobody_wrote_down_is_tried_once_more(
    speaking: Browser, base: str, building: Building, gateway: Gateway
) -> None:
    assigned(building, gateway, "fails", Work.SPEECH)
    with visit(speaking, base, language="en", permissions=["microphone"]) as window:
        window.sign_in("wang", PASSWORD)
        page = window.open("/records/of/p1")
        begin(page, "en")
        page.fill("#f-dialogue", "typed before")
        page.get_by_role("button", name="Record the conversation").click()
        page.get_by_text("Listening. Every").wait_for()
        page.wait_for_timeout(3000)
        page.get_by_role("button", name="Stop listening").click()
        page.get_by_text("can be tried once more").wait_for()
        assert page.input_value("#f-dialogue") == "typed before"
        check_axe(page)
        assigned(building, gateway, REAL, Work.SPEECH)
        page.get_by_role("button", name="Try the recording again").click()
        page.get_by_text("mark who spoke, before").wait_for(timeout=60_000)
        assert page.input_value("#f-dialogue") == f"typed before\n{FIRST}"
        page.get_by_role("button", name="Record the conversation").wait_for()
