"""What the tests of the door speak with: a workstation with a key, its calls and its feedback."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from starlette.testclient import TestClient

from building import IMPORTER, INSTALLER, PATIENT, WORKER, Building
from countersign.app.rooms import PAGED, ROOMS
from countersign.doors.cdshooks.door import door
from countersign.ground.identity import NewCdsClient
from countersign.ground.shell import build_http
from countersign.kit.json import JSON

ROOT = "http://127.0.0.1"
KEY = ECKey.generate_key("P-384", {"kid": "ward", "use": "sig"})
FOREIGN_KEY = ECKey.generate_key("P-384", {"kid": "ward", "use": "sig"})
ISSUER = "https://his.hospital.internal"
THEIRS = "his-4711"
WANG = "Practitioner/wang-7"
MRN = "urn:oid:2.16.156.1.mrn"
PATIENCE = 60.0
"""Seconds for an answer, so that no test depends on how busy the machine is."""


@dataclass
class Workstation:
    """Another maker's system; ``id`` is how it is registered here."""

    building: Building
    http: TestClient
    id: str
    key: ECKey = field(default_factory=lambda: KEY)
    issuer: str = ISSUER

    def token(self, audience: str, **changes: Any) -> str:
        """A token as the standard wants it; ``changes`` replace claims, None leaves them out."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": f"{ROOT}{audience}",
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(16),
            **changes,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES384", "kid": "ward"}, said, self.key, ["ES384"])

    def post(self, path: str, body: Any, token: str | None = None) -> Any:
        bearer = token or self.token(path)
        headers = {"authorization": f"Bearer {bearer}", "accept-language": "en"}
        return self.http.post(path, json=body, headers=headers)

    def view(self, **changes: Any) -> Any:
        return self.post("/cds-services/countersign-patient-view", call(**changes))

    def cards(self, **changes: Any) -> list[JSON]:
        answer = self.view(**changes)
        assert answer.status_code == 200, answer.text
        return answer.json()["cards"]

    def tell(self, *items: JSON) -> Any:
        path = "/cds-services/countersign-patient-view/feedback"
        return self.post(path, {"feedback": list(items)})

    def identifying(self, answered: bool = True) -> None:
        """The administrator trusts what it says about who is at the screen."""
        clients = self.building.floor.cds.clients
        clients.switch(self.id, answered=answered, identifies=True, by=INSTALLER)


def call(hook: str = "patient-view", patient: Any = None, **changes: Any) -> JSON:
    """A call of a service; ``patient`` is the record that is sent along."""
    return {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": WANG, "patientId": THEIRS},
        "prefetch": {"patient": record() if patient is None else patient},
        **changes,
    }


def record(**changes: Any) -> JSON:
    """Patient p1 as the workstation knows them."""
    return {
        "resourceType": "Patient",
        "id": THEIRS,
        "identifier": [{"system": MRN, "value": "0001"}],
        **changes,
    }


def identified(building: Building, patient: str = PATIENT, **changes: Any) -> None:
    """The chart learns by which number the hospital knows the patient."""
    known = building.floor.chart.reader(WORKER)
    resource = {**known.read("Patient", patient).resource, **changes}
    resource.setdefault("identifier", [{"system": MRN, "value": "0001"}])
    resource.pop("meta", None)
    building.floor.chart.receive(IMPORTER, resource, source="test", keep_ids=True)


def workstation(building: Building, **more: Any) -> Workstation:
    """A registered system in front of a house served in this process."""
    mounted = door(building.floor, more.pop("rooms", ROOMS), more.pop("budget", PATIENCE))
    app = build_http(building.floor, PAGED, mounts=mounted)
    new = NewCdsClient(
        "Ward system",
        more.pop("issuer", ISSUER),
        frozenset({"cardiology"}),
        json.dumps(KeySet([KEY]).as_dict(private=False)),
        None,
        more.pop("fhir_server", None),
    )
    identifier = building.floor.cds.clients.add(new, by=INSTALLER)
    return Workstation(building, TestClient(app, ROOT), identifier, issuer=new.issuer)
