"""A chart never contradicts itself: nothing before birth, after death or outside its visit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from app.demonstration.charts import Chart, atc, labels, when
from countersign.app.demonstration import house_bundle

MEN_ONLY, WOMEN_ONLY = {"N40", "C61"}, {"Z34.9", "O80.9", "C50.9"}


def test_nothing_has_happened_later_than_now(charts: list[Chart], moment: datetime) -> None:
    for chart in charts:
        for resource, time in chart.moments():
            assert time <= moment, f"{chart}: {resource['resourceType']} {time}"
        for one in chart.of("Appointment"):
            assert when(one["start"]) > moment
            assert when(one["created"]) <= moment


def test_nothing_happened_before_birth(charts: list[Chart]) -> None:
    for chart in charts:
        for resource, time in chart.moments():
            assert time.date() > chart.birth, f"{chart}: {resource['resourceType']}"
        for condition in chart.of("Condition"):
            onset = date.fromisoformat(condition["onsetDateTime"])
            assert chart.birth < onset <= when(condition["recordedDate"]).date()
            if "abatementDateTime" in condition:
                assert onset <= date.fromisoformat(condition["abatementDateTime"])


def test_the_deceased_have_no_later_events(charts: list[Chart]) -> None:
    dead = [chart for chart in charts if chart.died]
    assert 5 <= len(dead) <= 10
    for chart in dead:
        assert chart.died is not None
        for resource, time in chart.moments():
            assert time <= chart.died, f"{chart}: {resource['resourceType']} {time}"
        assert chart.admission is None
        assert not chart.of("Appointment")
        assert not chart.taking()
        assert all(one["status"] == "completed" for one in chart.of("CarePlan"))
        last = max(chart.of("Encounter"), key=lambda one: one["period"]["start"])
        disposition = last["hospitalization"]["dischargeDisposition"]
        assert disposition["coding"][0]["code"] == "exp"


def test_the_admitted_lie_in_a_bed_of_their_own(charts: list[Chart]) -> None:
    house = {entry["request"]["url"] for entry in house_bundle()["entry"]}
    beds: list[str] = []
    for chart in charts:
        if chart.admission is None:
            continue
        ward, bed = (one["location"] for one in chart.admission["location"])
        assert ward["reference"].startswith("Location/ward-")
        assert bed["reference"].startswith(ward["reference"] + "-bed-")
        assert bed["reference"] in house
        assert bed["display"].endswith("床")
        service = chart.admission["serviceType"]["coding"][0]
        assert service["system"] == "urn:countersign:department"
        assert ward["reference"] == f"Location/ward-{service['code']}"
        provider = chart.admission["serviceProvider"]["reference"]
        assert provider == f"Organization/department-{service['code']}"
        beds.append(bed["reference"])
    assert len(beds) == len(set(beds))


def test_nobody_is_at_two_places_at_once(charts: list[Chart], moment: datetime) -> None:
    for chart in charts:
        periods = sorted(
            (when(one["period"]["start"]), when(one["period"].get("end", moment.isoformat())))
            for one in chart.of("Encounter")
        )
        for (_, end), (start, _) in zip(periods, periods[1:], strict=False):
            assert end < start, f"{chart}: {start}"


def test_clinics_are_open_on_working_days(charts: list[Chart]) -> None:
    for chart in charts:
        for one in chart.of("Encounter"):
            if one["class"]["code"] == "AMB":
                start = when(one["period"]["start"])
                assert start.weekday() < 5 and 7 < start.hour < 18, f"{chart}: {start}"


def test_what_is_measured_is_measured_during_its_visit(
    charts: list[Chart], moment: datetime
) -> None:
    for chart in charts:
        for one in (*chart.of("Observation"), *chart.of("DiagnosticReport")):
            period = chart.by_url[one["encounter"]["reference"]]["period"]
            time = when(one["effectiveDateTime"])
            assert when(period["start"]) <= time, f"{chart}: {one['code']['text']} {time}"
            assert time <= when(period.get("end", moment.isoformat())), f"{chart}: {time}"
            assert time <= when(one["issued"])


def test_medicines_start_when_they_are_ordered(charts: list[Chart], moment: datetime) -> None:
    for chart in charts:
        for order in chart.of("MedicationRequest"):
            written = when(order["authoredOn"])
            period = chart.by_url[order["encounter"]["reference"]]["period"]
            assert when(period["start"]) <= written <= when(period.get("end", moment.isoformat()))
            validity = order["dispenseRequest"]["validityPeriod"]
            assert when(validity["start"]) == written
            ended = order["status"] in ("completed", "stopped")
            assert ended == ("end" in validity), f"{chart}: {atc(order)}"
            if ended:
                assert written < when(validity["end"])
            for reason in order.get("reasonReference", []):
                condition = chart.by_url[reason["reference"]]
                assert when(condition["recordedDate"]) <= written


def test_nobody_takes_the_same_order_twice(charts: list[Chart]) -> None:
    for chart in charts:
        active = [one for one in chart.of("MedicationRequest") if one["status"] == "active"]
        names = [one["medicationCodeableConcept"]["text"] for one in active]
        assert len(names) == len(set(names)), f"{chart}: {sorted(names)}"


def test_the_allergic_get_no_penicillin(charts: list[Chart]) -> None:
    allergic = [one for one in charts if "J01C" in one.codes("AllergyIntolerance")]
    assert len(allergic) > 8
    for chart in allergic:
        assert not any(atc(one).startswith("J01C") for one in chart.of("MedicationRequest"))


def test_men_and_women_have_their_own_diseases(charts: list[Chart]) -> None:
    for chart in charts:
        assert not chart.diseases() & (MEN_ONLY if chart.female else WOMEN_ONLY), chart


def test_flags_agree_with_the_ranges(charts: list[Chart]) -> None:
    for chart in charts:
        for one in chart.of("Observation"):
            for part in (one, *one.get("component", [])):
                if "referenceRange" not in part:
                    continue
                value: Decimal = part["valueQuantity"]["value"]
                (limits,) = part["referenceRange"]
                flag = part["interpretation"][0]["coding"][0]["code"]
                low = "low" in limits and value < limits["low"]["value"]
                high = "high" in limits and value > limits["high"]["value"]
                assert flag[0] == ("L" if low else "H" if high else "N"), part
                assert limits["text"].endswith("）"), "a range names its source"


def test_units_are_ucum(charts: list[Chart]) -> None:
    for chart in charts[::6]:
        for one in chart.of("Observation"):
            for part in (one, *one.get("component", [])):
                if "valueQuantity" in part:
                    assert part["valueQuantity"]["system"] == "http://unitsofmeasure.org"
                    assert part["valueQuantity"]["code"]


def test_sensitive_diagnoses_and_medicines_are_labelled(charts: list[Chart]) -> None:
    wanted = {"F32.1": "PSY", "F20.0": "PSY", "B24": "HIV"}
    found = 0
    for chart in charts:
        for one in chart.of("Condition"):
            label = wanted.get(one["code"]["coding"][0]["code"])
            if label is not None:
                found += 1
                assert label in labels(one)
                visit = chart.by_url[one["encounter"]["reference"]]
                assert label in labels(visit)
        for order in chart.of("MedicationRequest"):
            if atc(order).startswith(("N05A", "N06A")):
                assert "PSY" in labels(order)
            if atc(order).startswith("J05A"):
                assert "HIV" in labels(order)
        for one in chart.of("Observation"):
            if one["code"]["coding"][0]["code"] in ("24467-3", "20447-9"):
                assert "HIV" in labels(one)
    assert found >= 10


def test_notes_of_other_departments_keep_what_is_sensitive(charts: list[Chart]) -> None:
    words = ("抑郁", "精神分裂", "HIV", "免疫缺陷")
    for chart in charts:
        for resource, text in chart.notes():
            if any(word in text for word in words):
                assert labels(resource) & {"PSY", "HIV"}, f"{chart}: {text[:60]}"


def test_notes_hold_nothing_of_the_future(charts: list[Chart]) -> None:
    for chart in charts:
        reports = [one for one in chart.of("DiagnosticReport") if "imagingStudy" in one]
        for resource, text in chart.notes():
            written = when(resource["date"])
            said = [one for one in reports if f"{one['code']['text']}：{one['conclusion']}" in text]
            for one in said:
                same = [r for r in reports if r["conclusion"] == one["conclusion"]]
                assert min(when(r["issued"]) for r in same) <= written + timedelta(minutes=1)
