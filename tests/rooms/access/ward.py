"""What the tests of labels and refusals share: patients whom no other test knows, and a browser."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from building import IMPORTER, PASSWORD, Building, observation
from countersign.kit.ids import new_id
from countersign.kit.json import JSON

WHY = "The family asked for it."
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def enter(app: FastAPI, name: str) -> tuple[TestClient, str]:
    headers = {"accept": "text/html", "accept-language": "en"}
    browser = TestClient(app, "http://127.0.0.1", headers=headers, follow_redirects=False)
    said = {
        "csrf": _token(browser.get("/sign-in").text),
        "username": name,
        "password": PASSWORD,
    }
    assert browser.post("/sign-in", data=said).status_code == 303
    return browser, _token(browser.get("/me").text)


def _token(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def receive(building: Building, *resources: JSON) -> None:
    entry = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
    building.floor.chart.receive(
        IMPORTER, bundle, source="test", keep_ids=True, departments=("cardiology",)
    )


def newcomer(building: Building) -> str:
    """A patient of cardiology whom no other test knows."""
    patient = f"p-{new_id()[-12:]}"
    receive(building, {"resourceType": "Patient", "id": patient, "name": [{"text": "李雷"}]})
    return patient


def measured(patient: str, **changes: Any) -> JSON:
    return {**observation(patient), "id": f"o-{new_id()[-12:]}", **changes}


def labelled(*codes: str) -> JSON:
    security = [{"system": ACT_CODE, "code": code} for code in codes]
    return {"security": security} if security else {"versionId": "1"}


def labels(building: Building, kind: str, identifier: str) -> set[str]:
    (row,) = building.rows(
        "select sensitivity from chart.current where type = %s and id = %s", kind, identifier
    )
    return set(row["sensitivity"])


def decide(building: Building, who: str, patient: str, entry: tuple[str, str], **said: str) -> bool:
    given_: dict[str, str] = {"label": "PSY", "choice": "set", "reason": WHY, **said}
    return building.floor.chart.sensitivity.decide(building.who(who), patient, entry, **given_)
