"""Among those admitted now are enough who need a decision today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from app.demonstration.charts import Chart

Finds = Callable[[Chart, datetime], bool]
POTASSIUM, SODIUM, GLUCOSE, HBA1C = "2823-3", "2951-2", "14749-6", "4548-4"
HAEMOGLOBIN, CREATININE, EGFR, INR = "718-7", "14682-9", "98979-8", "6301-6"


def recent(chart: Chart, loinc: str, now: datetime, hours: float = 36) -> list[float]:
    """Values of the last hours, oldest first."""
    since = now - timedelta(hours=hours)
    return [float(value) for time, value in chart.results(loinc) if time >= since]


def last(chart: Chart, loinc: str, now: datetime, hours: float = 36) -> float:
    """The newest value of the last hours; not a number where there is none."""
    return (recent(chart, loinc, now, hours) or [float("nan")])[-1]


def takes(chart: Chart, *codes: str) -> bool:
    return set(codes) <= chart.taking()


def injured(chart: Chart, now: datetime) -> bool:
    """KDIGO 2012: creatinine up by 26.5 µmol/L within 48 hours."""
    results = [one for one in chart.results(CREATININE) if one[0] > now - timedelta(hours=60)]
    if chart.diseases() & {"N18.3", "N18.4"} or not results:
        return False
    final, value = results[-1]
    return any(
        value - before >= 26.5 and final - time <= timedelta(hours=48) for time, before in results
    )


SITUATIONS: dict[str, tuple[int, Finds]] = {
    "potassium 6.4 within the last three hours": (
        3,
        lambda c, now: 6.25 < last(c, POTASSIUM, now, 3) < 6.6,
    ),
    "sodium 118": (2, lambda c, now: 117 <= last(c, SODIUM, now) <= 119),
    "glucose 2.3": (3, lambda c, now: 2.2 <= last(c, GLUCOSE, now, 3) <= 2.4),
    "haemoglobin falls by 30 g/L within two days": (
        3,
        lambda c, now: (
            (values := recent(c, HAEMOGLOBIN, now, 60))[-1:] < [90] and values[0] - values[-1] >= 30
            if recent(c, HAEMOGLOBIN, now, 60)
            else False
        ),
    ),
    "acute kidney injury": (4, injured),
    "metformin with an eGFR below 30": (
        3,
        lambda c, now: takes(c, "A10BA02") and last(c, EGFR, now, 72) < 30,
    ),
    "spironolactone and potassium chloride with potassium 5.7": (
        3,
        lambda c, now: takes(c, "C03DA01", "A12BA01") and last(c, POTASSIUM, now) > 5.5,
    ),
    "INR 6 on warfarin": (3, lambda c, now: takes(c, "B01AA03") and last(c, INR, now) > 5.9),
    "digoxin with potassium 2.9": (
        3,
        lambda c, now: takes(c, "C01AA05") and last(c, POTASSIUM, now) < 3.0,
    ),
    "HbA1c far above target": (3, lambda c, now: last(c, HBA1C, now, 96) > 9),
    "blood pressure far above target": (3, lambda c, now: last(c, "8480-6", now) >= 160),
    "stage G3b or G4 with heavy albuminuria": (
        3,
        lambda c, now: last(c, "9318-7", now, 96) > 300 and 15 < last(c, EGFR, now, 96) < 45,
    ),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_situation_waits_on_a_ward(name: str, charts: list[Chart], moment: datetime) -> None:
    least, finds = SITUATIONS[name]
    found = [chart for chart in charts if chart.admission and finds(chart, moment)]
    assert len(found) >= least, f"{name}: {found}"


def test_a_few_dozen_need_a_decision_and_the_others_do_not(
    charts: list[Chart], moment: datetime
) -> None:
    admitted = [chart for chart in charts if chart.admission]
    urgent = [
        chart for chart in admitted if any(finds(chart, moment) for _, finds in SITUATIONS.values())
    ]
    assert 25 <= len(urgent) <= 42
    assert len(admitted) - len(urgent) >= 18


def test_the_critical_are_named_by_the_laboratory(charts: list[Chart], moment: datetime) -> None:
    critical = [
        one
        for chart in charts
        if chart.admission
        for one in chart.of("DiagnosticReport")
        if one["conclusion"].startswith("危急值")
    ]
    assert len(critical) >= 9
    for one in critical:
        assert one["_conclusion"]["extension"], "in English too"
        assert one["basedOn"] and one["specimen"]


def test_everyone_on_a_ward_has_a_team_of_known_people(charts: list[Chart]) -> None:
    for chart in charts:
        if chart.admission is None:
            continue
        (team,) = chart.of("CareTeam")
        members = [one["member"] for one in team["participant"]]
        assert len(members) >= 1
        for member in members:
            assert member["identifier"]["system"] == "urn:countersign:person"
            assert member["reference"] == f"Practitioner/{member['identifier']['value']}"
