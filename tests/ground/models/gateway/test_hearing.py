"""A recording is written down by a real speech server, its call recorded, and no sound kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from countersign.ground.ledger import EventKind
from countersign.ground.models import (
    HEARING_CARD,
    AIStopped,
    ModelCard,
    ModelKind,
    ModelsAway,
    NoLanguageModel,
    Spoken,
    UnknownModel,
    Work,
)
from countersign.kit.words import Words
from ground.models.gateway.ward import ADMIN, WANG, Ward
from llm.speech import REAL, SpeechServer, said_aloud, speech_server

RIFF = b"RIFF\x24\x00\x00\x00WAVE"
TEST = Spoken(RIFF, "audio/wav", "en", WANG, "preconsult", ("interview 7",), "p1", seconds=10.0)


@pytest.fixture(scope="module")
def server() -> Iterator[SpeechServer]:
    with speech_server() as one:
        yield one


@pytest.fixture
def hears(here: Ward, server: SpeechServer) -> Ward:
    here.connect("ears", server.address)
    here.registry.register(*HEARING_CARD)
    return here


def test_real_speech_is_recognised(hears: Ward, server: SpeechServer, tmp_path: Path) -> None:
    hears.assign(("ears", REAL), work=Work.SPEECH, seconds=60.0)
    sound = said_aloud(tmp_path, "my stomach hurts after dinner").read_bytes()
    said = hears.gateway.hear(replace(TEST, content=sound, seconds=60.0))
    assert said.text == "my stomach hurts after dinner"
    assert (said.server, said.prompt.name) == ("ears", "speech-request")
    got = server.seen()[-1]
    assert (got["language"], got["temperature"], got["response_format"]) == ("en", "0", "json")
    assert (got["file"], got["media"], got["size"]) == ("recording.wav", "audio/wav", len(sound))
    [call] = hears.calls()
    assert (call["work"], call["outcome"], call["inputs"]) == (
        "speech",
        "answered",
        ["interview 7"],
    )
    [asked] = hears.events(EventKind.MODEL_ASKED)
    [answered] = hears.events(EventKind.MODEL_ANSWERED)
    assert asked.patient == answered.patient == "p1"
    kept = str(hears.calls()) + str(asked) + str(answered)
    assert "stomach" not in kept and "RIFF" not in kept and "stomach" not in repr(said)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("fails", "models.server-failed"),
        ("busy", "models.server-busy"),
        ("html", "models.server-failed"),
        ("no-text", "models.answer-invalid"),
        ("no-json", "models.answer-invalid"),
        ("refuses", "models.request-refused"),
    ],
)
def test_a_server_that_fails_gives_no_text(hears: Ward, model: str, why: str) -> None:
    hears.assign(("ears", model), work=Work.SPEECH)
    with pytest.raises(ModelsAway, match=why):
        hears.gateway.hear(TEST)
    [call] = hears.calls()
    assert (call["outcome"], call["why"], call["server"]) == ("failed", why, None)


def test_another_server_is_asked_where_the_first_fails(hears: Ward) -> None:
    hears.assign(("ears", "fails"), ("ears", "hears-odd"), work=Work.SPEECH)
    said = hears.gateway.hear(TEST)
    assert [one.why for one in said.passed_over] == ["models.server-failed"]
    assert said.text == "Thank you for watching"  # without the sign that nobody sees


def test_a_slow_server_is_left_and_a_long_answer_cut(hears: Ward) -> None:
    hears.assign(("ears", "sleeps"), work=Work.SPEECH)
    with pytest.raises(ModelsAway, match="server-hung"):
        hears.gateway.hear(replace(TEST, seconds=1.0))
    hears.gateway.breakers.answered("ears")
    hears.gateway.forget()
    hears.assign(("ears", "hears-long"), work=Work.SPEECH)
    assert len(hears.gateway.hear(TEST).text) == 4000
    hears.assign(("ears", "hears-nothing"), work=Work.SPEECH)
    assert hears.gateway.hear(TEST).text == ""


def test_nobody_hears_unless_assigned_registered_and_running(
    here: Ward, server: SpeechServer
) -> None:
    with pytest.raises((NoLanguageModel, UnknownModel)):
        here.gateway.hear(TEST)
    here.registry.register(*HEARING_CARD)
    here.connect("ears", server.address)
    assert here.gateway.ready(Work.SPEECH) is None
    here.assign(("ears", "hears-nothing"), work=Work.SPEECH)
    assert here.gateway.ready(Work.SPEECH) is not None
    here.switch.stop(ADMIN, "test of the switch")
    try:
        with pytest.raises(AIStopped):
            here.gateway.hear(TEST)
    finally:
        here.switch.resume(ADMIN, "test of the switch is over")
        time.sleep(0.6)


def test_a_model_that_only_writes_down_speech_is_called_a_speech_model(hears: Ward) -> None:
    def card(model: str) -> ModelCard:
        served = hears.desk.servers()["ears"].served(model)
        assert served is not None
        return hears.registry.card(served.ref)

    assert card("hears-odd").title == Words("Language model hears-odd", "语言模型 hears-odd")
    hears.assign(("ears", "hears-odd"), ("ears", "hears-long"), work=Work.SPEECH)
    for model in ("hears-odd", "hears-long"):
        assert card(model).title == Words(f"Speech model {model}", f"语音模型 {model}")
        assert card(model).kind is ModelKind.SPEECH
        assert "mishear" in " ".join(one.en for one in card(model).limits)
    assert hears.registry.card(hears.gateway.hear(TEST).model).title.en == "Speech model hears-odd"
    assert card("hears-nothing").title.en == "Language model hears-nothing"
    # a new look at the server changes nothing of it, work of another kind and no work do
    hears.desk.probe(ADMIN, "ears")
    assert card("hears-odd").kind is ModelKind.SPEECH
    hears.assign(("ears", "hears-long"), work=Work.ANSWER)
    assert card("hears-long").title.en == "Language model hears-long"
    assert card("hears-odd").kind is ModelKind.SPEECH
    hears.assign(work=Work.ANSWER)
    assert card("hears-long").kind is ModelKind.SPEECH
    hears.assign(work=Work.SPEECH)
    assert card("hears-odd").title.en == "Language model hears-odd"
