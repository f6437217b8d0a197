"""Everything generated is valid FHIR, and every reference leads somewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from app.demonstration.charts import Chart
from countersign.app.demonstration import house_bundle
from countersign.kit.json import decode, encode

SAMPLE = 40


def validated(resource: dict[str, Any]) -> None:
    model = get_fhir_model_class(resource["resourceType"])
    model.model_validate(decode(encode(resource)))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def test_a_sample_of_patients_is_valid(charts: list[Chart]) -> None:
    for chart in charts[:: len(charts) // SAMPLE]:
        for resource in chart.resources:
            validated(resource)


def test_each_type_of_each_patient_is_valid(charts: list[Chart]) -> None:
    for chart in charts:
        kinds = {resource["resourceType"]: resource for resource in chart.resources}
        for resource in kinds.values():
            validated(resource)


def test_the_house_is_valid() -> None:
    for entry in house_bundle()["entry"]:
        validated(entry["resource"])


def test_every_reference_leads_somewhere(charts: list[Chart]) -> None:
    house = {entry["request"]["url"] for entry in house_bundle()["entry"]}
    assert all(one in house for entry in house_bundle()["entry"] for one in references(entry))
    for chart in charts:
        for one in references(chart.bundle):
            assert one in chart.by_url or one in house, f"{chart}: {one}"


def test_entries_are_put_under_their_own_ids(charts: list[Chart]) -> None:
    seen: set[str] = set()
    for chart in charts:
        assert chart.bundle["type"] == "transaction"
        assert chart.resources[0]["resourceType"] == "Patient"
        for entry in chart.bundle["entry"]:
            resource = entry["resource"]
            url = f"{resource['resourceType']}/{resource['id']}"
            assert entry["request"] == {"method": "PUT", "url": url}
            assert entry["fullUrl"] == f"urn:uuid:{resource['id']}"
            assert url not in seen
            seen.add(url)


def test_every_resource_of_a_patient_is_about_that_patient(charts: list[Chart]) -> None:
    for chart in charts:
        for resource in chart.resources[1:]:
            subject = resource.get("subject") or resource.get("patient")
            if resource["resourceType"] == "Appointment":
                subject = resource["participant"][0]["actor"]
            assert subject["reference"] == f"urn:uuid:{chart.patient['id']}"


def test_the_size_is_that_of_a_small_hospital(charts: list[Chart]) -> None:
    sizes = [len(chart.resources) for chart in charts]
    assert len(charts) == 240
    assert min(sizes) >= 55
    assert max(sizes) <= 230
    assert 24_000 <= sum(sizes) <= 32_000
    admitted = [chart for chart in charts if chart.admission]
    assert 55 <= len(admitted) <= 65
    kinds = Counter(one["resourceType"] for chart in charts for one in chart.resources)
    rare = {"ImagingStudy", "ServiceRequest", "Specimen", "Appointment", "Composition", "Goal"}
    rare |= {"Procedure", "Immunization", "CarePlan", "CareTeam", "AllergyIntolerance"}
    assert all(kinds[kind] >= 30 for kind in rare), kinds


def test_a_history_is_years_long(charts: list[Chart]) -> None:
    spans = []
    for chart in charts:
        times = sorted(moment for _, moment in chart.moments())
        spans.append((times[-1] - times[0]).days / 365)
    assert sum(spans) / len(spans) > 2.2
    assert max(spans) < 7
    assert sum(span >= 1.4 for span in spans) > 230
