"""A room gets whole, well-formed answers, its fall-back named, or is told that there are none."""

from __future__ import annotations

import time

import pytest

from countersign.ground.ledger import EventKind
from countersign.ground.models import (
    AnswerUnfinished,
    ModelsAway,
    NoLanguageModel,
    PassedOver,
    UnknownModel,
    Work,
)
from ground.models.gateway.ward import PRICES, SECRET, WANG, Ward
from llm.server import FaultServer


def test_nobody_is_assigned(here: Ward) -> None:
    assert here.gateway.ready(Work.ANSWER) is None
    with pytest.raises(NoLanguageModel):
        here.gateway.ask(here.asked())


def test_a_whole_answer_with_its_model_and_record(here: Ward, faulty: FaultServer) -> None:
    here.connect("dear", faulty.address, **PRICES)
    here.assign(("dear", "ok"))
    ready = here.gateway.ready(Work.ANSWER)
    assert ready is not None and (ready.server, ready.first) == ("dear", True)
    said = here.gateway.ask(here.asked(patient="p1"))
    assert said.text == "It is high."
    assert (said.server, said.model, said.passed_over) == ("dear", ready.model, ())
    assert said.tokens_out > 0 and 0 < said.first_token_seconds <= said.seconds
    [call] = here.calls()
    assert (call["id"], call["outcome"], call["actor"]) == (said.call, "answered", WANG.actor)
    assert call["inputs"] == ["Observation/1/2"]
    assert call["cost"] > 0
    assert call["digest"].hex() == said.model.digest
    [asked] = here.events(EventKind.MODEL_ASKED)
    [answered] = here.events(EventKind.MODEL_ANSWERED)
    assert asked.patient == answered.patient == "p1"
    assert asked.subject == answered.subject == f"call:{said.call}"
    assert asked.model == said.model.label
    assert asked.commits["prompt"] == said.prompt.digest


def test_nothing_of_the_chart_or_the_answer_is_kept(here: Ward) -> None:
    here.assign(("one", "echo"))
    said = here.gateway.ask(here.asked())
    assert SECRET in said.text
    assert SECRET not in repr(said)
    kept = str(here.calls()) + "".join(str(one) for kind in EventKind for one in here.events(kind))
    assert SECRET not in kept


@pytest.mark.parametrize("model", ["json", "repairs", "wants-prompt", "reasoning", "think"])
def test_json_is_valid_however_the_server_gives_it(here: Ward, model: str) -> None:
    here.assign(("one", model))
    said = here.gateway.ask(here.asked(here.form))
    assert said.value == {"answer": "x", "sure": 0}
    assert said.repaired == (model in ("repairs", "wants-prompt"))
    assert here.calls()[-1]["outcome"] == ("repaired" if said.repaired else "answered")
    if model in ("reasoning", "think"):
        assert said.reasoning == "The patient may bleed."
        assert "bleed" not in said.text


def test_a_server_that_ignores_a_schema_is_told_it_in_words_from_then_on(here: Ward) -> None:
    here.assign(("one", "wants-prompt"))
    assert here.gateway.ask(here.asked(here.form)).repaired
    assert not here.gateway.ask(here.asked(here.form)).repaired


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("half-json", "models.answer-invalid"),
        ("length", "models.answer-cut"),
        ("ignores-schema", "models.answer-invalid"),
        ("cut-3", "models.server-cut"),
        ("fail", "models.server-failed"),
        ("unauthorized", "models.server-refused"),
        ("too-long", "models.request-refused"),
        ("html", "models.server-failed"),
        ("huge", "models.answer-too-long"),
        ("bad-utf8", "models.server-failed"),
        ("error-event", "models.server-failed"),
        ("busy-9", "models.server-busy"),
        ("empty", "models.answer-invalid"),
    ],
)
def test_a_bad_answer_is_passed_over_and_the_next_model_named(
    here: Ward, model: str, why: str
) -> None:
    here.assign(("one", model), ("one", "json"))
    said = here.gateway.ask(here.asked(here.form))
    assert said.value == {"answer": "x", "sure": 0}
    assert said.passed_over == (PassedOver("one", model, why),)
    assert here.calls()[-1]["passed"] == [{"server": "one", "model": model, "why": why}]


