"""The physiology behind the results: inversion, interpolation, memory, ranges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from countersign.app.demonstration.body import Body, between
from countersign.app.demonstration.derived import creatinine_for, egfr
from countersign.app.demonstration.tables.analytes import ANALYTES
from countersign.app.demonstration.tables.panels import PANELS

START = datetime(2026, 1, 1, 8, tzinfo=UTC)


def body(female: bool = False, age: int = 50) -> Body:
    return Body(Random(7), female, lambda when: age, 170, 70)


@given(st.floats(8, 140), st.integers(20, 95), st.booleans())
def test_creatinine_is_the_inverse_of_egfr(rate: float, age: int, female: bool) -> None:
    if rate < egfr(12, age, female):
        assert abs(egfr(creatinine_for(rate, age, female), age, female) - rate) < 0.01


def test_egfr_agrees_with_hand_calculated_values() -> None:
    # CKD-EPI 2021 by hand: 142 · (1.0/0.9)^-1.2 · 0.9938^50 and, for women,
    # 142 · (0.6/0.7)^-0.241 · 0.9938^40 · 1.012
    assert abs(egfr(88.4, 50, False) - 91.7) < 0.2
    assert abs(egfr(0.6 * 88.4, 40, True) - 116.3) < 0.2


@given(st.floats(0, 1))
def test_between_two_points_lies_on_the_line(share: float) -> None:
    points = [(START, 10.0), (START + timedelta(days=10), 20.0)]
    value = between(points, START + share * timedelta(days=10))
    assert abs(value - (10 + 10 * share)) < 1e-6
    assert between(points, START - timedelta(days=1)) == 10
    assert between(points, START + timedelta(days=99)) == 20


def test_a_sample_gives_the_same_value_when_it_is_read_again() -> None:
    one = body()
    assert one.at("potassium", START) == one.at("potassium", START)
    assert len({one.at("creatinine", START + timedelta(days=day)) for day in range(20)}) > 3


def test_an_episode_replaces_the_course_while_it_lasts() -> None:
    one = body()
    one.course("crp", [(START, 2.0)])
    one.episode("crp", START, (0, 100), (48, 20))
    assert one.expected("crp", START + timedelta(hours=24)) == 60
    assert one.expected("crp", START + timedelta(hours=49)) == 2


def test_results_of_one_sample_fit_together() -> None:
    one = body()
    ldl, hdl = one.at("ldl", START), one.at("hdl", START)
    assert abs(one.at("cholesterol", START) - ldl - hdl - one.at("triglycerides", START) / 2) < 0.3
    assert one.at("neutrophils", START) < one.at("wbc", START)
    assert abs(one.at("bmi", START) - Decimal("24.2")) < 1


def test_ranges_depend_on_sex_and_age() -> None:
    creatinine = ANALYTES["creatinine"]
    for female, age, low, high in (
        (False, 30, 57, 97),
        (False, 70, 57, 111),
        (True, 30, 41, 73),
        (True, 70, 41, 81),
    ):
        limits = creatinine.range_for(female, age)
        assert limits is not None and (limits.low, limits.high) == (low, high)
    assert creatinine.flag(Decimal(105), False, 40) == "H"
    assert creatinine.flag(Decimal(105), False, 65) == "N"
    assert ANALYTES["potassium"].flag(Decimal("6.40"), False, 40) == "HH"
    assert ANALYTES["sodium"].flag(Decimal(118), True, 40) == "LL"


def test_every_panel_is_made_of_known_analytes_with_codes_of_their_own() -> None:
    for panel in PANELS.values():
        assert all(key in ANALYTES for key in panel.analytes), panel.key
    codes = [one.loinc for one in ANALYTES.values()]
    assert len(codes) == len(set(codes))
    assert ANALYTES["creatinine"].source == "WS/T 404.5-2015"
    assert ANALYTES["haemoglobin"].source == "WS/T 405-2012"
    assert ANALYTES["hba1c"].source == "演示参考区间"
