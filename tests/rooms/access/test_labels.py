"""Labels that people set and remove, labels by rule, and what both close: lists, searches, FHIR."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from building import INSTALLER, Building, words
from countersign.app.rooms import ROOMS
from countersign.ground.chart import NotFound, PatientFilter, Reader
from countersign.ground.chart.labelling import relabel
from countersign.ground.db import WHOLE, Database, DbRole
from countersign.ground.identity import BadValue, Forbidden, Principal, scope_of
from countersign.ground.ledger import EventKind
from countersign.ground.shell import build_http
from countersign.ground.signoff import Evidence
from countersign.kit.ids import new_id
from countersign.kit.json import JSON
from rooms.access.ward import WHY, decide, enter, labelled, labels, measured, newcomer, receive

ICD = "http://hl7.org/fhir/sid/icd-10"


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    made.floor.people.department("psychiatry", words("psychiatry"), by=INSTALLER)
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


def sees(building: Building, name: str, patient: str) -> set[bool]:
    """By every way in which a chart can be seen; all of them agree."""
    principal = building.who(name)
    reader = building.floor.chart.reader(principal)
    rows = building.database.pool(DbRole.ROOM).within(scope_of(principal))
    shown = reader.search("Patient", [("_count", "200")])
    return {
        patient in {one.id for one in reader.patients(PatientFilter(limit=500)).patients},
        patient in reader.names([patient]),
        patient in {one.id for one in shown.versions},
        bool(rows.rows("select from chart.patient where patient = %s", (patient,))),
        bool(rows.rows("select from chart.seen_patient where patient = %s", (patient,))),
        bool(rows.rows("select from chart.current where patient = %s", (patient,))),
        bool(rows.rows("select from chart.seen_current where patient = %s", (patient,))),
        _opens(reader, patient),
    }


def _opens(reader: Reader, patient: str) -> bool:
    try:
        reader.open(patient)
    except Forbidden:
        return False
    return True


def drafted(building: Building, patient: str, source: str) -> str:
    """A draft that rests on one version of one entry of the patient."""
    explained = building.explanation(
        inputs=(source,), evidence=(Evidence(words("As measured."), reference=source),)
    )
    return building.drafted(patient=patient, explanation=explained)


def test_a_label_closes_the_whole_chart_at_once_and_only_the_care_team_opens_it(
    app: FastAPI, building: Building
) -> None:
    patient = newcomer(building)
    care = building.floor.people.care(building.people["li"], patient, "ward", by=INSTALLER)
    building.floor.accounts.forget()
    browser, csrf = enter(app, "wang")
    draft = drafted(building, patient, f"Patient/{patient}/_history/1")
    assert sees(building, "wang", patient) == {True}
    page = browser.get(f"/access/labels/{patient}").text
    assert "You are not in the care team." in page and "not labelled" in page
    form = {"csrf": csrf, "label": "PSY", "change": "set", "reason": WHY}
    for wrong in ({"reason": "no"}, {"label": "XYZ"}, {"change": "turned"}):
        answer = browser.post(f"/access/labels/{patient}", data={**form, **wrong})
        assert answer.status_code == 422
    sent = browser.post(f"/access/labels/{patient}", data=form)
    assert (sent.status_code, sent.headers["location"]) == (303, "/charts?closed=1")
    assert "no longer to you" in browser.get("/charts?closed=1").text

    assert sees(building, "wang", patient) == {False}
    for path in (f"/charts/{patient}", f"/access/labels/{patient}", f"/inbox/{draft}"):
        assert browser.get(path).status_code == 403
    assert draft not in browser.get("/inbox").text
    assert sees(building, "li", patient) == {True}
    mate, token = enter(app, "li")
    assert "This chart is labelled:" in mate.get(f"/charts/{patient}").text
    assert WHY in mate.get(f"/access/labels/{patient}").text
    back = {**form, "csrf": token, "change": "removed", "reason": "It was a mistake."}
    assert mate.post(f"/access/labels/{patient}", data=back).status_code == 303
    assert sees(building, "wang", patient) == {True}
    changes = building.events(f"Patient/{patient}", kinds=(EventKind.LABEL_CHANGED,))
    assert [(one.detail["label"], one.detail["change"]) for one in changes] == [
        ("PSY", "set"),
        ("PSY", "removed"),
    ]
    (row,) = building.rows("select string_agg(d::text, '') as all from chart.label_decision d")
    assert WHY not in row["all"]
    building.floor.people.end_care(care, by=INSTALLER)


@pytest.mark.parametrize("name", ("nurse", "lapsed", "student", "stranger", "auditor", "admin"))
def test_nobody_else_changes_labels(building: Building, name: str) -> None:
    patient = newcomer(building)
    with pytest.raises(Forbidden):
        decide(building, name, patient, ("Patient", patient))
    with pytest.raises(Forbidden):
        building.floor.chart.sensitivity.of(building.who(name), patient)


def test_a_label_closes_one_entry_and_the_drafts_that_rest_on_it(building: Building) -> None:
    patient = newcomer(building)
    one = measured(patient)
    receive(building, one)
    draft = drafted(building, patient, f"Observation/{one['id']}/_history/1")
    assert building.open("wang", draft)
    entry = ("Observation", str(one["id"]))
    assert decide(building, "wang", patient, entry, label="HIV")
    reader = building.floor.chart.reader(building.who("wang"))
    with pytest.raises(Forbidden):
        reader.read(*entry)
    assert entry[1] not in {v.id for v in reader.open(patient).versions}
    assert reader.search("Observation", [("patient", patient)]).total == 0
    with pytest.raises(Forbidden):
        building.open("wang", draft)
    lis = Principal("lis", "Lis", "client", departments=frozenset({"cardiology"}),
                    scopes=frozenset({"system/*.read"}))  # fmt: skip
    with pytest.raises(Forbidden):
        building.floor.chart.reader(lis).read(*entry)
    with pytest.raises(Forbidden):
        decide(building, "wang", patient, entry, label="HIV", choice="removed")


def test_what_is_released_bears_the_labels_of_what_it_rests_on(building: Building) -> None:
    patient = newcomer(building)
    care = building.floor.people.care(building.people["li"], patient, "ward", by=INSTALLER)
    building.floor.accounts.forget()
    one = measured(patient)
    receive(building, one)
    draft = drafted(building, patient, f"Observation/{one['id']}/_history/1")
    decide(building, "li", patient, ("Observation", str(one["id"])), label="HIV")
    building.accept("li", draft)
    done = building.inbox.release(draft)
    assert done is not None and len(done.versions) == 2
    for version in done.versions:
        kind, identifier, *_ = version.split("/")
        assert labels(building, kind, identifier) == {"HIV"}
        with pytest.raises(Forbidden):
            building.floor.chart.reader(building.who("wang")).read(kind, identifier)
        resource = building.floor.chart.reader(building.who("li")).read(kind, identifier).resource
        assert "HIV" in {one["code"] for one in resource["meta"]["security"]}
    building.floor.people.end_care(care, by=INSTALLER)


def test_an_entry_is_labelled_from_its_own_page(app: FastAPI, building: Building) -> None:
    patient = newcomer(building)
    one = measured(patient)
    receive(building, one)
    browser, csrf = enter(app, "wang")
    source = browser.get(f"/charts/{patient}/source/Observation/{one['id']}/_history/1").text
    assert f"/access/labels/{patient}?entry=Observation/{one['id']}" in source
    page = browser.get(f"/access/labels/{patient}?entry=Observation/{one['id']}").text
    assert f'name="entry" value="Observation/{one["id"]}"' in page
    form = {"csrf": csrf, "entry": f"Observation/{one['id']}", "label": "GDIS", "change": "set"}
    back = browser.post(f"/access/labels/{patient}", data={**form, "reason": WHY})
    assert (back.status_code, back.headers["location"]) == (303, f"/access/labels/{patient}")
    assert labels(building, "Observation", one["id"]) == {"GDIS"}
    for wrong in ("Observation/nothing", "Observation/o1", "nothing"):
        sent = browser.post(
            f"/access/labels/{patient}", data={**form, "entry": wrong, "reason": WHY}
        )
        assert sent.status_code == 404, "another patient's, or none"


def test_what_a_person_decided_outlasts_senders_and_rules(building: Building) -> None:
    patient, rules = newcomer(building), building.floor.chart.label_rules
    care = building.floor.people.care(building.people["li"], patient, "ward", by=INSTALLER)
    building.floor.accounts.forget()
    one = measured(patient, code={"coding": [{"system": ICD, "code": "F20.0"}]})
    entry = ("Observation", str(one["id"]))
    rule = rules.add(building.who("admin"), "PSY", "code", f"{ICD}|F20.0")
    receive(building, {**one, "meta": labelled("HIV")})
    assert labels(building, *entry) == {"PSY", "HIV"}, "at once, as it comes in"
    for label in ("PSY", "HIV"):
        assert decide(building, "li", patient, entry, label=label, choice="removed")
    assert decide(building, "li", patient, entry, label="GDIS")
    assert labels(building, *entry) == {"GDIS"}
    receive(building, {**one, "meta": labelled("HIV"), "effectiveDateTime": "2026-11-21"})
    assert labels(building, *entry) == {"GDIS"}, "a new version changes nothing of it"
    rules.apply(lambda: False)
    assert labels(building, *entry) == {"GDIS"}, "nor does the rule, applied to what is there"
    standing = {
        s.label: s for s in building.floor.chart.sensitivity.of(building.who("li"), patient)
    }
    assert standing["PSY"].ruled and not standing["PSY"].holds
    assert standing["HIV"].sent and not standing["HIV"].holds
    assert standing["PSY"].decided is not None and standing["PSY"].decided.reason == WHY
    assert decide(building, "li", patient, entry, label="PSY")
    rules.end(building.who("admin"), rule)
    rules.apply(lambda: False)
    assert labels(building, *entry) == {"GDIS", "PSY"}, "and what a person set outlasts the rule"
    building.floor.people.end_care(care, by=INSTALLER)


def test_a_rule_reaches_what_was_there_and_lets_go_when_it_ends(building: Building) -> None:
    patient, rules = newcomer(building), building.floor.chart.label_rules
    one = measured(patient, code={"coding": [{"system": "http://loinc.org", "code": "7917-8"}]})
    receive(building, one)
    rule = rules.add(building.who("admin"), "HIV", "code", "7917-8")
    assert labels(building, "Observation", one["id"]) == set()
    assert rules.apply(lambda: False) == 1
    assert labels(building, "Observation", one["id"]) == {"HIV"}
    (kept,) = building.rows("select labels from chart.patient where patient = %s", patient)
    assert kept["labels"] == ["HIV"]
    assert rules.apply(lambda: False) == 0, "nothing is due any more"
    rules.end(building.who("admin"), rule)
    assert rules.apply(lambda: False) == 1
    assert labels(building, "Observation", one["id"]) == set()
    (told,) = [r for r in rules.all(building.who("admin")) if r.id == rule]
    assert told.ended_at is not None and told.applied_at is not None


def test_a_rule_waits_for_what_is_being_written(building: Building) -> None:
    """What comes in beside a new rule either knows the rule, or is there for it to go through."""
    patient, rules, admin = newcomer(building), building.floor.chart.label_rules, "admin"
    waits = (
        "select from pg_locks where locktype = 'advisory' and objid = 73118 and not granted"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    pool = building.database.pool(DbRole.RECEIVER).within(WHOLE)
    by, code = building.who(admin), new_id()
    with ThreadPoolExecutor(1) as beside:
        with pool.transaction() as writing:
            relabel(writing, building.house.vault, [patient], [("Patient", patient)])
            added = beside.submit(rules.add, by, "HIV", "code", code)
            while not building.rows(waits):
                assert not added.done(), "it did not wait"
        rule = added.result(30)
    rules.end(by, rule)
    rules.apply(lambda: False)


def visit(patient: str, department: str) -> JSON:
    place = {"system": "urn:countersign:department", "code": department}
    return {
        "resourceType": "Encounter",
        "id": f"e-{new_id()[-12:]}",
        "status": "finished",
        "class": {"code": "AMB"},
        "serviceType": {"coding": [place]},
        "subject": {"reference": f"Patient/{patient}"},
    }


def test_what_belongs_to_a_visit_of_a_department_is_labelled(building: Building) -> None:
    patient, rules = newcomer(building), building.floor.chart.label_rules
    rule = rules.add(building.who("admin"), "PSY", "department", "psychiatry")
    rules.apply(lambda: False)
    mind, heart = visit(patient, "psychiatry"), visit(patient, "cardiology")

    def of(encounter: JSON) -> JSON:
        return measured(patient, encounter={"reference": f"Encounter/{encounter['id']}"})

    inside, beside = of(mind), of(heart)
    receive(building, mind, heart, inside, beside, measured(patient))
    assert labels(building, "Encounter", mind["id"]) == {"PSY"}
    assert labels(building, "Observation", inside["id"]) == {"PSY"}
    assert labels(building, "Encounter", heart["id"]) == set()
    assert labels(building, "Observation", beside["id"]) == set()
    # A visit that turns out later to be one of psychiatry labels what belongs to it.
    receive(building, {**heart, "serviceType": visit(patient, "psychiatry")["serviceType"]})
    assert labels(building, "Encounter", heart["id"]) == {"PSY"}
    assert rules.apply(lambda: False) == 1
    assert labels(building, "Observation", beside["id"]) == {"PSY"}
    rules.end(building.who("admin"), rule)
    rules.apply(lambda: False)
    assert labels(building, "Observation", inside["id"]) == set()


def test_the_administrator_keeps_the_rules_on_a_page(app: FastAPI, building: Building) -> None:
    browser, csrf = enter(app, "admin")
    form = {"csrf": csrf, "label": "GDIS", "kind": "code", "code": "81162", "department": ""}
    assert browser.post("/access/label-rules", data=form).status_code == 303
    again = browser.post("/access/label-rules", data=form)
    assert again.status_code == 422, "there is such a rule"
    for wrong in ({"label": ""}, {"kind": "patient"}, {"code": " "}, {"code": "x" * 201}):
        assert browser.post("/access/label-rules", data={**form, **wrong}).status_code == 422
    page = browser.get("/access/label-rules").text
    assert "81162" in page and "going through the charts" in page
    rule = re.findall(r"/access/label-rules/([\w-]+)/end", page)[0]
    ended = browser.post(f"/access/label-rules/{rule}/end", data={"csrf": csrf})
    assert ended.status_code == 303
    for name in ("wang", "auditor"):
        other, token = enter(app, name)
        assert other.get("/access/label-rules").status_code == 403
        data = {**form, "csrf": token, "code": "1"}
        assert other.post("/access/label-rules", data=data).status_code == 403
    with pytest.raises(NotFound):
        building.floor.chart.label_rules.end(building.who("admin"), "nothing")
    with pytest.raises(BadValue):
        building.floor.chart.label_rules.add(building.who("admin"), "PSY", "code", "a\nb")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sets(st.sampled_from(["PSY", "HIV"]))),
        st.tuples(st.sampled_from(["set", "removed"]), st.sampled_from(["PSY", "HIV", "GDIS"])),
        st.tuples(st.sampled_from(["begin", "end"]), st.sampled_from(["PSY", "GDIS"])),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_labels_are_what_was_sent_ruled_and_set_less_what_was_removed(
    building: Building, steps: list[tuple[str, Any]]
) -> None:
    patient, rules, admin = newcomer(building), building.floor.chart.label_rules, "admin"
    care = building.floor.people.care(building.people["li"], patient, "ward", by=INSTALLER)
    building.floor.accounts.forget()
    code = new_id()
    one = measured(patient, code={"coding": [{"code": code}]})
    receive(building, one)
    sent: set[str] = set()
    decided: dict[str, str] = {}
    ruled: dict[str, str] = {}
    for step, what in steps:
        if step == "send":
            sent = what
            receive(building, {**one, "meta": labelled(*sorted(what)), "issued": _moment()})
        elif step == "begin" and what not in ruled:
            ruled[what] = rules.add(building.who(admin), what, "code", code)
        elif step == "end" and what in ruled:
            rules.end(building.who(admin), ruled.pop(what))
        elif step in ("set", "removed") and decide(
            building, "li", patient, ("Observation", one["id"]), label=what, choice=step
        ):
            decided[what] = step
        rules.apply(lambda: False)
        removed = {label for label, choice in decided.items() if choice == "removed"}
        added = {label for label, choice in decided.items() if choice == "set"}
        assert labels(building, "Observation", one["id"]) == (sent | set(ruled) | added) - removed
    for rule in ruled.values():
        rules.end(building.who(admin), rule)
    building.floor.people.end_care(care, by=INSTALLER)


def _moment() -> str:
    return f"2026-11-20T08:00:00.{int(new_id()[-6:], 16) % 1000:03d}+08:00"
