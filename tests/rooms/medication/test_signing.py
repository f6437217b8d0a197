"""An order is checked once more when it is signed, against the chart as it is at that moment."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from building import IMPORTER, STAFF, WORKER, Building
from countersign.app.house import register_models
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.ledger import EventKind
from countersign.ground.shell import build_http
from countersign.ground.signoff import NotRechecked, Rechecks, RuleUse
from countersign.kit.json import JSON
from rooms.medication.test_pages import chart, enter, main_of, takes

ANSWERED = {"outcome": "kept"}
WHY = "risk-benefit-ratio"


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"), staff=STAFF)
    register_models(made.house)
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


@dataclass
class Ward:
    """One physician before one patient of her own, of this test alone."""

    building: Building
    browser: Any
    csrf: str
    patient: str

    def receive(self, *resources: JSON) -> None:
        named = [
            {**one, _owner(one): {"reference": f"Patient/{self.patient}"}} for one in resources
        ]
        for one in named:
            self.building.floor.chart.receive(
                IMPORTER, one, source="test", departments=["cardiology"], keep_ids=False
            )

    def write(self, drug: str, **more: str) -> str:
        """The draft of an order that was checked, its alerts kept."""
        form = {"csrf": self.csrf, "patient": self.patient, "drug": drug, "dose": "10",
                "unit": "mg", "frequency": "qd", "route": "oral", **more}  # fmt: skip
        assert self.browser.post("/medication/check", data=form).status_code == 200
        where = f"/medication/checks/{self.patient}/{self.last()}"
        if found := re.findall(r'name="reason-([^"]+)"', self.browser.get(where).text):
            self.keep(where, found)
        gone = self.browser.post(f"{where}/order", data={"csrf": self.csrf})
        assert gone.status_code == 303, main_of(gone.text)
        draft = gone.headers["location"].rpartition("/")[2]
        assert self.browser.get(f"/inbox/{draft}").status_code == 200
        return draft

    def keep(self, where: str, keys: list[str], outcome: str = "kept") -> None:
        reasons = {f"reason-{key}": WHY for key in keys} if outcome == "kept" else {}
        said = {"csrf": self.csrf, "outcome": outcome, **reasons}
        assert self.browser.post(where, data=said).status_code == 303

    def last(self) -> str:
        rows = self.building.rows(
            "select id from signoff.order_check where patient = %s order by at desc limit 1",
            self.patient,
        )
        return rows[0]["id"]

    def checks(self) -> int:
        count = "select count(*) as n from signoff.order_check where patient = %s"
        return self.building.rows(count, self.patient)[0]["n"]

    def sign(self, draft: str) -> Any:
        said = {"csrf": self.csrf, "choice": "accept"}
        return self.browser.post(f"/inbox/{draft}/decision", data=said)

    def refused(self, draft: str) -> tuple[str, str, list[str]]:
        """Where the new alerts stand, that page, and the alerts' identifiers."""
        gone = self.sign(draft)
        where = gone.headers["location"]
        assert where.startswith(f"/medication/checks/{self.patient}/"), main_of(gone.text)
        assert self.building.state(draft) == "open"
        page = main_of(self.browser.get(where).text)
        assert "Not signed" in page
        return where, page, re.findall(r'name="reason-([^"]+)"', page)

    def signed(self, draft: str) -> None:
        gone = self.sign(draft)
        assert gone.headers["location"] == f"/inbox/{draft}", main_of(gone.text)
        assert self.building.state(draft) == "released"

    def uses(self, rule: str) -> RuleUse:
        found = self.building.signoff.alerts.uses(self.building.who("wang"))
        return {one.rule: one for one in found}.get(rule, RuleUse(rule, 0, 0, 0, ()))


def _owner(resource: JSON) -> str:
    return "patient" if resource["resourceType"] == "AllergyIntolerance" else "subject"


