"""A bundle is understood as FHIR means it, or refused with its entry and the reason."""

from __future__ import annotations

import pickle
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.chart import (
    DuplicateEntry,
    Invalid,
    Limits,
    MissingReference,
    NoPatient,
    NotABundle,
    Prepared,
    Refusal,
    Refused,
    TooLarge,
    TwoPatients,
    Unsupported,
    prepare,
)
from countersign.kit.ids import new_id
from countersign.kit.json import JSON, MalformedJSON, decode, encode
from ground.chart.hospital import encounter, observation, patient, transaction

LIMITS = Limits()
URN = "urn:uuid:2c4e4abf-b81d-4791-9046-7cdff816061f"
OTHER = "urn:uuid:9a7149fa-49fc-3c87-b935-d29c55808717"


def run(bundle: JSON, *, keep_ids: bool = False, **options: Any) -> list[Prepared]:
    found = prepare(encode(bundle), LIMITS, new_id, keep_ids=keep_ids, **options).items
    assert all(isinstance(one, Prepared) for one in found)
    return [one for one in found if isinstance(one, Prepared)]


def posted(*pairs: tuple[str, JSON], kind: str = "transaction") -> JSON:
    entries = [
        {
            "fullUrl": url,
            "resource": {name: value for name, value in one.items() if name != "id"},
            "request": {"method": "POST", "url": one["resourceType"]},
        }
        for url, one in pairs
    ]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def refused(bundle: JSON, **options: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        run(bundle, **options)
    return caught.value


def test_urns_become_the_identifiers_that_the_chart_gives() -> None:
    items = run(posted((URN, patient()), (OTHER, observation("o", URN))))
    person, result = items
    assert decode(result.content)["subject"] == {"reference": f"Patient/{person.id}"}
    assert result.owner == person.id and person.owner == person.id
    assert person.id != URN[9:] and UUID(person.id).version == 7


def test_an_import_keeps_the_identifiers_of_the_file() -> None:
    items = run(posted((URN, patient()), (OTHER, observation("o", URN))), keep_ids=True)
    assert [one.id for one in items] == [URN[9:], OTHER[9:]]
    again = run(posted((URN, patient()), (OTHER, observation("o", URN))), keep_ids=True)
    assert [one.digest for one in again] == [one.digest for one in items]


def test_references_are_resolved_wherever_they_stand() -> None:
    claim: JSON = {
        "resourceType": "Claim",
        "status": "active",
        "use": "claim",
        "type": {"text": "x"},
        "patient": {"reference": URN},
        "created": "2026-11-22",
        "provider": {"display": "x"},
        "priority": {"text": "normal"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "x"}}],
        "item": [{"sequence": 1, "productOrService": {"text": "x"}, "encounter": []}],
        "contained": [
            {
                "resourceType": "Coverage",
                "id": "c",
                "status": "active",
                "beneficiary": {"reference": URN.upper().replace("URN:UUID", "urn:uuid")},
                "payor": [{"display": "x"}],
            }
        ],
    }
    visit = "urn:uuid:c3d0e138-ee94-436e-a2b9-d90db6814ba4"
    claim["item"][0]["encounter"] = [{"reference": visit}]
    items = run(posted((URN, patient()), (visit, encounter("e", URN)), (OTHER, claim)))
    written = decode(items[2].content)
    assert written["item"][0]["encounter"][0]["reference"] == f"Encounter/{items[1].id}"
    assert written["contained"][0]["beneficiary"]["reference"] == f"Patient/{items[0].id}"
    assert "urn:uuid" not in items[2].content.decode()


def test_attachments_follow_their_binary_and_it_belongs_to_the_same_patient() -> None:
    document: JSON = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": "Patient/p1"},
        "content": [{"attachment": {"contentType": "text/plain", "url": URN}}],
    }
    binary: JSON = {"resourceType": "Binary", "contentType": "text/plain", "data": "YWJj"}
    items = run(posted((OTHER, document), (URN, binary)))
    url = decode(items[0].content)["content"][0]["attachment"]["url"]
    assert url == f"Binary/{items[1].id}" and items[1].owner == "p1"
    assert isinstance(refused(posted((URN, binary))), NoPatient)


def test_full_addresses_are_resolved_within_the_bundle() -> None:
    base = "http://his.example/fhir"
    bundle = posted(
        (f"{base}/Patient/7", patient()), (f"{base}/Observation/8", observation("o", "Patient/7"))
    )
    items = run(bundle)
    assert decode(items[1].content)["subject"]["reference"] == f"Patient/{items[0].id}"


def test_what_is_not_in_the_bundle_is_left_to_the_chart() -> None:
    items = run(transaction(observation("o1", "Patient/p9")))
    assert items[0].links == ("Patient/p9",) and items[0].owner == "p9"


