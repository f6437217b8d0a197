"""A patient says what is wrong: real speech, a real recogniser, a real browser, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from browser import check_axe, check_no_sideways, serve, talking, visit
from building import PATIENT, Building
from countersign.app.rooms import ROOMS
from countersign.ground.models import Gateway, NoServers, Work
from countersign.ground.shell import Floor, build_http
from countersign.ground.shell.transcribing import LARGEST
from countersign.rooms.preconsult.inference import LANGUAGES, speeches
from countersign.rooms.preconsult.service import Desking, Interviewing, Proposing, paths
from countersign.rooms.preconsult.service.voice import RECORDINGS
from llm.connected import assigned
from llm.speech import REAL, SpeechServer, said_aloud

PHONE = (360, 640)
WEBM = b"\x1aE\xdf\xa3" + b"recorded-sound" * 40
WORDS = "my stomach hurts after dinner"


@pytest.fixture(scope="module")
def patient(floor: Floor) -> TestClient:
    client = TestClient(build_http(floor, ROOMS), base_url="http://127.0.0.1")  # type: ignore[arg-type]
    client.headers.update({"accept": "text/html", "accept-language": "en"})
    return client


def link(floor: Floor, building: Building) -> str:
    return Desking(floor).invite(building.who("nurse"), PATIENT, 24, "").address


def begun(floor: Floor, building: Building, patient: TestClient) -> str:
    path = link(floor, building)
    patient.post(path, data={"lang": "en", "item": "who", "who": "patient"})
    return path


def test_words_come_back_and_nothing_is_kept_but_that_they_did(
    floor: Floor, building: Building, gateway: Gateway, server: SpeechServer, patient: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path = begun(floor, building, patient)
    heard = patient.post(f"{path}/voice?lang=en", content=WEBM)
    assert heard.status_code == 200 and heard.json() == {"text": "Thank you for watching"}
    got = server.seen()[-1]
    assert (got["file"], got["language"], got["size"]) == ("recording.webm", "en", len(WEBM))
    held = floor.interviews.links.open(path.split("/")[-1])
    kept = floor.interviews.keeping.entries(held)
    assert [one.item for one in kept] == ["about", "who", "heard:1"]
    assert "watching" not in repr([dict(one.value) for one in kept])
    assert Interviewing(floor).view(held, "en").item == "complaint"  # nothing was sent by it
    for table in ("entry", "attachment"):
        for row in building.rows(f"select * from interviews.{table}"):
            assert b"recorded-sound" not in repr(row).encode()


def test_a_physician_is_told_that_it_was_spoken(
    floor: Floor, building: Building, gateway: Gateway, patient: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path = begun(floor, building, patient)
    patient.post(f"{path}/voice?lang=en", content=WEBM)
    held = floor.interviews.links.open(path.split("/")[-1])
    service = Interviewing(floor)
    service.answer(held, "complaint", {"text": "my back aches"}, [], "en")
    service.answer(held, "dangers", {}, ["none"], "en")
    while (item := service.view(held, "en").item) != "review":
        calm = {"answer": "never" if item == "smoking" else "none"}
        service.answer(held, item, {"answer": "no"} if item[:4] == "ask:" else calm, [], "en")
    service.send(held, "en")
    said = " ".join(one.en for one in paths(floor.interviews.keeping.entries(held)))
    assert "written down by hears-odd" in said and "No recording was kept" in said
    draft = Proposing(floor).propose(held.id)
    assert draft is not None
    shown = floor.signoff.reading.open(building.who("wang"), draft)
    why = shown.draft.explanation
    assert "misheard" in " ".join(one.en for one in why.limits)
    assert any("speech-request" in one for one in why.inputs)


@pytest.mark.parametrize(
    ("model", "status", "said"),
    [
        ("hears-nothing", 422, "speak_empty"),
        ("fails", 503, "speak_away"),
        ("no-json", 503, "speak_away"),
    ],
)
@pytest.mark.parametrize("code", ["en", "ar"])
def test_a_server_that_fails_is_told_in_the_patients_language(
    floor: Floor,
    building: Building,
    gateway: Gateway,
    patient: TestClient,
    model: str,
    status: int,
    said: str,
    code: str,
) -> None:
    assigned(building, gateway, model, Work.SPEECH)
    path = begun(floor, building, patient)
    answer = patient.post(f"{path}/voice?lang={code}", content=WEBM)
    assert answer.status_code == status and answer.json() == {"said": speeches()[code].texts[said]}


def test_only_recordings_of_an_open_link_and_not_too_many(
    floor: Floor, building: Building, gateway: Gateway, server: SpeechServer, patient: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path = begun(floor, building, patient)
    before = len(server.seen())
    for odd in (b"", b"%PDF-1.7", b"\x1aE\xdf\xa3" + bytes(LARGEST)):
        assert patient.post(f"{path}/voice?lang=en", content=odd).status_code == 422
    foreign = path[:-1] + ("a" if path[-1] != "a" else "b")
    assert patient.post(f"{foreign}/voice?lang=en", content=WEBM).status_code == 404
    held = floor.interviews.links.open(path.split("/")[-1])
    for number in range(RECORDINGS):
        floor.interviews.keeping.put(held, f"heard:{number}", {"model": "m"})
    assert patient.post(f"{path}/voice?lang=en", content=WEBM).status_code == 429
    assert len(server.seen()) == before


def test_the_button_is_there_only_where_a_server_is(
    floor: Floor, building: Building, gateway: Gateway, patient: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path = begun(floor, building, patient)
    with_server = patient.get(path)
    assert "data-speak=" in with_server.text
    assert "microphone=(self)" in with_server.headers["permissions-policy"]
    assert "microphone=()" in patient.get("/sign-in").headers["permissions-policy"]
    bare = build_http(replace(floor, gateway=NoServers()), ROOMS)
    without = TestClient(bare, base_url="http://127.0.0.1")  # type: ignore[arg-type]
    assert "data-speak=" not in without.get(path, headers={"accept": "text/html"}).text
    answer = without.post(f"{path}/voice?lang=zh", content=WEBM)
    assert answer.status_code == 503 and answer.json() == {
        "said": speeches()["zh"].texts["speak_away"]
    }


def test_every_language_says_what_the_button_does() -> None:
    english = speeches()["en"].texts
    for code in LANGUAGES:
        texts = speeches()[code].texts
        assert texts.keys() == english.keys()
        assert code == "en" or texts["speak_kept"] != english["speak_kept"]


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone hears a synthetic voice say ``WORDS``."""
    with talking(said_aloud(tmp_path_factory.mktemp("voice"), WORDS)) as one:
        yield one