@pytest.fixture
def ward(app: FastAPI, building: Building, request: pytest.FixtureRequest) -> Ward:
    number = len(building.rows("select patient from chart.patient")) + 1
    browser, csrf = enter(app, "wang")
    building.floor.chart.receive(
        IMPORTER, young(number), source="test", departments=["cardiology"], keep_ids=True
    )
    return Ward(building, browser, csrf, f"sick-{number}")


def young(number: int) -> JSON:
    """A patient who could be pregnant."""
    bundle = chart(number)
    bundle["entry"][0]["resource"]["birthDate"] = "1995-05-01"
    return bundle


def allergy(name: str) -> JSON:
    return {"resourceType": "AllergyIntolerance", "code": {"text": name}}


def result(building: Building, code: str, unit: str, value: float) -> JSON:
    at = (building.floor.clock() - timedelta(minutes=1)).isoformat()
    return {
        "resourceType": "Observation", "status": "final", "effectiveDateTime": at,
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "valueQuantity": {"value": value, "unit": unit, "code": unit,
                          "system": "http://unitsofmeasure.org"},
    }  # fmt: skip


PREGNANT: JSON = {
    "resourceType": "Condition",
    "code": {"text": "妊娠", "coding": [{"system": "http://hl7.org/fhir/sid/icd-10",
                                         "code": "Z33"}]},
    "clinicalStatus": {"coding": [{"code": "active"}]},
}  # fmt: skip


def test_an_allergy_recorded_meanwhile_refuses_the_signature_until_it_is_answered(
    ward: Ward,
) -> None:
    draft, before = ward.write("阿莫西林", dose="500"), ward.uses("allergy-penicillin")
    ward.receive(allergy("青霉素"))
    where, page, keys = ward.refused(draft)
    assert "penicillin" in page.lower() and len(keys) >= 1
    count = ward.checks()
    assert ward.refused(draft)[0] == where and ward.checks() == count, "it is not shown anew"
    shown = ward.uses("allergy-penicillin")
    assert shown.shown == before.shown + 1
    lacking = ward.browser.post(where, data={"csrf": ward.csrf, "outcome": "kept"})
    assert lacking.status_code == 422 and "Give a reason" in lacking.text
    ward.keep(where, keys)
    assert f"/inbox/{draft}" in main_of(ward.browser.get(where).text)
    again = ward.browser.post(f"{where}/order", data={"csrf": ward.csrf})
    assert again.status_code == 409, "a second order is not made of it"
    ward.signed(draft)
    after = ward.uses("allergy-penicillin")
    assert (after.shown, after.overridden) == (shown.shown, before.overridden + 1)
    assert dict(after.reasons)[WHY] >= 1


@pytest.mark.parametrize(
    ("drug", "arrives", "said"),
    [
        ("司来吉兰", lambda _: takes("舍曲林片"), "MAO"),
        ("二甲双胍", lambda b: result(b, "14682-9", "umol/L", 400), "etformin"),
        ("缬沙坦", lambda _: PREGNANT, "regnan"),
        ("布洛芬", lambda _: allergy("某某秘方丸"), "某某秘方丸"),
    ],
    ids=["another order", "creatinine", "pregnancy", "an allergy that no table knows"],
)
def test_whatever_the_chart_brought_meanwhile_is_read_first(
    ward: Ward, drug: str, arrives: Any, said: str
) -> None:
    draft = ward.write(drug)
    ward.receive(arrives(ward.building))
    where, page, keys = ward.refused(draft)
    assert said in page
    ward.keep(where, keys)
    ward.signed(draft)


def test_where_nothing_is_new_the_signature_names_its_check(ward: Ward) -> None:
    ward.receive(takes("舍曲林片"))
    draft = ward.write("司来吉兰")
    shown = ward.uses("maoi-serotonin").shown
    ward.signed(draft)
    assert ward.uses("maoi-serotonin").shown == shown, "what she kept is not counted again"
    (signed,) = ward.building.events(f"draft:{draft}", kinds=(EventKind.DRAFT_SIGNED,))
    assert signed.detail["check"] == ward.last()
    subject = f"order-check:{ward.last()}"
    (checked,) = ward.building.events(subject, kinds=(EventKind.ORDER_CHECKED,))
    assert checked.index < signed.index
    count = ward.checks()
    assert "decided meanwhile" in ward.sign(draft).text, "a second click meets its own order"
    assert ward.checks() == count


