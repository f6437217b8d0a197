"""Which recorded conditions change what a result means."""

from __future__ import annotations

import pytest

from countersign.rooms.workstation.domain.facts import read_facts
from countersign.rooms.workstation.domain.problems import Problems
from rooms.workstation.domain.charting import JSON, NOW, ago, named_problem, person, problem

ICD = "http://hl7.org/fhir/sid/icd-10-cn"


def problems_of(*chart: JSON) -> Problems:
    facts = read_facts([person(), *chart], NOW)
    assert facts is not None
    return facts.problems


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (problem("44054006"), "diabetes"),
        (problem("E11.900", ICD), "diabetes"),
        (problem("E10.9", "http://hl7.org/fhir/sid/icd-10-cm"), "diabetes"),
        (problem("38341003"), "hypertension"),
        (problem("I10.x05", ICD), "hypertension"),
        (problem("433144002"), "kidney"),
        (problem("N18.300", ICD), "kidney"),
        (problem("Z99.2", ICD), "dialysis"),
        (named_problem("2型糖尿病"), "diabetes"),
        (named_problem("高血压病3级(很高危)"), "hypertension"),
        (named_problem("慢性肾脏病3期"), "kidney"),
        (named_problem("维持性血液透析"), "dialysis"),
        (problem("77386006"), "pregnancy"),
        (problem("O24.400", ICD), "pregnancy"),
    ],
)
def test_known_by_code_or_by_name(resource: JSON, kind: str) -> None:
    assert getattr(problems_of(resource), kind)


@pytest.mark.parametrize(
    "resource",
    [
        problem("15777000", name="Prediabetes"),
        problem("E23.2", ICD, name="尿崩症"),
        named_problem("糖尿病前期"),
        named_problem("糖尿病家族史"),
        named_problem("尿崩症(diabetes insipidus)"),
        named_problem("门静脉高压"),
        named_problem("肺动脉高血压"),
        named_problem("Family history of diabetes mellitus"),
        named_problem("Ocular hypertension"),
        problem("O80.0", ICD, name="单胎顺产"),
    ],
)
def test_names_that_mean_something_else(resource: JSON) -> None:
    assert problems_of(resource) == Problems()


@pytest.mark.parametrize(
    "change",
    [
        {"verificationStatus": {"coding": [{"code": "refuted"}]}},
        {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}},
        {"verificationStatus": {"coding": [{"code": "differential"}]}},
        {"clinicalStatus": {"coding": [{"code": "resolved"}]}},
        {"clinicalStatus": {"coding": [{"code": "inactive"}]}},
        {"subject": {"reference": "Patient/li-2"}},
    ],
)
def test_suspected_and_past_problems_are_none(change: JSON) -> None:
    assert problems_of(problem("44054006", **change)) == Problems()


@pytest.mark.parametrize("name", ["妊娠期糖尿病", "Gestational diabetes", "妊娠期高血压"])
def test_disorders_of_pregnancy_are_pregnancy_and_nothing_else(name: str) -> None:
    found = problems_of(named_problem(name))
    assert found.pregnancy
    assert not found.diabetes
    assert not found.hypertension


def test_a_pregnancy_that_nobody_closed_ends_by_itself() -> None:
    assert problems_of(problem("72892002", onsetDateTime=ago(290))).pregnancy
    assert not problems_of(problem("72892002", onsetDateTime=ago(320))).pregnancy
