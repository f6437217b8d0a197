"""What the chart and its readers rely on: only what was signed, whole, labelled, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from building import PATIENT, Building, body, issue, observation
from countersign.ground.chart import Limits, validate
from countersign.ground.db import Database
from countersign.ground.ledger import LedgerUnavailable
from countersign.ground.release import Released
from countersign.ground.signoff import BadDecision, Damaged, RiskClass
from countersign.kit.json import JSON


def resources(building: Building, done: Released | None) -> dict[str, JSON]:
    """What a release wrote, by type."""
    assert done is not None
    reader = building.floor.chart.reader(building.who("wang"))
    found = [one.split("/") for one in done.versions]
    return {kind: reader.version(kind, name, int(n)).resource for kind, name, _, n in found}


def released(building: Building, draft: str) -> dict[str, JSON]:
    return resources(building, building.inbox.release(draft))


def codes(labels: list[JSON]) -> list[str]:
    return [label["code"] for label in labels]


def test_an_accepted_answer_reaches_the_chart_as_it_was_drafted(building: Building) -> None:
    draft = building.drafted(body=body(issue(), observation()))
    building.decide("wang", draft, "accept")
    assert building.state(draft) == "released"
    found = released(building, draft)
    assert set(found) == {"DetectedIssue", "Observation", "Provenance"}
    assert found["Observation"]["valueQuantity"] == observation()["valueQuantity"]
    assert found["DetectedIssue"]["severity"] == "high"
    text = building.proposal().body.text
    div = found["DetectedIssue"]["text"]["div"]
    assert text.zh in div and text.en in div
    for one in found.values():
        assert codes(one["meta"]["security"]) == ["AIAST"]
        assert not validate(one, Limits())


def test_its_versions_say_that_they_were_released(building: Building) -> None:
    done = building.released()
    rows = building.rows("select * from chart.version where release_id = %s", done.id)
    assert {row["origin"] for row in rows} == {"released"}
    assert {row["patient"] for row in rows} == {PATIENT}
    assert {row["author"] for row in rows} == {building.who("wang").actor}


def test_the_provenance_names_the_model_and_who_verified(building: Building) -> None:
    draft = building.drafted(risk=RiskClass.HIGH)
    building.decide("wang", draft, "accept")
    assert building.state(draft) == "countersignature"
    building.decide("li", draft, "countersign")
    found = released(building, draft)
    one = found["Provenance"]
    author, first, second = one["agent"]
    assert author["type"]["coding"][0]["code"] == "author"
    assert author["who"]["reference"] == "#model"
    (device,) = one["contained"]
    assert device["resourceType"] == "Device"
    assert device["deviceName"][0]["name"] == building.model.name
    assert device["version"][0]["value"] == building.model.version
    assert device["identifier"][0]["value"] == building.model.digest
    for agent, name in ((first, "wang"), (second, "li")):
        assert agent["type"]["coding"][0]["code"] == "verifier"
        assert agent["who"]["identifier"]["value"] == building.people[name]
    assert [target["reference"] for target in one["target"]] == [
        f"DetectedIssue/{found['DetectedIssue']['id']}"
    ]
    sources = [entity["what"].get("reference") for entity in one["entity"]]
    assert "Observation/o1/_history/1" in sources or "Observation/o1" in sources


def test_an_amended_answer_keeps_the_physicians_words_and_drops_the_models(
    building: Building,
) -> None:
    draft = building.drafted(body=body(issue(), observation()))
    building.decide("wang", draft, "amend", text="Normal for her. <b>No</b> action.")
    found = released(building, draft)
    rate, one = found["Observation"], found["DetectedIssue"]
    assert not {"valueQuantity", "interpretation"} & set(rate)
    assert rate["valueString"] == "Normal for her. <b>No</b> action."
    assert rate["code"]["text"] == "eGFR"
    assert "severity" not in one
    assert "High potassium" not in str(one), "the model's title may name what was amended"
    assert one["detail"] == "Normal for her. <b>No</b> action."
    assert "&lt;b&gt;" in one["text"]["div"]
    assert one["text"]["status"] == "additional"
    assert found["Provenance"]["activity"]["text"] == "amended"
    assert "Repeat potassium" not in str(found["DetectedIssue"])
    for resource in found.values():
        assert not validate(resource, Limits())


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(min_size=1, max_size=60))
def test_whatever_a_physician_may_sign_can_be_released(building: Building, text: str) -> None:
    draft = building.drafted()
    try:
        building.decide("wang", draft, "amend", text=text)
    except BadDecision:
        return
    assert building.state(draft) == "released"
    assert resources(building, building.inbox.release(draft))["DetectedIssue"]["detail"]


def numbers(done: Released, kind: str) -> dict[str, int]:
    """The versions that a release wrote of a type, by id."""
    found = [one.split("/") for one in done.versions]
    return {name: int(number) for one, name, _, number in found if one == kind}


def test_a_correction_is_version_two_of_the_same_resources(building: Building) -> None:
    """Each resource is corrected in its own place, also where there are several of one type."""
    old = building.released(body=body(*(observation(value=n) for n in range(31, 37))))
    new = building.released(
        body=body(*(observation(value=n + 100) for n in range(31, 37))), corrects=old.draft
    )
    assert set(numbers(new, "Observation").values()) == {2}
    assert numbers(new, "Observation").keys() == numbers(old, "Observation").keys()
    assert set(numbers(new, "Provenance").values()) == {1}
    reader = building.floor.chart.reader(building.who("wang"))
    for name in numbers(new, "Observation"):
        before, after = (reader.version("Observation", name, n).resource for n in (1, 2))
        assert before["valueQuantity"]["value"] + 100 == after["valueQuantity"]["value"]


def test_a_correction_asked_for_in_the_inbox_replaces_the_answer_once_signed(
    building: Building,
) -> None:
    old = building.released()
    again = building.inbox.correct(building.who("wang"), old.draft)
    assert building.state(old.draft) == "released", "until it is signed, the old answer stands"
    building.decide("wang", again, "amend", text="Corrected.")
    third = building.inbox.correct(building.who("wang"), again)
    building.decide("wang", third, "amend", text="Corrected once more.")
    (name,) = numbers(old, "DetectedIssue")
    for draft, number in ((again, 2), (third, 3)):
        done = building.inbox.release(draft)
        assert done is not None
        assert numbers(done, "DetectedIssue") == {name: number}
    reader = building.floor.chart.reader(building.who("wang"))
    assert reader.read("DetectedIssue", name).resource["detail"] == "Corrected once more."
    assert len(reader.history("DetectedIssue", name)) == 3


def test_releasing_twice_gives_the_first_release(building: Building) -> None:
    draft = building.drafted()
    building.accept("wang", draft)
    proof = building.signoff.reading.signed(draft)
    assert proof is not None
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: building.floor.release.release(proof), range(4)))
    assert len({one.id for one in done}) == 1
    assert len({frozenset(one.versions) for one in done}) == 1
    events = [one.kind for one in building.events(f"draft:{draft}")]
    assert events.count("released") == 1


def test_every_step_left_its_receipt_in_order(building: Building) -> None:
    draft = building.drafted(risk=RiskClass.HIGH)
    building.decide("wang", draft, "accept")
    building.decide("li", draft, "countersign")
    events = building.events(f"draft:{draft}")
    assert [event.kind for event in events] == [
        "draft-proposed",
        "draft-viewed",
        "draft-signed",
        "draft-viewed",
        "draft-signed",
        "released",
    ]
    assert events[-1].commits["signed"] == events[2].commits["signed"]
    assert events[-1].detail["resources"] == 2
    assert not building.ledger.verify().findings


def test_nothing_is_released_while_a_signature_is_missing(building: Building) -> None:
    for draft in (building.drafted(), building.drafted(risk=RiskClass.HIGH)):
        assert building.inbox.release(draft) is None
    building.accept("wang", draft)
    assert building.inbox.release(draft) is None
    rejected = building.drafted()
    building.decide("wang", rejected, "reject", reason="policy-contradicts")
    assert building.inbox.release(rejected) is None


def test_what_was_signed_before_a_breakdown_is_released_after_it(building: Building) -> None:
    drafts = [building.drafted() for _ in range(3)]
    for draft in drafts:
        building.accept("wang", draft)
        assert building.state(draft) == "signed"
    assert building.inbox.release_waiting() >= 3
    assert {building.state(draft) for draft in drafts} == {"released"}
    assert building.inbox.release_waiting() == 0


@pytest.fixture
def own(database: Database, tmp_path: Path) -> Iterator[Building]:
    """A building whose ledger may break."""
    one = Building(database, tmp_path)
    yield one
    one.close()


def test_without_the_ledger_nothing_is_released(own: Building) -> None:
    draft = own.drafted()
    own.accept("wang", draft)
    with psycopg.connect(own.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("alter function ledger.append(bytea[]) rename to broken")
        with pytest.raises(LedgerUnavailable):
            own.inbox.release(draft)
        assert own.state(draft) == "signed"
        assert own.rows("select 1 from chart.version where origin = 'released'") == []
        owner.execute("alter function ledger.broken(bytea[]) rename to append")
    assert own.inbox.release_waiting() == 1
    assert own.state(draft) == "released"


def test_one_answer_that_cannot_be_released_holds_up_no_other(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = building.drafted(), building.drafted()
    for draft in (first, second):
        building.accept("wang", draft)
    release = building.inbox.release

    def fails(draft: str) -> Released | None:
        if draft == first:
            raise Damaged
        return release(draft)

    monkeypatch.setattr(building.inbox, "release", fails)
    with pytest.raises(Damaged):
        building.inbox.release_waiting()
    assert [building.state(one) for one in (first, second)] == ["signed", "released"]
