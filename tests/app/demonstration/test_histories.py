"""Each kind of patient keeps its promise over the years."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from app.demonstration.charts import SEED, Chart, atc, when
from countersign.app.demonstration.archetypes import (
    blood,
    circulation,
    glands,
    heart,
    kidney,
    lungs,
    metabolic,
    sensitive,
    surgery,
    urology,
    wellbeing,
)
from countersign.app.demonstration.cast import Tell, call

HBA1C, CREATININE, EGFR, LDL, INR = "4548-4", "14682-9", "98979-8", "22748-8", "6301-6"
HAEMOGLOBIN, POTASSIUM, TSH, URATE, PSA = "718-7", "2823-3", "3016-3", "14933-6", "2857-1"


@pytest.fixture
def playing(charts: list[Chart]) -> Callable[[Tell], list[Chart]]:
    """The patients of one kind whom no plot has brought to the ward."""
    cast = call(Random(SEED))

    def of(tell: Tell) -> list[Chart]:
        found = [one for one, (part, plot) in zip(charts, cast, strict=True) if part.tell is tell]
        quiet = [one for one, (_, plot) in zip(charts, cast, strict=True) if not plot]
        return [one for one in found if one in quiet]

    return of


Playing = Callable[[Tell], list[Chart]]


def fell(chart: Chart, loinc: str) -> float:
    """The first value less the last."""
    values = [float(value) for _, value in chart.results(loinc)]
    return values[0] - values[-1]


def test_hba1c_follows_treatment(playing: Playing) -> None:
    for chart in playing(metabolic.diabetes):
        values = [float(value) for _, value in chart.results(HBA1C)]
        assert values[0] > 7.7, chart
        assert values[-1] < 7.8 and fell(chart, HBA1C) > 0.6, f"{chart}: {values}"
        first = min(when(one["authoredOn"]) for one in chart.of("MedicationRequest"))
        assert first.date() == chart.results(HBA1C)[0][0].date()


def test_creatinine_rises_over_years_in_kidney_disease(playing: Playing) -> None:
    for tell in (kidney.kidney_disease, metabolic.diabetic_kidney):
        for chart in playing(tell):
            assert fell(chart, CREATININE) < -15, chart
            assert fell(chart, EGFR) > 8, chart
            assert chart.diseases() & {"N18.3", "N18.4"}, chart


def test_the_reported_egfr_is_that_of_the_creatinine(charts: list[Chart]) -> None:
    for chart in charts[::4]:
        rates = dict(chart.results(EGFR))
        for moment, creatinine in chart.results(CREATININE):
            if moment in rates:
                scr = float(creatinine) / 88.4
                kappa, alpha = (0.7, -0.241) if chart.female else (0.9, -0.302)
                early = (moment.month, moment.day) < (chart.birth.month, chart.birth.day)
                age = moment.year - chart.birth.year - early
                expected = 142 * min(scr / kappa, 1) ** alpha * max(scr / kappa, 1) ** -1.2
                expected *= 0.9938**age * (1.012 if chart.female else 1)
                assert abs(float(rates[moment]) - expected) < 1.1, chart


def test_statins_lower_ldl_after_an_infarction(playing: Playing) -> None:
    for chart in playing(heart.coronary):
        assert fell(chart, LDL) > 1, chart
        assert float(chart.latest(LDL)) < 1.8, chart
        assert {"B01AC06", "C10AA05", "C07AB02"} <= chart.taking(), chart


def test_warfarin_holds_the_inr_in_its_range(playing: Playing) -> None:
    found = 0
    for chart in playing(circulation.fibrillation):
        if "B01AA03" not in chart.taking():
            assert "B01AF01" in chart.taking(), chart
            continue
        found += 1
        first, *later = [float(value) for _, value in chart.results(INR)]
        assert first < 1.2, chart
        assert all(1.5 < value < 3.6 for value in later), f"{chart}: {later}"
    assert found


def test_heart_failure_has_its_pillars(playing: Playing) -> None:
    for chart in playing(circulation.heart_failure):
        assert {"C09DX04", "C07AB07", "C03DA01", "A10BK01"} <= chart.taking(), chart
        assert fell(chart, "33762-6") > 1500, chart


def test_iron_brings_the_haemoglobin_back(playing: Playing) -> None:
    for chart in playing(blood.iron_deficiency):
        assert fell(chart, HAEMOGLOBIN) < -20, chart
        ferritin = [value for _, value in chart.results("2276-4")]
        assert ferritin[0] < 10 < ferritin[-1], chart


def test_copd_is_admitted_with_an_infection_and_recovers(playing: Playing) -> None:
    stays = 0
    for chart in playing(lungs.copd):
        assert all(value < 70 for _, value in chart.results("19926-5")), chart
        for one in chart.of("Encounter"):
            if one["class"]["code"] == "IMP":
                stays += 1
                start, end = when(one["period"]["start"]), when(one["period"]["end"])
                crp = [float(v) for time, v in chart.results("1988-5") if start <= time <= end]
                assert crp[0] > 40 > crp[-1], chart
    assert stays >= 4


def test_hormones_and_urate_answer_to_their_medicine(playing: Playing) -> None:
    for chart in playing(glands.hypothyroidism):
        assert chart.results(TSH)[0][1] > 15 > 5 > chart.latest(TSH), chart
    for chart in playing(glands.gout):
        assert fell(chart, URATE) > 120, chart
    for chart in playing(urology.prostate_cancer):
        assert chart.results(PSA)[0][1] > 30 and chart.latest(PSA) < 2, chart


def test_an_operation_costs_some_blood_and_is_in_the_chart(playing: Playing) -> None:
    for tell in (surgery.gallbladder, surgery.hip_fracture, surgery.appendix):
        for chart in playing(tell):
            stays = [one for one in chart.of("Encounter") if one["class"]["code"] == "IMP"]
            assert len(stays) == len(chart.of("Procedure")) <= 1, chart


def test_the_healthy_take_nothing_for_long_and_are_well(playing: Playing) -> None:
    for chart in playing(wellbeing.healthy):
        assert not chart.taking(), chart
        assert all(3.5 <= value <= 5.3 for _, value in chart.results(POTASSIUM)), chart
        values = [one for one in chart.of("Observation") if "interpretation" in one]
        odd = [one for one in values if one["interpretation"][0]["coding"][0]["code"] != "N"]
        assert len(odd) <= 0.12 * len(values), chart


def test_treatment_keeps_the_virus_down(playing: Playing) -> None:
    for chart in playing(sensitive.hiv):
        assert chart.results("20447-9")[0][1] > 10_000 and chart.latest("20447-9") < 20
        assert fell(chart, "24467-3") < -100
        assert {atc(one) for one in chart.of("MedicationRequest")} >= {"J05AR20"}
