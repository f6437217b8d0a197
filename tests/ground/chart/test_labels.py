"""What a model wrote does not come in from outside, however it is labelled."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.ground.chart import Limits, UnsignedAI, prepare, prepare_own
from countersign.kit.ids import new_id
from countersign.kit.json import JSON, encode
from ground.chart.hospital import observation, patient, transaction

SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
GUIDE = "http://hl7.org/fhir/uv/aitransparency/CodeSystem/AddedProvenanceCS"
INLINE = "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label"
AIAST = {"system": SYSTEM, "code": "AIAST"}


def provenance(**agent: Any) -> JSON:
    return {
        "resourceType": "Provenance",
        "id": "x",
        "target": [{"reference": "Observation/o1"}],
        "recorded": "2026-11-22T08:00:00Z",
        "agent": [agent],
    }


def role(code: str) -> JSON:
    system = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
    return {"coding": [{"system": system, "code": code}]}


DEVICE = {"resourceType": "Device", "id": "d"}


def take(*resources: JSON, **bundle: Any) -> None:
    prepare(encode({**transaction(patient(), *resources), **bundle}), Limits(), new_id)


@pytest.mark.parametrize(
    "change",
    [
        {"meta": {"security": [AIAST]}},
        {"meta": {"security": [{"code": "aiast"}]}},
        {
            "meta": {
                "security": [{"system": "http://hl7.org/fhir/v3/ObservationValue", "code": "AIAST"}]
            }
        },
        {"meta": {"security": [{"system": "urn:my", "code": "AIAST"}]}},
        {"meta": {"security": [{"system": GUIDE, "code": "AIRPT"}]}},
        {"meta": {"security": [{"system": GUIDE, "code": "CLINAST_AIRPT"}]}},
        {"meta": {"security": [{"system": GUIDE, "code": "AIAST_CLINRPT"}]}},
        {"meta": {"tag": [AIAST]}},
        {"meta": {"profile": ["http://hl7.org/fhir/uv/aitransparency/StructureDefinition/AIData"]}},
        {"interpretation": [{"coding": [AIAST]}]},
        {"code": {"text": "x", "extension": [{"url": INLINE, "valueCoding": AIAST}]}},
        {
            "contained": [
                {
                    "resourceType": "Observation",
                    "id": "c",
                    "status": "final",
                    "code": {"text": "x"},
                    "meta": {"security": [AIAST]},
                }
            ]
        },
    ],
)
def test_a_label_of_ai_is_refused_by_its_entry(change: JSON) -> None:
    with pytest.raises(UnsignedAI, match=r"Entry 2 \(Observation\)") as caught:
        take(observation(**change))
    assert (caught.value.code, caught.value.status) == ("chart.unsigned_ai", 422)


def test_an_escaped_label_is_seen() -> None:
    raw = encode(transaction(patient(), observation(meta={"security": [AIAST]})))
    with pytest.raises(UnsignedAI):
        prepare(raw.replace(b"AIAST", b"\\u0041IAS\\u0054"), Limits(), new_id)


def test_a_label_on_the_bundle_is_refused() -> None:
    with pytest.raises(UnsignedAI):
        take(observation(), meta={"security": [AIAST]})


@pytest.mark.parametrize(
    "extra",
    [
        [provenance(type=role("author"), who={"reference": "Device/d"})],
        [provenance(type=role("author"), who={"type": "Device", "display": "x"})],
        [provenance(who={"reference": "http://x.example/fhir/Device/7"})],
        [provenance(role=[role("author")], who={"reference": "Device/d"})],
        [{**provenance(type=role("author"), who={"reference": "#d"}), "contained": [DEVICE]}],
    ],
)
def test_a_device_as_author_is_refused(extra: list[JSON]) -> None:
    with pytest.raises(UnsignedAI, match="Provenance"):
        take(observation(), DEVICE, *extra)


def test_a_device_named_by_its_urn_is_recognised() -> None:
    urn = "urn:uuid:2c4e4abf-b81d-4791-9046-7cdff816061f"
    bundle = transaction(
        patient(), observation(), provenance(type=role("author"), who={"reference": urn})
    )
    bundle["entry"].append(
        {
            "fullUrl": urn,
            "resource": {"resourceType": "Device"},
            "request": {"method": "POST", "url": "Device"},
        }
    )
    with pytest.raises(UnsignedAI, match="Provenance"):
        prepare(encode(bundle), Limits(), new_id)


@pytest.mark.parametrize(
    "resource",
    [
        observation(device={"reference": "Device/d"}),
        observation(meta={"security": [{"system": SYSTEM, "code": "DEVAST"}]}),
        observation(note=[{"text": "AIAST is a label"}]),
        observation(code={"coding": [{"system": "urn:other", "code": "AIAST"}]}),
        provenance(type=role("assembler"), who={"reference": "Device/d"}),
        provenance(type=role("author"), who={"reference": "Practitioner/li"}),
    ],
)
def test_what_an_analyser_or_a_person_did_comes_in(resource: JSON) -> None:
    kind = resource["resourceType"]
    take(DEVICE, resource, *([observation()] if kind == "Provenance" else []))


def test_release_may_prepare_what_it_labels() -> None:
    own = prepare_own([observation(meta={"security": [AIAST]})], Limits())
    assert own[0].owner == "p1" and b"AIAST" in own[0].content