@pytest.mark.parametrize("model", ["half-json", "length", "cut-3", "no-finish", "empty"])
def test_half_an_answer_is_never_whole(here: Ward, model: str) -> None:
    prompt = here.prose if model == "no-finish" else here.form
    here.assign(("one", model))
    with pytest.raises(ModelsAway):
        here.gateway.ask(here.asked(prompt))
    with here.gateway.stream(here.asked(prompt)) as stream:
        with pytest.raises(ModelsAway):
            list(stream)
        with pytest.raises(AnswerUnfinished):
            _ = stream.said
    assert {call["outcome"] for call in here.calls()} == {"failed"}


def test_a_lie_about_the_length_does_not_matter_where_the_json_is_whole(here: Ward) -> None:
    here.assign(("one", "lies-length"))
    assert here.gateway.ask(here.asked(here.form)).value == {"answer": "x", "sure": 0}


@pytest.mark.parametrize("model", ["hang", "hang-3", "slow-1"])
def test_nobody_is_held_past_the_deadline(here: Ward, model: str) -> None:
    here.assign(("one", model))
    begun = time.monotonic()
    with pytest.raises(ModelsAway):
        here.gateway.ask(here.asked(seconds=1.0))
    assert time.monotonic() - begun < 5
    assert here.calls()[-1]["why"] == "models.server-hung"


def test_a_hung_model_leaves_time_for_the_next(here: Ward) -> None:
    here.assign(("one", "hang"), ("one", "ok"))
    said = here.gateway.ask(here.asked(seconds=4.0))
    assert said.passed_over == (PassedOver("one", "hang", "models.server-hung"),)
    with here.gateway.stream(here.asked(seconds=4.0)) as stream:
        assert "".join(stream) == "It is high."
        assert stream.said.passed_over[0].why == "models.server-hung"


def test_a_busy_server_is_asked_again_when_it_said(here: Ward, faulty: FaultServer) -> None:
    here.assign(("one", "busy-once"))
    before = sum(one["body"]["model"] == "busy-once" for one in faulty.seen())
    assert here.gateway.ask(here.asked()).text == "It is high."
    after = [one for one in faulty.seen() if one["body"]["model"] == "busy-once"]
    assert len(after) - before == (2 if before == 0 else 1)


def test_a_request_that_met_a_closed_connection_goes_again(here: Ward) -> None:
    here.assign(("one", "drop-once"))
    said = here.gateway.ask(here.asked())
    assert (said.text, said.passed_over) == ("It is high.", ())


def test_it_goes_again_over_a_new_connection_though_others_are_kept(here: Ward) -> None:
    here.assign(("one", "leaves"))
    with here.gateway.stream(here.asked()) as one, here.gateway.stream(here.asked()) as other:
        pieces = iter(one)
        first = next(pieces)
        assert "".join(other) == first + "".join(pieces) == "It is high."
    said = here.gateway.ask(here.asked())
    assert (said.text, said.passed_over) == ("It is high.", ())


def test_the_answer_streams_and_is_whole_at_its_end(here: Ward) -> None:
    here.assign(("one", "think"))
    with here.gateway.stream(here.asked()) as stream:
        pieces = iter(stream)
        first = next(pieces)
        with pytest.raises(AnswerUnfinished):
            _ = stream.said
        assert first + "".join(pieces) == stream.said.text == "It is high."
        assert stream.said.reasoning == "The patient may bleed."


def test_an_answer_that_is_left_is_recorded_and_its_place_is_free(here: Ward) -> None:
    here.assign(("one", "pace-40"))
    with here.gateway.stream(here.asked()) as stream:
        next(iter(stream))
        assert here.gateway.places.loads()["one"].working == 1
    assert here.gateway.places.loads() == {}
    assert here.calls()[-1]["outcome"] == "given-up"


def test_what_is_not_registered_asks_nobody(here: Ward, faulty: FaultServer) -> None:
    from dataclasses import replace

    here.assign(("one", "ok"))
    seen = len(faulty.seen())
    odd = replace(here.prose, ref=replace(here.prose.ref, digest="cd" * 32))
    with pytest.raises(UnknownModel):
        here.gateway.ask(here.asked(odd))
    assert len(faulty.seen()) == seen
