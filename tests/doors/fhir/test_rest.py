"""What another system may rely on at the FHIR door."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from fhirpy import AsyncFHIRClient
from starlette.testclient import TestClient

from building import OTHER_PATIENT, PATIENT, body, issue
from countersign.doors.fhir.door import door
from countersign.ground.shell import build_http

AIAST = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
}


def weight(value: object = 71.50, **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": f"Patient/{PATIENT}"},
        "effectiveDateTime": "2026-11-20T08:00:00+08:00",
        "valueQuantity": {"value": value, "unit": "kg"},
        **changes,
    }


def fhir(content: object) -> dict[str, Any]:
    return {
        "content": content if isinstance(content, str | bytes) else json.dumps(content),
        "headers": {"content-type": "application/fhir+json"},
    }


def code_of(answer: Any) -> str:
    assert answer.json()["resourceType"] == "OperationOutcome"
    return answer.json()["issue"][0]["details"]["coding"][0]["code"]


def test_a_client_nobody_here_wrote_reads_searches_and_pages(served: Any) -> None:
    async def work() -> None:
        client = AsyncFHIRClient(served.base, authorization=f"Bearer {served.tokens['everything']}")
        for number in range(5):
            made = client.resource("Observation", **weight(60 + number))
            await made.save()
            assert made.id and made["meta"]["versionId"] == "1"
        found = await (
            client.resources("Observation")
            .search(patient=PATIENT, code="29463-7")
            .limit(2)
            .fetch_all()
        )
        assert {one["valueQuantity"]["value"] for one in found} >= {60, 61, 62, 63, 64}
        patient = await client.reference("Patient", PATIENT).to_resource()
        assert patient["name"][0]["text"] == "王小明"
        patient["gender"] = "other"
        await patient.save()
        assert (await client.get("Patient", PATIENT))["gender"] == "other"

    asyncio.run(work())


def test_decimals_keep_their_written_precision(served: Any) -> None:
    with served.client() as client:
        raw = (
            '{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":'
            f'{{"reference":"Patient/{PATIENT}"}},"valueQuantity":{{"value":6.30}}}}'
        )
        made = client.post("Observation", **fhir(raw))
        assert made.status_code == 201
        assert '"value":6.30' in client.get(f"Observation/{made.json()['id']}").text


def test_versions_history_and_conditions(served: Any) -> None:
    with served.client() as client:
        made = client.post("Observation", **fhir(weight()))
        where = f"Observation/{made.json()['id']}"
        assert made.headers["location"].endswith(f"{where}/_history/1")
        assert made.headers["etag"] == 'W/"1"'
        known = client.get(where, headers={"if-none-match": 'W/"1"'})
        assert (known.status_code, known.content) == (304, b"")
        again = fhir({**weight(80), "id": where[12:]})
        stale = {**again["headers"], "if-match": 'W/"7"'}
        assert client.put(where, content=again["content"], headers=stale).status_code == 412
        current = {**again["headers"], "if-match": 'W/"1"'}
        assert client.put(where, content=again["content"], headers=current).status_code == 200
        assert client.get(f"{where}/_history/1").json()["valueQuantity"]["value"] == 71.5
        assert client.delete(where).status_code == 204
        assert client.get(where).status_code == 410
        entries = client.get(f"{where}/_history").json()["entry"]
        assert [one["request"]["method"] for one in entries] == ["DELETE", "PUT", "POST"]


def test_create_if_none_exist(served: Any) -> None:
    marked = weight(identifier=[{"system": "urn:lab", "value": "A-1"}])
    with served.client() as client:
        said = fhir(marked)
        said["headers"]["if-none-exist"] = "identifier=urn:lab|A-1"
        first, second = client.post("Observation", **said), client.post("Observation", **said)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_a_transaction_is_taken_in_whole_or_not_at_all(served: Any) -> None:
    good = {"resource": weight(55.5), "request": {"method": "POST", "url": "Observation"}}
    bad = {
        "resource": {**weight(), "effectiveDateTime": "yesterday"},
        "request": {"method": "POST", "url": "Observation"},
    }
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [good, bad]}
    with served.client() as client:
        before = client.get(f"Observation?patient={PATIENT}").json()["total"]
        refused = client.post("", **fhir(bundle))
        assert refused.status_code == 422
        assert "Entry 2" in refused.json()["issue"][0]["diagnostics"]
        assert client.get(f"Observation?patient={PATIENT}").json()["total"] == before
        batch = client.post("", **fhir({**bundle, "type": "batch"})).json()
    assert [one["response"]["status"][:3] for one in batch["entry"]] == ["201", "422"]


def test_a_bundle_is_sent_to_the_address_with_and_without_a_slash(served: Any) -> None:
    floor = served.building.floor
    app = build_http(floor, (), mounts={"/fhir": door(floor)})
    client = TestClient(app, "http://127.0.0.1", follow_redirects=False)
    entry = {"request": {"method": "GET", "url": f"Patient/{PATIENT}"}}
    sent = fhir({"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    assert client.post("/fhir", **sent).status_code == 401
    sent["headers"] |= {"authorization": f"Bearer {served.tokens['everything']}"}
    for address in ("/fhir", "/fhir/", "/fhir?_format=json"):
        answer = client.post(address, **sent)
        assert answer.status_code == 200, address
        assert answer.json()["entry"][0]["resource"]["id"] == PATIENT
    assert client.get("/fhir", headers=sent["headers"]).status_code == 404


def test_a_batch_may_read(served: Any) -> None:
    entries = [
        {"request": {"method": "GET", "url": f"Patient/{PATIENT}"}},
        {"request": {"method": "GET", "url": f"Observation?patient={PATIENT}&_count=1"}},
        {"request": {"method": "GET", "url": "Patient/nobody"}},
    ]
    with served.client() as client:
        said = client.post(
            "", **fhir({"resourceType": "Bundle", "type": "batch", "entry": entries})
        ).json()
    assert [one["response"]["status"] for one in said["entry"]][:2] == ["200", "200"]
    assert said["entry"][2]["response"]["status"] in ("403", "404")


def test_nobody_without_a_token_and_no_more_than_its_scope(served: Any) -> None:
    with served.client("") as stranger:
        assert stranger.get("metadata").json()["fhirVersion"] == "4.0.1"
        refused = stranger.get(f"Patient/{PATIENT}")
        assert (refused.status_code, code_of(refused)) == (401, "fhir.no_token")
    with served.client("observations") as narrow:
        assert narrow.get("Observation/o1").status_code == 200
        assert narrow.get(f"Patient/{PATIENT}").status_code == 403
        assert narrow.post("Observation", **fhir(weight())).status_code == 403
    with served.client("elsewhere") as other:
        assert other.get(f"Patient/{PATIENT}").status_code == 403
        assert other.get(f"Patient/{OTHER_PATIENT}").status_code == 200
        assert other.get("Observation?code=29463-7").json()["total"] == 0
        assert other.post("Observation", **fhir(weight())).status_code == 403


def test_unsigned_work_of_a_model_is_neither_taken_in_nor_shown(served: Any) -> None:
    with served.client() as client:
        labelled = weight(meta={"security": [AIAST]})
        refused = client.post("Observation", **fhir(labelled))
        assert (refused.status_code, code_of(refused)) == (422, "chart.unsigned_ai")
        served.building.drafted(body=body(issue()))
        assert client.get(f"DetectedIssue?patient={PATIENT}").json()["total"] == 0
        served.building.released(body=body(issue(detail="seen and signed")))
        [entry] = client.get(f"DetectedIssue?patient={PATIENT}").json()["entry"]
        assert AIAST["code"] in {one["code"] for one in entry["resource"]["meta"]["security"]}
        where = f"DetectedIssue/{entry['resource']['id']}"
        changed = {**entry["resource"], "detail": "rewritten"}
        changed.pop("meta")
        assert client.put(where, **fhir(changed)).status_code in (409, 422)
        assert client.delete(where).status_code == 409


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("{", 400),
        ("[]", 422),
        ("null", 422),
        ('{"resourceType":"Observation"}', 422),
        ('{"resourceType":"Patient"}', 422),
        ("[" * 100_000, 400),
        ('{"resourceType":"Observation","status":' + '{"a":' * 500 + "1" + "}" * 501, 422),
        (b"\xff\xfe\x00", 400),
    ],
)
def test_malformed_content_gets_a_clear_answer(
    served: Any, content: str | bytes, status: int
) -> None:
    with served.client() as client:
        answer = client.post("Observation", **fhir(content))
    assert answer.status_code == status or answer.status_code in (400, 413, 422)
    assert answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    "query",
    [
        "Observation?nonsense=1",
        "Observation?date=yesterday",
        "Observation?_count=many",
        "Observation?_cursor=%00%ff",
        "Nothing?_id=1",
    ],
)
def test_a_search_that_cannot_be_understood_is_refused(served: Any, query: str) -> None:
    with served.client() as client:
        answer = client.get(query)
    assert answer.status_code in (400, 404, 422)
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("value", ["' or 1=1 --", "%'; drop table chart.version; --", "\\'", "%00"])
def test_search_values_never_become_sql(served: Any, value: str) -> None:
    with served.client() as client:
        for name in ("code", "identifier", "status", "_id"):
            answer = client.get("Observation", params={"patient": PATIENT, name: value})
            assert answer.status_code in (200, 400)
            assert answer.status_code == 400 or answer.json()["total"] == 0
        assert client.get("Observation/o1").status_code == 200


def test_unknown_addresses_and_other_formats(served: Any) -> None:
    with served.client() as client:
        assert code_of(client.get("Observation/o1/nothing")) == "fhir.not_offered"
        assert code_of(client.patch("Observation/o1", **fhir({}))) == "fhir.not_offered"
        xml = client.post("Observation", content="<x/>", headers={"content-type": "text/xml"})
        assert (xml.status_code, code_of(xml)) == (415, "fhir.not_json")


def test_each_read_leaves_a_receipt(served: Any) -> None:
    with served.client() as client:
        client.get("Observation/o1")
        client.get(f"Observation?patient={PATIENT}")
    seen = {event.kind for event in served.building.events(patient=PATIENT)}
    assert {"chart-viewed", "chart-searched"} <= seen
