"""A physician dictates and records a conversation: real speech, a real recogniser, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from building import IMPORTER, PASSWORD, Building
from countersign.app.house import register_models
from countersign.app.rooms import PAGED
from countersign.ground.db import Database
from countersign.ground.ledger import EventKind
from countersign.ground.models import Gateway, NoServers, Work
from countersign.ground.shell import Floor, SpeechRefused, Transcribing, build_http
from countersign.ground.shell.transcribing import LARGEST
from countersign.ground.signoff.edges import targets_of
from countersign.rooms.records.domain.turns import unmarked
from countersign.rooms.records.service.content import Content, content_of
from llm.connected import assigned
from llm.speech import REAL, SpeechServer, said_aloud
from rooms.records.test_pages import base, child, token

HTML = {"accept": "text/html", "accept-language": "en"}
WEBM = b"\x1aE\xdf\xa3" + b"recorded-sound" * 40
WORDS = "my stomach hurts after dinner"
ODD = "Thank you for watching"


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("home"))
    register_models(made.house)
    child(made, "p1")
    child(made, "p2")
    yield made
    made.close()


def signed_in(floor: Floor, name: str) -> TestClient:
    client = TestClient(build_http(floor, PAGED), "http://127.0.0.1", headers=HTML)
    form = {"csrf": token(client.get("/sign-in").text), "username": name, "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 200
    client.headers["x-csrf-token"] = token(client.get("/help").text)
    return client


@pytest.fixture(scope="module")
def doctor(building: Building, floor: Floor) -> TestClient:
    building.who("wang")
    return signed_in(floor, "wang")


def begun(doctor: TestClient, patient: str = "p1") -> str:
    form = {"kind": "outpatient", "language": "en"}
    answer = doctor.post(f"/records/of/{patient}", data=form)
    assert answer.status_code == 200, answer.text[:2000]
    return str(answer.url).removeprefix("http://127.0.0.1")


def hear(doctor: TestClient, path: str, part: str, content: bytes = WEBM) -> Any:
    return doctor.post(f"{path}/voice?part={part}", content=content)


def kept(building: Building, path: str) -> tuple[int, Content]:
    written = building.signoff.manuscripts.open(building.who("wang"), path.split("/")[-1])
    return written.number, content_of(written.content)


def test_real_speech_becomes_words_for_the_box_and_nothing_else(
    building: Building, gateway: Gateway, server: SpeechServer, doctor: TestClient, tmp_path: Path
) -> None:
    assigned(building, gateway, REAL, Work.SPEECH)
    path = begun(doctor)
    sound = said_aloud(tmp_path, WORDS).read_bytes()
    heard = hear(doctor, path, "lines", sound)
    assert (heard.status_code, heard.json()) == (200, {"text": WORDS})
    assert server.seen()[-1]["language"] == "en"
    number, content = kept(building, path)
    assert number == 2 and content.lines == "" and "stomach" not in repr(content)
    [one] = content.transcribed
    assert one.part == "lines" and one.model.startswith(f"{REAL}@")
    assert one.prompt.startswith("speech-request@")
    rows = building.rows("select * from signoff.manuscript_version")
    assert len(rows) >= 2
    for row in rows:
        assert b"stomach" not in repr(row).encode() and b"RIFF" not in repr(row).encode()
    asked = building.events(kinds=[EventKind.MODEL_ASKED])[-1]
    assert (asked.patient, asked.actor) == ("p1", building.who("wang").actor)
    assert "stomach" not in repr(building.events())


def test_more_of_the_same_makes_no_more_versions_and_disturbs_no_typing(
    building: Building, gateway: Gateway, doctor: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path = begun(doctor)
    for part in ("lines", "lines", "dialogue", "dialogue"):
        assert hear(doctor, path, part).json() == {"text": ODD}
    assert kept(building, path)[0] == 3
    saved = doctor.post(f"{path}/saved", data={"base": "1", "dialogue": f"Doctor: hi\n{ODD}"})
    assert saved.status_code == 200 and base(saved.text) == "4"
    number, content = kept(building, path)
    assert (number, content.dialogue) == (4, f"Doctor: hi\n{ODD}")
    assert [one.part for one in content.transcribed] == ["lines", "dialogue"]


def test_who_signs_is_told_by_what_it_was_heard_and_how_it_may_be_wrong(
    building: Building, gateway: Gateway, doctor: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path = begun(doctor)
    hear(doctor, path, "dialogue")
    dialogue = "any fever\nDoctor: any cough?\nPatient: yes"
    form = {"base": "2", "dialogue": dialogue, "section:chief": "cough"}
    page = doctor.post(path, data={**form, "do": "save"}).text
    assert "without a speaker: 1" in page and "written down by hears-odd@" in page
    answer = doctor.post(path, data={**form, "base": base(page), "do": "propose"})
    draft = str(answer.url).split("/")[-1]
    why = building.open("wang", draft).draft.explanation
    model = kept(building, path)[1].transcribed[0].model
    limits = " ".join(one.en for one in why.limits)
    assert model in limits and "misheard" in limits and "though nobody said" in limits
    assert "lines without a speaker: 1" in limits and "No recording was kept" in limits
    assert model in " ".join(one.zh for one in why.limits)
    assert f"model:{model}" in targets_of(why), "a recall of the speech model finds it"
    assert any(one.startswith("speech-request@") for one in why.inputs)
    assert model in answer.text
    # and once signed, what leaves says so as well
    building.decide("wang", draft, "accept")
    chart = building.floor.chart.reader(building.who("wang")).open("p1")
    [signed] = [one.resource for one in chart.versions if one.type == "Provenance"]
    named = [one["what"].get("identifier", {}).get("value") for one in signed["entity"]]
    assert model in named and "speech-request@1" in named


@pytest.mark.parametrize(
    ("model", "status", "said"),
    [("hears-nothing", 200, {"silent": True}), ("fails", 503, {}), ("no-json", 503, {})],
)
def test_silence_and_a_failing_server_leave_everything_as_it_was(
    building: Building, gateway: Gateway, doctor: TestClient, model: str, status: int, said: object
) -> None:
    assigned(building, gateway, model, Work.SPEECH)
    path = begun(doctor)
    answer = hear(doctor, path, "dialogue")
    assert (answer.status_code, answer.json()) == (status, said)
    assert kept(building, path) == (1, kept(building, path)[1])
    assert kept(building, path)[1].transcribed == ()


def test_only_recordings_by_who_may_write_this_record(
    building: Building, floor: Floor, gateway: Gateway, server: SpeechServer, doctor: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path, before = begun(doctor), len(server.seen())
    for odd in (b"", b"%PDF-1.7", b"\x1aE\xdf\xa3" + bytes(LARGEST)):
        assert hear(doctor, path, "lines", odd).status_code in (413, 422)
    assert hear(doctor, path, "section:plan").status_code == 422
    assert hear(doctor, "/records/" + "a" * 36, "lines").status_code == 404
    building.who("nurse")
    assert hear(signed_in(floor, "nurse"), path, "lines").status_code in (403, 404)
    stranger = TestClient(build_http(floor, PAGED), "http://127.0.0.1", follow_redirects=False)
    assert hear(stranger, path, "lines").status_code in (303, 401, 403)
    forged = doctor.post(f"{path}/voice?part=lines", content=WEBM, headers={"x-csrf-token": "no"})
    assert forged.status_code == 403
    assert len(server.seen()) == before


def test_stopped_ai_hears_nothing_and_shows_no_microphone(
    building: Building, gateway: Gateway, server: SpeechServer, doctor: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path, before = begun(doctor), len(server.seen())
    assert "data-speak=" in doctor.get(path).text
    admin = building.who("admin")
    building.floor.switch.stop(admin, "test of the switch")
    try:
        answer = hear(doctor, path, "lines")
        assert answer.status_code == 503 and "AI is stopped" in answer.json()["said"]
        gateway.forget()
        assert len(server.seen()) == before
    finally:
        building.floor.switch.resume(admin, "test of the switch is over")
        gateway.forget()


def test_a_patient_who_refuses_ai_is_not_recorded(
    building: Building, floor: Floor, gateway: Gateway, server: SpeechServer, doctor: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path, before = begun(doctor, "p2"), len(server.seen())
    assert "data-speak=" in doctor.get(path).text
    resource = {
        "resourceType": "Consent", "id": "no-ai", "status": "active",
        "scope": {"text": "treatment"}, "category": [{"text": "treatment"}],
        "patient": {"reference": "Patient/p2"}, "policyRule": {"text": "wish"},
        "provision": {"type": "deny", "code": [{"coding": [
            {"system": "urn:countersign:consent", "code": "ai-processing"}]}]},
    }  # fmt: skip
    entry = {"resource": resource, "request": {"method": "PUT", "url": "Consent/no-ai"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    building.floor.chart.receive(IMPORTER, bundle, source="test", keep_ids=True)
    assert doctor.get(path).status_code == hear(doctor, path, "dialogue").status_code == 403
    transcribing = Transcribing(floor)  # held once more where no room's policy stands before it
    assert transcribing.ready("p2") is None and transcribing.ready("p1") is not None
    with pytest.raises(SpeechRefused):
        transcribing.write_down(WEBM, "en", building.who("wang"), "records", ("a test",), "p2")
    assert len(server.seen()) == before


def test_without_a_speech_server_the_page_is_as_it_was(
    building: Building, floor: Floor, gateway: Gateway, doctor: TestClient
) -> None:
    assigned(building, gateway, "hears-odd", Work.SPEECH)
    path = begun(doctor)
    page = doctor.get(path)
    assert page.text.count("data-speak=") == 2 and "MediaRecorder" in page.text
    assert "microphone=(self)" in page.headers["permissions-policy"]
    bare = signed_in(replace(floor, gateway=NoServers()), "wang")
    without = bare.get(path).text
    for word in ("data-speak=", "MediaRecorder", "mishear", "spoken", "without a speaker"):
        assert word not in without
    assert hear(bare, path, "lines").status_code == 503


def test_lines_without_a_speaker_are_counted() -> None:
    assert unmarked("") == unmarked("医生：发烧吗？\n患者：没有\n\n") == 0
    assert unmarked("发烧吗\nDoctor: no\n[patient] no\nyes") == 2


def test_a_record_from_before_there_were_microphones_is_read() -> None:
    old = Content(lines="zs 咳嗽").as_json()
    del old["transcribed"]
    assert content_of(old) == Content(lines="zs 咳嗽")
