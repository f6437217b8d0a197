"""The FHIR resources that a signed answer becomes, labelled with who asserted and who verified."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from countersign.ground.signoff import (
    KEPT,
    PERSON,
    Body,
    Signature,
    Signed,
    registered_of,
    writer,
)
from countersign.kit.clock import stamp
from countersign.kit.json import JSON
from countersign.kit.words import Words

AIAST: JSON = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
MODEL_VERSION = "urn:countersign:model-version"
"""``name@version`` of a registered prompt, rule pack or model that had a part in an answer."""

PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def compose(
    signed: Signed[Body],
    ids: Sequence[str],
    provenance_id: str,
    now: datetime,
    labels: Sequence[str] = (),
) -> list[JSON]:
    """The resources of a release, each with its id, and the Provenance of all of them.

    ``ids`` holds one identifier for each resource of the draft's body; a correction passes
    the identifiers of what it corrects. ``labels`` are the sensitivity labels of the draft,
    which what it becomes bears as well. What a person wrote is asserted by no model.
    """
    asserted = [] if signed.draft.body.written else [AIAST]
    security = [*asserted, *({"system": ACT_CODE, "code": label} for label in labels)]
    drafted = signed.draft.body.resources
    names = {
        f"{resource['resourceType']}/draft-{place}": f"{resource['resourceType']}/{identifier}"
        for place, (resource, identifier) in enumerate(zip(drafted, ids, strict=True))
    }
    written = [
        _labelled(signed, _linked(resource, names), identifier, security)
        for resource, identifier in zip(drafted, ids, strict=True)
    ]
    return [*written, _provenance(signed, written, provenance_id, now, security)]


def _labelled(
    signed: Signed[Body], resource: JSON, identifier: str, security: Sequence[JSON]
) -> JSON:
    kept = resource
    if signed.amended:
        names = KEPT[str(resource["resourceType"])]
        kept = _coded({name: value for name, value in resource.items() if name in names})
        kept = {**kept, **_own_words(kept, _plain(signed))}
    meta = dict(kept.get("meta", {}))
    labels = [*meta.pop("security", []), *security]
    meta |= {"security": labels} if labels else {}
    return {
        **kept,
        "id": identifier,
        **({"meta": meta} if meta else {}),
        "text": _narrative(signed),
    }


def _linked(resource: JSON, names: Mapping[str, str]) -> JSON:
    """A report with its results under the identifiers that they get now: a draft names the
    resources beside it by their places (``Observation/draft-0``)."""
    if "result" not in resource:
        return resource
    results = [
        {**one, "reference": names.get(str(one.get("reference")), one.get("reference"))}
        for one in resource["result"]
    ]
    return {**resource, "result": results}


def _coded(resource: JSON) -> JSON:
    """A DetectedIssue without the model's own title, which may name what was amended."""
    if resource["resourceType"] != "DetectedIssue" or "code" not in resource:
        return resource
    coding = resource["code"].get("coding")
    rest = {name: value for name, value in resource.items() if name != "code"}
    return {**rest, "code": {"coding": coding}} if coding else rest


def _own_words(resource: JSON, text: str) -> JSON:
    if resource["resourceType"] == "DetectedIssue":
        return {"detail": text}
    if resource["resourceType"] == "Observation":
        return {"valueString": text}
    if resource["resourceType"] == "ClinicalImpression":
        return {"summary": text}
    if resource["resourceType"] == "DiagnosticReport":
        return {"conclusion": text}
    if resource["resourceType"] == "CarePlan":
        return {"description": text}
    if resource["resourceType"] == "Composition":
        return {"section": [{"title": resource["title"], "text": _div(text, "additional")}]}
    if resource["resourceType"] == "DocumentReference":
        data = b64encode(text.encode()).decode()
        return {
            "content": [{"attachment": {"contentType": "text/plain;charset=utf-8", "data": data}}]
        }
    if resource["resourceType"] == "QuestionnaireResponse":
        return {"item": [{"linkId": "amended", "answer": [{"valueString": text}]}]}
    return {}


def _plain(signed: Signed[Body]) -> str:
    if isinstance(signed.text, Words):
        zh, en = signed.text.zh, signed.text.en
        return zh if zh == en else f"{zh}\n\n{en}"
    return signed.text[1]


def _narrative(signed: Signed[Body]) -> JSON:
    return _div(_plain(signed), "additional" if signed.amended else "generated")


def _div(text: str, status: str) -> JSON:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    return {
        "status": status,
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>',
    }


def _provenance(
    signed: Signed[Body],
    written: Sequence[JSON],
    identifier: str,
    now: datetime,
    security: Sequence[JSON],
) -> JSON:
    head, model = signed.draft.head, signed.draft.explanation.model
    signatures = [signed.first, *([signed.second] if signed.second else [])]
    return {
        "resourceType": "Provenance",
        "id": identifier,
        **({"meta": {"security": list(security)}} if security else {}),
        "contained": [
            {
                "resourceType": "Device",
                "id": "model",
                "identifier": [{"system": "urn:countersign:model-digest", "value": model.digest}],
                "deviceName": [{"name": model.name, "type": "model-name"}],
                "version": [{"value": model.version}],
            }
        ],
        "target": [{"reference": f"{one['resourceType']}/{one['id']}"} for one in written],
        "recorded": stamp(now),
        "activity": {"text": "amended" if signed.amended else "accepted"},
        "agent": [
            *_authors(signed, written),
            *[_verifier(signature) for signature in signatures],
        ],
        "entity": [
            {
                "role": "derivation",
                "what": {"identifier": {"system": "urn:countersign:draft", "value": head.id}},
            },
            *[
                {"role": "source", "what": {"reference": reference}}
                for reference in signed.draft.explanation.inputs
                if "/" in reference
            ],
            *[
                {
                    "role": "source",
                    "what": {"identifier": {"system": MODEL_VERSION, "value": label}},
                }
                for label in registered_of(signed.draft.explanation)
            ],
        ],
    }


def _authors(signed: Signed[Body], written: Sequence[JSON]) -> list[JSON]:
    """The model; of an order the person who wrote it, with the model as what checked it."""
    model: JSON = {"reference": "#model"}
    if not signed.draft.body.written:
        return [{"type": _participant("author"), "who": model}]
    writers = dict.fromkeys(one for each in written if (one := writer(each)))
    return [
        *({"type": _participant("author"), "who": _person(one)} for one in writers),
        {"type": {"text": "checked by"}, "who": model},
    ]


def _participant(code: str) -> JSON:
    return {"coding": [{"system": PARTICIPANT, "code": code}]}


def _verifier(signature: Signature) -> JSON:
    verifier: JSON = {
        "type": _participant("verifier"),
        "who": _person(signature.signer),
        "role": [{"text": signature.licence_kind}],
    }
    if signature.on_behalf_of is not None:
        verifier["onBehalfOf"] = _person(signature.on_behalf_of)
    return verifier


def _person(identifier: str) -> JSON:
    return {
        "type": "Practitioner",
        "identifier": {"system": PERSON, "value": identifier},
    }
