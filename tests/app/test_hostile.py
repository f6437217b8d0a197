"""Requests and chart texts that mean harm: none runs, reads a file or outgrows its limit."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.doorway import session, token_in
from countersign.app.house import open_house
from countersign.app.web import application
from countersign.ground.identity import Principal
from countersign.kit.json import JSON, encode
from furnished import Furnished

SCRIPT = "<script>window.stolen=1</script>"
HANDLER = '"><img src=x onerror=window.stolen=1><svg onload=window.stolen=1>'
INJECTIONS = ("' or 1=1 --", "'); drop table chart.version; --", "%' or '1'='1", "\\", "a'||'b")
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def app(furnished: Furnished) -> Iterator[FastAPI]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in furnished.environment(BUNDLE_MEGABYTES=2).items():
            patch.setenv(name, value)
        made = application()
    with TestClient(made, "http://127.0.0.1"):
        yield made


@pytest.fixture(scope="module")
def doctor(app: FastAPI) -> TestClient:
    return session(app, "physician")


@pytest.fixture(scope="module")
def auditor(app: FastAPI) -> TestClient:
    return session(app, "auditor")


@pytest.fixture(scope="module")
def client(app: FastAPI, furnished: Furnished) -> Iterator[TestClient]:
    """Another system that may read the patients of cardiology."""
    with open_house(furnished.settings) as house:
        issued = house.floor.clients.issue(
            "laboratory",
            scopes=("system/Patient.read", "system/Observation.read"),
            departments=("cardiology",),
            expires_at=house.floor.clock().replace(year=house.floor.clock().year + 1),
            by=Principal.system("installer"),
        )
    headers = {"authorization": f"Bearer {issued.token}"}
    yield TestClient(app, "http://127.0.0.1", headers=headers)


def test_chart_texts_that_are_scripts_are_shown_as_texts(
    doctor: TestClient, furnished: Furnished
) -> None:
    patient = str(uuid4())
    with open_house(furnished.settings) as house:
        house.floor.chart.receive(
            Principal.system("importer"),
            encode(hostile_bundle(patient)),
            source="test",
            departments=("cardiology",),
            keep_ids=True,
        )
    for path in (f"/charts/{patient}", f"/charts/{patient}/results", "/charts"):
        page = doctor.get(path)
        assert page.status_code == 200
        assert SCRIPT not in page.text and HANDLER not in page.text
        assert "&lt;script&gt;window.stolen=1" in page.text, path
    assert "onerror=window.stolen=1&gt;" in doctor.get(f"/charts/{patient}").text
    found = doctor.get("/charts", params={"name": SCRIPT})
    assert SCRIPT not in found.text


def hostile_bundle(patient: str) -> JSON:
    """A patient whose name, results, problems and notes are scripts."""
    reference = {"reference": f"Patient/{patient}"}
    observations = [
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": f"{SCRIPT} {HANDLER}"},
            "subject": reference,
            "effectiveDateTime": f"2026-0{month}-01T08:00:00+08:00",
            "valueQuantity": {"value": month, "unit": HANDLER},
            "referenceRange": [{"text": SCRIPT}],
        }
        for month in (1, 2)
    ]
    resources = [
        {"resourceType": "Patient", "id": patient, "name": [{"text": f"{SCRIPT}{HANDLER}"}]},
        *observations,
        {"resourceType": "Condition", "code": {"text": HANDLER}, "subject": reference},
        {
            "resourceType": "AllergyIntolerance",
            "code": {"text": SCRIPT},
            "patient": reference,
        },
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": one,
                "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
            }
            for one in ({"id": str(uuid4()), **resource} for resource in resources)
        ],
    }


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../../pyproject.toml",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..%2f..%2f..%2f..%2f..%2fpyproject.toml",
        "/static/%2fetc/passwd",
        "/static/css/..%5c..%5c..%5cpages.py",
        "/static/../pages.py",
        "/charts/x/source/..%2f..%2fetc/passwd/_history/1",
        "/charts/x/source/Patient/..%2f..%2fetc%2fpasswd/_history/1",
        "/administration/models/..%2f../1.0",
        "/inbox/..%2f..%2fetc%2fpasswd",
        "/language/..%2f..%2fetc?back=//evil.example",
    ],
)
def test_no_path_leads_to_a_file(doctor: TestClient, path: str) -> None:
    asked = httpx.URL("http://127.0.0.1").copy_with(raw_path=path.encode())
    answer = doctor.get(str(asked))
    assert answer.status_code in (303, 403, 404, 422), answer.text
    assert "root:" not in answer.text and "[project]" not in answer.text
    assert "evil.example" not in answer.headers.get("location", "")


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_search_becomes_sql(
    doctor: TestClient, auditor: TestClient, client: TestClient, furnished: Furnished, text: str
) -> None:
    before = furnished.rows("select count(*) as n from chart.version")
    for name in ("name", "department"):
        page = doctor.get("/charts", params={name: text})
        assert page.status_code == 200
        assert "<tbody>" not in page.text, "something was found"
    for name in ("view", "urgency"):
        assert doctor.get("/inbox", params={name: text}).status_code == 200
    for name in ("patient", "person", "model", "kind", "subject"):
        page = auditor.get("/audit", params={name: text})
        assert page.status_code in (200, 400, 422)
        assert "<tbody>" not in page.text
    assert auditor.get("/audit", params={"since": text}).status_code == 400
    for kind, name in (
        ("Patient", "name"),
        ("Patient", "_id"),
        ("Patient", "identifier"),
        ("Observation", "code"),
        ("Observation", "date"),
        ("Observation", "patient"),
        ("Observation", text),
    ):
        answer = client.get(f"/fhir/{kind}", params={name: text})
        assert answer.status_code in (200, 400), answer.text
        if answer.status_code == 200:
            assert answer.json().get("entry", []) == []
    assert furnished.rows("select count(*) as n from chart.version") == before


def test_what_is_too_large_is_refused(doctor: TestClient, client: TestClient) -> None:
    form = {"csrf": token_in(doctor.get("/help").text), "text": "a" * MEBIBYTE}
    assert doctor.post("/inbox/x/decision", data=form).status_code == 413
    kind = {"content-type": "application/fhir+json"}
    for path in ("/fhir/", "/fhir/Patient"):
        answer = client.post(path, content=b" " * (2 * MEBIBYTE + 1), headers=kind)
        assert answer.status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(6):
            yield b" " * (MEBIBYTE // 2)

    assert client.post("/fhir/", content=endless(), headers=kind).status_code == 413


def test_the_fhir_door_asks_for_a_token_and_keeps_to_its_scope(
    app: FastAPI, doctor: TestClient, client: TestClient, furnished: Furnished
) -> None:
    nobody = TestClient(app, "http://127.0.0.1")
    cookie = {"cookie": f"session={doctor.cookies['session']}"}
    mine, other = (
        furnished.rows(f"select patient from chart.patient where {which} limit 1")[0]["patient"]
        for which in (
            "departments = '{cardiology}' and sensitivity = '{}'",
            "not 'cardiology' = any (departments)",
        )
    )
    calls = [
        ("POST", "/"), ("GET", "/Patient"), ("POST", "/Patient"),
        ("POST", "/Patient/_search"), ("GET", f"/Patient/{mine}"), ("PUT", f"/Patient/{mine}"),
        ("DELETE", f"/Patient/{mine}"), ("GET", f"/Patient/{mine}/_history"),
        ("GET", f"/Patient/{mine}/_history/1"),
    ]  # fmt: skip
    for method, path in calls:
        for headers in ({}, cookie, {"authorization": "Bearer x"}):
            kind = {"content-type": "application/fhir+json", **headers}
            answer = nobody.request(method, f"/fhir{path}", headers=kind, content=b"{}")
            allowed = (401, 403) if headers is cookie and method != "GET" else (401,)
            assert answer.status_code in allowed, (method, path, headers)
    assert nobody.get("/fhir/metadata").status_code == 200
    assert client.get(f"/fhir/Patient/{mine}").status_code == 200
    assert client.get(f"/fhir/Patient/{other}").status_code == 403
    assert client.get(f"/fhir/Condition?patient={mine}").status_code == 403
    sent = client.post(
        "/fhir/Patient",
        content=b'{"resourceType":"Patient"}',
        headers={"content-type": "application/fhir+json"},
    )
    assert sent.status_code == 403
