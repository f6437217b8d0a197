"""What is not FHIR R4 is named precisely, and nothing that stood in it is repeated."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.chart import Limits, validate
from countersign.ground.chart.shape import resource_model
from countersign.kit.json import JSON
from ground.chart.hospital import encounter, observation, patient

LIMITS = Limits()


def problems(resource: JSON, limits: Limits = LIMITS) -> list[str]:
    return [str(one) for one in validate(resource, limits)]


def test_a_valid_resource_has_no_problems() -> None:
    for resource in (patient(), observation(), encounter()):
        assert problems(resource) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"valueQuantity": {"value": "6.3"}}, "valueQuantity.value must be a JSON number"),
        ({"valueQuantity": {"value": True}}, "valueQuantity.value must be a JSON number"),
        ({"subject": '{"reference":"Patient/p1"}'}, "subject must be a JSON object"),
        ({"subject": ["x"]}, "subject may occur only once, not as a list"),
        ({"subject": {}}, "subject must not be empty"),
        ({"category": {"text": "x"}}, "category must be a JSON list"),
        ({"category": []}, "category must not be empty"),
        ({"component": [None]}, "component[0] must not be null"),
        ({"effectiveDateTime": 5}, "effectiveDateTime must be a JSON string"),
        ({"effectiveDateTime": "2026-13-01"}, "effectiveDateTime does not have the format"),
        ({"effectiveDateTime": "2026-11-20T08:00"}, "effectiveDateTime does not have the format"),
        ({"status": None}, "status must not be null"),
        ({"status": 1}, "status must be a JSON string"),
        ({"status": ""}, "status must not be empty"),
        ({"valueString": "x"}, "Observation needs exactly one of its alternative types"),
        ({"note": [{"text": "a\0b"}]}, "note[0].text contains a control character"),
        ({"note": [{"text": "x" * 1_048_577}]}, "note[0].text is too long"),
        ({"resource_type": "Patient"}, "resource_type is not an element"),
        ({"fhir_comments": ["x"]}, "fhir_comments is not an element"),
        ({"合计": 1}, "Observation.… is not an element"),
        ({"contained": [{"resourceType": "Zork"}]}, "contained[0].resourceType is not a FHIR"),
        ({"contained": ["x"]}, "contained[0] must be a JSON object"),
        ({"valueQuantity": {"value": Decimal("1E+500")}}, "value is a number too large"),
        ({"valueQuantity": {"value": 10**30}}, "value is a number too large"),
    ],
)
def test_a_wrong_element_is_named(change: dict[str, Any], expected: str) -> None:
    found = problems(observation(**change))
    assert any(expected in one for one in found), found


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (patient(gender="männlich"), "Patient.gender is not one of the codes"),
        (patient(active="true"), "Patient.active must be true or false"),
        (patient(birthDate=0), "Patient.birthDate must be a JSON string"),
        (patient(multipleBirthInteger=Decimal("2.0")), "must be a whole number"),
        ({"resourceType": "Observation", "code": {"text": "x"}}, "Observation.status is required"),
        ({"resourceType": "Observation", "status": "final"}, "Observation.code is required"),
        ({"resourceType": "Binary", "contentType": "a/b", "data": "!!!"}, "must be base64"),
        ({"resourceType": "Zork"}, "Zork.resourceType is not a FHIR R4 resource type"),
        ({"resourceType": "DomainResource"}, "is not a FHIR R4 resource type"),
        ({"resourceType": "__init__"}, "is not a FHIR R4 resource type"),
        ({}, "is not a FHIR R4 resource type"),
    ],
)
def test_a_wrong_resource_is_named(resource: JSON, expected: str) -> None:
    found = problems(resource)
    assert any(expected in one for one in found), found


def test_extensions_of_primitives_stand_beside_them() -> None:
    gap = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "x"}
    name = {"given": ["明", None], "_given": [None, {"extension": [gap]}]}
    assert problems(patient(name=[name])) == []
    assert problems(patient(name=[{"given": ["明", None]}])) != []
    required = observation(_status={"extension": [gap]})
    del required["status"]
    assert problems(required) == []


def test_nesting_ends_where_the_limit_says() -> None:
    extension: JSON = {"url": "urn:x", "valueString": "x"}
    for _ in range(40):
        extension = {"url": "urn:x", "extension": [extension]}
    found = problems(patient(extension=[extension]))
    assert found and found[0].endswith("is nested too deeply")


def test_a_resource_with_too_many_values_is_refused_before_it_is_walked() -> None:
    many = observation(component=[{"code": {"text": "x"}}] * 100)
    assert problems(many, Limits(resource_values=200)) == ["Observation is too long"]


def test_every_resource_type_of_the_chart_is_known() -> None:
    named = (
        "Patient Practitioner PractitionerRole Organization Location Encounter Condition "
        "AllergyIntolerance Observation DiagnosticReport MedicationRequest MedicationStatement "
        "MedicationAdministration Medication Procedure Immunization CarePlan CareTeam Goal "
        "ServiceRequest Specimen ImagingStudy Media DocumentReference Composition Questionnaire "
        "QuestionnaireResponse Task Appointment Slot Schedule Communication Consent Provenance "
        "AuditEvent Device Binary Claim ExplanationOfBenefit DetectedIssue"
    )
    kinds = named.split()
    assert [kind for kind in kinds if resource_model(kind) is None] == []


SECRET = "Zhang-Wei-HIV-positive"
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(SECRET) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "text", "code", "extension", "id", SECRET]), inner
        )
    ),
    max_leaves=8,
)
ELEMENTS = ["status", "code", "subject", "component", "contained", "meta", "id", "text", "_status"]


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*ELEMENTS, SECRET]), ODD, min_size=1, max_size=4))
def test_whatever_comes_is_judged_and_never_repeated(change: dict[str, Any]) -> None:
    found = validate({**observation(), **change}, LIMITS)
    assert not any(SECRET in str(one) or SECRET in one.words.zh for one in found)
    json.dumps([one.words.as_json() for one in found])
