"""What is read of a chart, and what must not be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from countersign.rooms.workstation.domain.facts import Facts, read_facts
from countersign.rooms.workstation.domain.fhir import number
from rooms.workstation.domain.charting import JSON, ME, NOW, ago, blood_pressure, lab, person


def facts_of(*chart: JSON, who: JSON | None = None) -> Facts:
    facts = read_facts([who or person(), *chart], NOW)
    assert facts is not None
    return facts


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "preliminary"])
def test_reported_results_count(status: str) -> None:
    assert facts_of(lab("potassium", 4.1, status=status)).latest("potassium")


@pytest.mark.parametrize(
    "status", ["entered-in-error", "cancelled", "registered", "unknown", None, 7]
)
def test_withdrawn_and_unreported_results_do_not(status: object) -> None:
    facts = facts_of(lab("potassium", 6.9, status=status))
    assert facts.latest("potassium") is None
    assert not facts.unread


def test_another_patients_result_is_not_looked_at() -> None:
    mine, other = lab("potassium", 4.1), lab("potassium", 6.9)
    for subject in ("Patient/li-2", "https://elsewhere.example/fhir/Patient/wang-1", "", None):
        other["subject"] = {"reference": subject}
        assert facts_of(mine, other).latest("potassium").value == Decimal("4.1")
    del other["subject"]
    assert facts_of(mine, other).latest("potassium").value == Decimal("4.1")


@pytest.mark.parametrize(
    "spelling", [f"Patient/{ME}", f"urn:uuid:{ME}", f"Patient/{ME}/_history/3"]
)
def test_the_patients_own_results_are_found_however_they_point(spelling: str) -> None:
    assert facts_of(lab("potassium", 4.1, subject={"reference": spelling})).latest("potassium")


def test_no_patient_or_two_patients_are_no_chart() -> None:
    assert read_facts([lab("potassium", 6.9)], NOW) is None
    assert read_facts([person(), {**person(), "id": "li-2"}], NOW) is None


@pytest.mark.parametrize(
    "end", [{"deceasedBoolean": True}, {"deceasedDateTime": "2020-01-01"}, {"active": False}]
)
def test_nothing_is_proposed_for_the_dead_or_for_a_closed_record(end: JSON) -> None:
    assert read_facts([person(**end), lab("potassium", 6.9)], NOW) is None
    assert read_facts([person(deceasedBoolean=False, active=True)], NOW) is not None


def test_what_a_model_asserted_is_not_an_input() -> None:
    made = lab("potassium", 6.9)
    made["meta"]["security"] = [{"code": "AIAST"}]
    assert facts_of(made).latest("potassium") is None


def test_the_newest_version_counts_and_is_the_reference() -> None:
    old = lab("potassium", 6.9)
    new = {**old, "meta": {"versionId": "10"}, "valueQuantity": {"value": 4.9, "unit": "mmol/L"}}
    for chart in ([old, new], [new, old]):
        newest = facts_of(*chart).latest("potassium")
        assert newest.value == Decimal("4.9")
        assert newest.reference == f"Observation/{old['id']}/_history/10"


def test_a_corrected_result_withdrawn_later_is_gone() -> None:
    old = lab("potassium", 6.9)
    withdrawn = {**old, "meta": {"versionId": "2"}, "status": "entered-in-error"}
    assert facts_of(withdrawn, old).latest("potassium") is None


def test_one_version_with_two_contents_is_not_trusted() -> None:
    one = lab("potassium", 6.9)
    other = {**one, "valueQuantity": {"value": 4.0, "unit": "mmol/L"}}
    assert facts_of(one, other).latest("potassium") is None
    assert facts_of(one, dict(one)).latest("potassium") is not None


def test_the_same_result_under_two_ids_is_one() -> None:
    when = ago(1)
    twice = [lab("creatinine", 90, when=when), lab("creatinine", 90, when=when)]
    assert len(facts_of(*twice).of("creatinine")) == 1


def test_a_final_result_replaces_the_preliminary_one_of_the_same_sample() -> None:
    when = ago(1)
    early = lab("potassium", 6.9, when=when, status="preliminary")
    final = lab("potassium", 4.9, when=when)
    for chart in ([early, final], [final, early]):
        assert facts_of(*chart).latest("potassium").value == Decimal("4.9")


@pytest.mark.parametrize(
    ("when", "trouble"),
    [
        ((NOW + timedelta(days=1)).isoformat(), "future"),
        ("2031-01-01", "future"),
        ("2026-13-40T00:00:00Z", "undated"),
        ("yesterday", "undated"),
        (None, "undated"),
    ],
)
def test_results_without_a_usable_date_are_set_aside(when: object, trouble: str) -> None:
    facts = facts_of(lab("potassium", 6.9, when=when))
    assert facts.latest("potassium") is None
    assert [item.trouble for item in facts.unread] == [trouble]


def test_todays_date_in_the_east_is_not_the_future() -> None:
    assert facts_of(lab("potassium", 4.1, when="2026-11-22")).latest("potassium")


def test_the_time_of_issue_stands_in_and_is_said() -> None:
    resource = lab("potassium", 4.1, issued=ago(2))
    del resource["effectiveDateTime"]
    assert facts_of(resource).latest("potassium").report.dated_by_issue


def test_days_keep_the_senders_own_calendar() -> None:
    newest = facts_of(lab("potassium", 4.1, when="2026-11-22T06:30:00+08:00")).latest("potassium")
    assert newest.when.day == "2026-11-22"
    assert newest.when.at == datetime(2026, 11, 21, 22, 30, tzinfo=UTC)


def test_results_inside_a_panel_are_read_one_by_one() -> None:
    first, second = lab("potassium", 6.9), lab("sodium", 118)
    panel = {**first, "code": {"text": "电解质"}, "component": [first, second]}
    del panel["valueQuantity"]
    facts = facts_of(panel)
    assert facts.latest("potassium").value == Decimal("6.9")
    assert facts.latest("sodium").reference == facts.latest("potassium").reference


def test_ages_are_completed_years_and_half_a_birth_date_is_none() -> None:
    born = facts_of(who=person(birth="1966-11-23"))
    assert born.age == 59
    assert facts_of(who=person(birth="1966-11-22")).age == 60
    assert facts_of(who=person(birth="1966")).age is None
    assert facts_of(who=person(birth="2030-01-01")).age is None


def test_the_present_may_be_a_plain_date() -> None:
    assert read_facts([person()], date(2026, 11, 22)).now > NOW
    assert read_facts([person()], datetime(2026, 11, 22)).now.tzinfo is not None  # noqa: DTZ001


def test_blood_pressure_needs_both_parts_in_a_known_unit() -> None:
    assert facts_of(blood_pressure(128, 76)).pressures[0].systolic == 128
    kilopascal = blood_pressure(17, 10)
    for part in kilopascal["component"]:
        part["valueQuantity"] = {"value": part["valueQuantity"]["value"], "unit": "kPa"}
    assert facts_of(kilopascal).pressures[0].systolic == 128
    half = blood_pressure(128, 76)
    half["component"].pop()
    assert not facts_of(half).pressures
    swapped = blood_pressure(76, 128)
    assert facts_of(swapped).unread[0].trouble == "implausible"


@pytest.mark.parametrize(
    "value", [True, "5", None, float("nan"), float("inf"), Decimal("1e40"), 10**40, 1e-300]
)
def test_only_bounded_json_numbers_are_numbers(value: object) -> None:
    assert number(value) is None


def test_numbers_stay_as_they_were_written() -> None:
    assert number(0.1) == Decimal("0.1")
    assert number(Decimal("6.30")).as_tuple().exponent == -2