def test_what_was_told_holds_until_the_chart_says_something_else(ward: Ward) -> None:
    quiet = ward.write("缬沙坦", pregnant="no")
    ward.signed(quiet)
    draft = ward.write("氯沙坦", pregnant="no")
    ward.receive(PREGNANT)
    assert "regnan" in ward.refused(draft)[1]


def test_what_is_new_beside_what_is_not_answered_yet_is_counted_once(ward: Ward) -> None:
    draft = ward.write("司来吉兰")
    before = ward.uses("maoi-serotonin").shown
    ward.receive(takes("舍曲林片"))
    first, _, keys = ward.refused(draft)
    ward.receive(allergy("司来吉兰"))
    second, page, more = ward.refused(draft)
    assert second != first and "MAO" not in page
    ward.keep(second, more)
    assert ward.refused(draft)[0] == first
    ward.keep(first, keys)
    ward.signed(draft)
    assert ward.uses("maoi-serotonin").shown == before + 1


def test_an_order_that_she_withdrew_is_not_signed_and_can_be_rejected(ward: Ward) -> None:
    draft = ward.write("司来吉兰")
    ward.receive(takes("舍曲林片"))
    where, _, keys = ward.refused(draft)
    ward.keep(where, keys, "withdrawn")
    page = main_of(ward.browser.get(where).text)
    assert "Reject the order" in page and f"/inbox/{draft}" in page
    assert ward.sign(draft).headers["location"] == where
    assert ward.building.state(draft) == "open"
    said = {"csrf": ward.csrf, "choice": "reject", "reason": "patient-contraindication"}
    ward.browser.post(f"/inbox/{draft}/decision", data=said)
    assert ward.building.state(draft) == "rejected"


@contextmanager
def unreadable(building: Building, patient: str) -> Generator[None]:
    """An entry of the chart is not what was stored, as after a fault of the disk."""
    with psycopg.connect(building.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("alter table chart.version disable trigger append_only")
        rows = owner.execute(
            "select id, box from chart.version where patient = %s and type = 'Observation'",
            (patient,),
        ).fetchall()
        assert rows
        spoil = "update chart.version set box = %s where type = 'Observation' and id = %s"
        for number, box in rows:
            owner.execute(spoil, (bytes(each ^ 1 for each in box), number))
        yield
        for number, box in rows:
            owner.execute(spoil, (box, number))
        owner.execute("alter table chart.version enable always trigger append_only")


def test_a_chart_that_cannot_be_read_refuses_and_says_so(ward: Ward) -> None:
    ward.receive(result(ward.building, "2823-3", "mmol/L", 4))
    draft, second = ward.write("氨氯地平"), ward.write("对乙酰氨基酚", dose="500")
    ward.signed(second)
    stop = ward.building.inbox.correct(ward.building.who("wang"), second)
    count = ward.checks()
    with unreadable(ward.building, ward.patient):
        said = ward.sign(draft)
        assert said.status_code == 409
        assert "could not be checked against the chart as it is now" in main_of(said.text)
        assert ward.building.state(draft) == "open" and ward.checks() == count
        ward.building.decide("wang", stop, "accept")
        assert ward.building.state(stop) == "released", "nothing holds up that an order is stopped"
    ward.signed(draft)


def test_nothing_a_person_wrote_is_signed_where_nobody_checks_it(ward: Ward) -> None:
    draft = ward.write("氨氯地平")
    opened = ward.building.open("wang", draft).draft
    with pytest.raises(NotRechecked):
        Rechecks().check(ward.building.who("wang"), opened)
    other = ward.building.open("wang", ward.building.drafted()).draft
    assert Rechecks().check(WORKER, other) == ""