@pytest.mark.parametrize(
    "reference", [URN, "nonsense", "Patient?name=王", "Patient/a b", "javascript:1"]
)
def test_a_reference_to_nothing_is_refused_without_repeating_text(reference: str) -> None:
    problem = refused(transaction(patient(), observation("o1", reference)))
    assert isinstance(problem, MissingReference) and problem.entry == 1
    assert "王" not in str(problem) and "javascript" not in str(problem)


def test_conditions_are_asked_before_anything_is_done() -> None:
    bundle = posted((URN, patient()), (OTHER, observation("o", URN)))
    bundle["entry"][0]["request"]["ifNoneExist"] = "identifier=urn%3Amrn|MRN-p1"
    asks = prepare(encode(bundle), LIMITS, new_id).asks
    assert asks == ("Patient?identifier=urn:mrn|MRN-p1",)
    old = run(bundle, known={asks[0]: "p1"})
    assert (old[0].existing, old[0].id) == (True, "p1")
    assert decode(old[1].content)["subject"]["reference"] == "Patient/p1"
    fresh = run(bundle, known={asks[0]: None})
    assert not fresh[0].existing and fresh[1].owner == fresh[0].id
    visit = transaction(
        encounter(participant=[{"individual": {"reference": "Practitioner?identifier=urn:npi|1"}}])
    )
    asks = prepare(encode(visit), LIMITS, new_id).asks
    assert asks == ("Practitioner?identifier=urn:npi|1",)
    assert run(visit, known={asks[0]: "li"})[0].links == ("Patient/p1", "Practitioner/li")
    assert isinstance(refused(visit, known={asks[0]: None}), MissingReference)


def test_two_patients_are_never_mixed() -> None:
    mixed = encounter("e1", "Patient/p1")
    result = observation("o1", "Patient/p2", encounter={"reference": "Encounter/e1"})
    both = [patient("p1"), patient("p2")]
    assert isinstance(refused(transaction(*both, mixed, result)), TwoPatients)
    account: JSON = {
        "resourceType": "Account",
        "id": "a",
        "status": "active",
        "subject": [{"reference": "Patient/p1"}, {"reference": "Patient/p2"}],
    }
    assert isinstance(refused(transaction(*both, account)), TwoPatients)
    linked = patient("p2", link=[{"other": {"reference": "Patient/p1"}, "type": "seealso"}])
    assert [one.owner for one in run(transaction(patient("p1"), linked))] == ["p1", "p2"]


def test_what_must_have_a_patient_needs_one() -> None:
    for subject in (
        {"display": "x"},
        {"reference": "#p"},
        {"reference": "http://x.example/Patient/1"},
    ):
        resource = observation(subject=subject)
        if subject.get("reference") == "#p":
            resource["contained"] = [{"resourceType": "Patient", "id": "p"}]
        problem = refused(transaction(resource))
        assert isinstance(problem, NoPatient) and "Observation.subject" in str(problem)
    place: JSON = {"resourceType": "Location", "id": "l", "name": "x"}
    items = run(transaction(place, observation(subject={"reference": "Location/l"})))
    assert [one.owner for one in items] == [None, None]


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ({"resource": patient(), "request": {"method": "PATCH", "url": "Patient/p1"}}, Unsupported),
        ({"resource": patient(), "request": {"method": "GET", "url": "Patient/p1"}}, Unsupported),
        ({"resource": patient(), "request": {"method": "PUT", "url": "Patient/p2"}}, Unsupported),
        ({"resource": patient(), "request": {"method": "PUT", "url": "Group/p1"}}, Unsupported),
        ({"resource": patient(), "request": {"method": "PUT", "url": "Patient?x=1"}}, Unsupported),
        ({"resource": patient(), "request": {"method": "POST", "url": "Patient/p1"}}, Unsupported),
        ({"resource": patient(), "request": {"method": "PUT"}}, Unsupported),
        ({"resource": patient()}, Unsupported),
        ({"request": {"method": "POST", "url": "Patient"}}, Unsupported),
        (
            {
                "resource": patient(),
                "request": {"method": "PUT", "url": "Patient/p1", "ifMatch": "3"},
            },
            Unsupported,
        ),
        (
            {
                "resource": {"resourceType": "Bundle"},
                "request": {"method": "POST", "url": "Bundle"},
            },
            Unsupported,
        ),
        ({"resource": "x", "request": {"method": "POST", "url": "Patient"}}, NotABundle),
        ({"fullUrl": 1}, NotABundle),
        ("x", NotABundle),
    ],
)
def test_an_entry_that_cannot_be_done_is_refused_by_its_number(
    entry: Any, error: type[Refused]
) -> None:
    bundle = transaction(patient("p0"))
    bundle["entry"].append(entry)
    problem = refused(bundle)
    assert isinstance(problem, error) and problem.entry == 1
    assert pickle.loads(pickle.dumps(problem.refusal())).entry == 1  # noqa: S301


