"""What a hospital learns departments from: its own signed interviews, and whose it may not."""

from __future__ import annotations

import pytest

from building import IMPORTER, Building
from countersign.kit.json import JSON
from countersign.rooms.preconsult.domain import Departments
from countersign.rooms.preconsult.service import Desking, Interviewing, Proposing
from countersign.rooms.preconsult.training import examples_of, own_examples, trained

REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"


@pytest.fixture(scope="module", autouse=True)
def people(building: Building) -> None:
    for name, departments in (
        ("heart", ["cardiology"]),
        ("both", ["cardiology", "respiratory"]),
        ("no-research", ["cardiology"]),
        ("unsigned", ["cardiology"]),
    ):
        building.floor.chart.receive(
            IMPORTER, person(name), source="test", departments=departments, keep_ids=True
        )


def person(name: str) -> JSON:
    resource = {"resourceType": "Patient", "id": name, "gender": "male", "birthDate": "1970-01-01"}
    request = {"method": "PUT", "url": f"Patient/{name}"}
    entries = [{"resource": resource, "request": request}]
    if name == "no-research":
        refusal = {
            "resourceType": "Consent",
            "id": "refusal",
            "status": "active",
            "scope": {"text": "research"},
            "category": [{"text": "research"}],
            "patient": {"reference": f"Patient/{name}"},
            "policyRule": {"text": "wish"},
            "provision": {"type": "deny", "purpose": [{"system": REASON, "code": "HRESCH"}]},
        }
        request = {"method": "PUT", "url": "Consent/refusal"}
        entries.append({"resource": refusal, "request": request})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def told(building: Building, patient: str, words: str, *, signed: bool) -> None:
    """An interview from its link to the signature, as patient, worker and physician do it."""
    floor = building.floor
    address = Desking(floor).invite(building.who("nurse"), patient, 24, "").address
    held = floor.interviews.links.open(address.split("/")[-1])
    service = Interviewing(floor)
    service.answer(held, "who", {"who": "patient"}, [], "zh")
    service.answer(held, "complaint", {"text": words}, [], "zh")
    service.answer(held, "dangers", {}, ["none"], "zh")
    while (item := service.view(held, "zh").item) != "review":
        calm = {"answer": "never" if item == "smoking" else "none"}
        service.answer(held, item, {"answer": "no"} if item[:4] == "ask:" else calm, [], "zh")
    service.send(held, "zh")
    draft = Proposing(floor).propose(held.id)
    assert draft is not None
    if signed:
        building.decide("wang", draft, "accept")


def test_only_signed_interviews_of_one_department_and_of_who_allows_it(
    building: Building,
) -> None:
    told(building, "heart", "走快了就心慌", signed=True)
    told(building, "both", "咳嗽带痰两周", signed=True)
    told(building, "no-research", "心跳偶尔漏一下", signed=True)
    told(building, "unsigned", "腿有点肿", signed=False)
    own = own_examples(building.floor)
    assert own == [("走快了就心慌", "cardiology")]
    # and they are learnt from beside a table, as the command does it
    table = [(f"牙疼{n}天", "dental") for n in range(120)] + [
        (f"心慌{n}天", "cardiology") for n in range(120)
    ]
    found = trained(examples_of([*table, *own]), Departments("1", ()))
    assert found.examples == 241 and set(found.model.labels) == {"cardiology", "dental"}