@pytest.fixture(scope="module")
def base(floor: Floor) -> Iterator[str]:
    with serve(build_http(floor, ROOMS)) as address:
        yield address


@pytest.mark.browser
def test_what_is_said_appears_to_be_read_and_is_sent_only_then(
    speaking: Browser, base: str, floor: Floor, building: Building, gateway: Gateway
) -> None:
    assigned(building, gateway, REAL, Work.SPEECH)
    path = link(floor, building)
    with visit(speaking, base, language="en", size=PHONE, permissions=["microphone"]) as window:
        page = window.open(path)
        _next(page)
        button = page.locator("[data-speak] button")
        assert "Speak" in button.inner_text()
        check_axe(page)
        check_no_sideways(page)
        button.click()
        page.get_by_text("Recording.").wait_for()
        check_axe(page)
        page.wait_for_timeout(3500)
        page.click("form .go button[type=submit]")  # sends nothing: it was not read yet
        page.get_by_text("Please read it and change").wait_for(timeout=60_000)
        assert page.input_value("textarea") == WORDS
        held = floor.interviews.links.open(path.split("/")[-1])
        assert "complaint" not in [one.item for one in floor.interviews.keeping.entries(held)]
        page.fill("textarea", page.input_value("textarea") + ", for a week")
        _next(page)
        answers = {one.item: one.value for one in floor.interviews.keeping.entries(held)}
        assert answers["complaint"]["text"] == f"{WORDS}, for a week"
        window.check_clean()


@pytest.mark.browser
def test_a_server_that_fails_leaves_what_was_typed(
    speaking: Browser, base: str, floor: Floor, building: Building, gateway: Gateway
) -> None:
    assigned(building, gateway, "fails", Work.SPEECH)
    with visit(speaking, base, size=PHONE, permissions=["microphone"]) as window:
        page = window.open(f"{link(floor, building)}?lang=ar")
        _next(page)
        page.fill("textarea", "typed before")
        page.click("[data-speak] button")
        page.get_by_text(speeches()["ar"].texts["speak_on"]).wait_for()
        page.click("[data-speak] button")
        page.get_by_text(speeches()["ar"].texts["speak_away"]).wait_for()
        assert page.input_value("textarea") == "typed before"
        check_axe(page)
        check_no_sideways(page)


def _next(page: Page) -> None:
    with page.expect_navigation():
        page.click("form .go button[type=submit]")
