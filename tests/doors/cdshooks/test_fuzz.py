"""Whatever is sent: a call, feedback or a token is read or refused in our own words, never else."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.doors.cdshooks import feedback, request, sent
from countersign.doors.cdshooks.cards import plain
from countersign.doors.cdshooks.errors import BadFeedback, BadHook
from countersign.doors.cdshooks.services import SERVICES
from countersign.ground.identity import NotProved
from countersign.ground.identity.cds.proving import check, peek
from countersign.kit.json import decode
from doors.cdshooks.stage import THEIRS, call, record

NOW = datetime(2026, 11, 26, tzinfo=UTC)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
)
KEYS = st.sampled_from(
    ["resourceType", "id", "code", "coding", "system", "value", "entry", "resource", "status",
     "valueQuantity", "effectiveDateTime", "subject", "reference", "identifier", "link", "x"]
)  # fmt: skip
JSONS: st.SearchStrategy[Any] = st.recursive(
    LEAVES | st.sampled_from(["Observation", "Patient", "Bundle", "http://loinc.org", "final"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
PLACES = ["hook", "hookInstance", "fhirServer", "fhirAuthorization", "context", "prefetch"]


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes(raw: bytes) -> None:
    for service in SERVICES.values():
        with contextlib.suppress(BadHook):
            request.read(raw, service)
    with contextlib.suppress(BadFeedback):
        feedback.read(raw)


@given(st.sampled_from(PLACES), JSONS, st.sampled_from(sorted(SERVICES)))
@settings(max_examples=150, deadline=None)
def test_a_call_with_anything_in_one_place(place: str, value: Any, service: str) -> None:
    body = {**call(str(SERVICES[service].hook)), place: value}
    try:
        asked = request.read(json.dumps(body).encode(), SERVICES[service])
    except BadHook as problem:
        assert SECRET_TEXT not in problem.sentence()
        return
    assert asked.patient == THEIRS or place == "context"
    assert asked.token is None or asked.fhir_server is not None


SECRET_TEXT = "0001"
"""The patient's number in the call: no refusal may repeat it."""


@given(
    st.dictionaries(
        st.sampled_from(["card", "outcome", "overrideReason", "acceptedSuggestions"]),
        st.sampled_from(["accepted", "overridden", "c1"]) | JSONS,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_feedback(item: dict[str, Any]) -> None:
    try:
        told = feedback.read(json.dumps({"feedback": [item]}).encode())
    except BadFeedback:
        return
    assert told[0].outcome in ("accepted", "overridden") and told[0].card


@given(JSONS)
@settings(max_examples=200, deadline=None)
def test_anything_sent_along_is_a_resource_or_counted_as_unread(value: Any) -> None:
    value = decode(json.dumps(value))
    assert sent.resource(value, "Patient") is None or value["resourceType"] == "Patient"
    found, unread = sent.results({"resourceType": "Bundle", "entry": [{"resource": value}]})
    assert len(found) + unread <= 1
    limits = sent.limits_of(found, unread, frozenset(), "1950-05-06", NOW)
    assert all(one.en and one.zh for one in limits)
    if isinstance(value, dict):
        kept, _ = sent.orders([value], THEIRS, "p1")
        assert all("Patient/p1" in json.dumps(one, default=str) for one in kept)


QUANTITY = st.decimals(allow_nan=False, allow_infinity=False).map(str)


@given(QUANTITY, st.dates().map(str), st.sampled_from(["http://loinc.org", "urn:other", ""]))
@settings(max_examples=150, deadline=None)
def test_results_are_new_or_known_or_named_as_unfit(value: str, day: str, system: str) -> None:
    raw = (
        '{{"resourceType":"Observation","status":"final","effectiveDateTime":"{}",'
        '"code":{{"coding":[{{"system":"{}","code":"1-1"}}]}},"valueQuantity":{{"value":{}}}}}'
    ).format(day, system or "urn:x", value)
    one = sent.resource(decode(raw), "Observation")
    if one is None:
        return
    known = sent.same(one)
    assert (
        sent.limits_of([one], 0, known, "", NOW) == ()
        or not sent.possible(one, "", NOW)
        or (system != "http://loinc.org")
    )
    if sent.possible(one, "", NOW):
        assert sent.limits_of([one], 0, frozenset(), "", NOW)


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_token(text: str) -> None:
    try:
        _, claims = peek(text)
        check(claims, "a", NOW)
    except NotProved:
        pass


@given(st.dictionaries(st.sampled_from(["aud", "jti", "exp", "iat", "nbf"]), LEAVES))
@settings(max_examples=100, deadline=None)
def test_any_claims(claims: dict[str, Any]) -> None:
    try:
        check(claims, "a", NOW)
    except NotProved:
        return
    assert claims["aud"] == "a" and claims["jti"]


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_text_of_a_chart_becomes_a_link_or_html(text: str) -> None:
    shown = plain(f"[x](http://{text}) <img src=x> ![y](z)")
    assert "<" not in shown and "](" not in shown.replace("\\](", "") and "://" not in shown


def test_a_sound_call_is_read() -> None:
    asked = request.read(json.dumps(call()).encode(), SERVICES["countersign-patient-view"])
    assert asked.prefetch == {"patient": record()}