def test_the_same_resource_twice_is_refused() -> None:
    assert isinstance(refused(transaction(patient(), patient())), DuplicateEntry)
    assert isinstance(refused(posted((URN, patient()), (URN, patient("x")))), DuplicateEntry)


def test_a_batch_keeps_what_is_right() -> None:
    bundle = transaction(patient(), observation(status=1), observation("o2"), kind="batch")
    items = prepare(encode(bundle), LIMITS, new_id).items
    assert [isinstance(one, Refusal) for one in items] == [False, True, False]
    assert isinstance(items[1], Refusal) and items[1].code == "chart.invalid"
    assert str(items[1].problems[0]) == "Observation.status must be a JSON string"
    assert "Entry 2 (Observation)" in items[1].sentence


@pytest.mark.parametrize("kind", ["collection", "searchset", "document"])
def test_plain_bundles_and_single_resources_keep_their_identifiers(kind: str) -> None:
    bundle = {"resourceType": "Bundle", "type": kind, "entry": [{"resource": patient()}]}
    assert [one.id for one in run(bundle)] == ["p1"]
    assert [one.id for one in run(patient())] == ["p1"]


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b'"x"',
        b"null",
        b"{}",
        b'{"resourceType":"Bundle"}',
        b'{"resourceType":"Bundle","type":"message"}',
        b'{"resourceType":"Bundle","type":"transaction","entry":{}}',
        b'{"resourceType":"Parameters"}',
    ],
)
def test_what_is_no_bundle_is_refused(raw: bytes) -> None:
    with pytest.raises(NotABundle):
        prepare(raw, LIMITS, new_id)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"a":1', b"\xff", b"[" * 100_000, b'{"a":' * 5_000_000, b'"\\ud800"']
)
def test_broken_json_is_refused(raw: bytes) -> None:
    with pytest.raises((MalformedJSON, TooLarge)):
        prepare(raw, LIMITS, new_id)


def test_limits_are_checked_first() -> None:
    raw = encode(transaction(patient()))
    for limits in (Limits(bytes=100), Limits(values=10), Limits(entries=0)):
        with pytest.raises(TooLarge):
            prepare(raw, limits, new_id)


def test_decimals_keep_every_digit() -> None:
    raw = encode(transaction(patient(), observation()))
    assert b'"value":6.50' in raw
    items = prepare(raw, LIMITS, new_id).items
    assert isinstance(items[1], Prepared) and b'"value":6.50' in items[1].content


def test_numbers_and_times_of_other_servers_are_not_kept() -> None:
    meta = {"versionId": "7", "lastUpdated": "2020-01-01T00:00:00Z", "tag": [{"code": "x"}]}
    first, second = run(patient(meta=meta))[0], run(patient(meta={"tag": [{"code": "x"}]}))[0]
    assert first.digest == second.digest
    assert run(patient(meta={"versionId": "7"}))[0].digest == run(patient())[0].digest


LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "type",
                    "entry",
                    "resource",
                    "request",
                    "method",
                    "url",
                    "fullUrl",
                    "id",
                    "subject",
                    "reference",
                    "meta",
                    "security",
                    "code",
                    "ifNoneExist",
                ]
            )
            | st.text(max_size=3),
            inner
            | st.sampled_from(["Patient", "Bundle", "POST", "PUT", "transaction", "batch", "p1"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=400, deadline=None)
@given(TREES)
def test_any_json_is_taken_or_refused_in_words(value: Any) -> None:
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [value, patient()]}
    for one in (value, bundle, {**bundle, "type": "transaction"}):
        try:
            prepare(encode(one), LIMITS, new_id)
        except (Refused, Invalid) as problem:
            assert problem.status in (413, 422) and problem.refusal().sentence


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_taken_or_refused_in_words(raw: bytes) -> None:
    with pytest.raises((Refused, MalformedJSON)):
        prepare(raw, LIMITS, new_id)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_resolved_references_always_point_into_the_bundle(data: st.DataObject) -> None:
    """Random webs of observations: each link ends at the resource that its URN named."""
    size = data.draw(st.integers(1, 8))
    urls = [f"urn:uuid:00000000-0000-4000-8000-{number:012}" for number in range(size)]
    webs = [
        data.draw(st.lists(st.sampled_from(urls), max_size=3, unique=True)) for _ in range(size)
    ]
    resources = [
        observation("x", URN, **({"hasMember": [{"reference": one} for one in web]} if web else {}))
        for web in webs
    ]
    items = run(posted((URN, patient()), *zip(urls, resources, strict=True)))
    ids = {url: items[number + 1].id for number, url in enumerate(urls)}
    for item, web in zip(items[1:], webs, strict=True):
        found = [one["reference"] for one in decode(item.content).get("hasMember", [])]
        assert found == [f"Observation/{ids[one]}" for one in web]
        assert item.owner == items[0].id and item.links == ()
