"""The equation against a second one written from the paper, and the categories at their edges."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.rooms.workstation.domain import ckd_epi_2021
from countersign.rooms.workstation.domain.facts import read_facts
from countersign.rooms.workstation.domain.kidney import a_category, g_category, latest_filtration
from rooms.workstation.domain.charting import JSON, NOW, lab, person

SEXES = ("female", "male")
ages = st.integers(18, 110)
levels = st.floats(0.1, 25)


def four_cases(creatinine: float, age: int, sex: str) -> float:
    """The table form of the same equation: one row for each sex and side of κ, in logarithms."""
    row = {
        ("female", True): (143.704, 0.7, -0.241),
        ("female", False): (143.704, 0.7, -1.200),
        ("male", True): (142.0, 0.9, -0.302),
        ("male", False): (142.0, 0.9, -1.200),
    }
    constant, kappa, power = row[sex, creatinine <= (0.7 if sex == "female" else 0.9)]
    logarithm = math.log(constant) + power * math.log(creatinine / kappa) + age * math.log(0.9938)
    return math.exp(logarithm)


@settings(deadline=None)
@given(creatinine=levels, age=ages, sex=st.sampled_from(SEXES))
def test_two_implementations_agree(creatinine: float, age: int, sex: str) -> None:
    ours = ckd_epi_2021(creatinine, age, sex)
    assert math.isclose(ours, four_cases(creatinine, age, sex), rel_tol=1e-9)


@pytest.mark.parametrize(
    ("creatinine", "age", "sex", "rate"),
    [
        # At κ both powers vanish: 142 × 0.9938^age, × 1.012 for women.
        (0.9, 50, "male", 142 * 0.9938**50),
        (0.7, 50, "female", 142 * 0.9938**50 * 1.012),
        (1.8, 20, "male", 142 * 2**-1.2 * 0.9938**20),
        (0.35, 80, "female", 142 * 0.5**-0.241 * 0.9938**80 * 1.012),
    ],
)
def test_values_that_can_be_worked_by_hand(
    creatinine: float, age: int, sex: str, rate: float
) -> None:
    assert math.isclose(ckd_epi_2021(creatinine, age, sex), rate, rel_tol=1e-12)


@settings(deadline=None)
@given(
    pair=st.tuples(levels, levels).filter(lambda p: p[0] < p[1]),
    age=ages,
    sex=st.sampled_from(SEXES),
)
def test_more_creatinine_is_never_more_filtration(
    pair: tuple[float, float], age: int, sex: str
) -> None:
    # Two neighbouring numbers may round to the same rate.
    assert ckd_epi_2021(pair[0], age, sex) >= ckd_epi_2021(pair[1], age, sex)


@settings(deadline=None)
@given(
    creatinine=levels,
    pair=st.tuples(ages, ages).filter(lambda p: p[0] < p[1]),
    sex=st.sampled_from(SEXES),
)
def test_older_is_never_more_filtration(creatinine: float, pair: tuple[int, int], sex: str) -> None:
    assert ckd_epi_2021(creatinine, pair[0], sex) > ckd_epi_2021(creatinine, pair[1], sex)


@pytest.mark.parametrize(
    ("rate", "grade"),
    [
        (120, "G1"),
        (90, "G1"),
        (89, "G2"),
        (60, "G2"),
        (59, "G3a"),
        (45, "G3a"),
        (44, "G3b"),
        (30, "G3b"),
        (29, "G4"),
        (15, "G4"),
        (14, "G5"),
        (0, "G5"),
    ],
)
def test_g_categories_at_their_edges(rate: int, grade: str) -> None:
    assert g_category(rate) == grade


@pytest.mark.parametrize(
    ("value", "unit", "grade"),
    [
        ("29.9", "mg/g", "A1"),
        ("30", "mg/g", "A2"),
        ("300", "mg/g", "A2"),
        ("301", "mg/g", "A3"),
        ("2.9", "mg/mmol", "A1"),
        ("3", "mg/mmol", "A2"),
        ("30", "mg/mmol", "A2"),
        ("30.1", "mg/mmol", "A3"),
        ("30", "mg/g{creat}", "A2"),
    ],
)
def test_a_categories_keep_each_units_own_limits(value: str, unit: str, grade: str) -> None:
    facts = read_facts([person(), lab("acr", Decimal(value), unit)], NOW)
    assert a_category(facts.latest("acr")) == grade


def rate_of(who: JSON, creatinine: JSON) -> int | None:
    facts = read_facts([who, creatinine], NOW)
    assert facts is not None
    found = latest_filtration(facts)
    return found.rate if found else None


def test_us_and_si_creatinine_give_one_rate() -> None:
    us = rate_of(person(), lab("2160-0", Decimal("1.6"), "mg/dL"))
    si = rate_of(person(), lab("14682-9", Decimal("141.44"), "umol/L"))
    assert us == si == round(four_cases(1.6, 60, "male"))


def test_the_age_is_that_of_the_sample() -> None:
    old = rate_of(person(), lab("creatinine", 150, when="2006-11-01"))
    assert old == round(four_cases(150 / 88.4, 40, "male"))


@pytest.mark.parametrize(
    "who",
    [
        person(sex=None),
        person(sex="other"),
        person(birth=None),
        person(birth="1966"),
        person(birth="2010-01-01"),
        person(birth="2027-01-01"),
    ],
)
def test_no_rate_without_sex_and_adult_age(who: JSON) -> None:
    assert rate_of(who, lab("creatinine", 150)) is None


def test_adults_begin_on_their_eighteenth_birthday() -> None:
    creatinine = lab("creatinine", 150, when="2026-11-22T06:00:00Z")
    assert rate_of(person(birth="2008-11-22"), creatinine) is not None
    assert rate_of(person(birth="2008-11-23"), creatinine) is None


def test_no_rate_from_a_bound() -> None:
    bound = lab("creatinine", 20)
    bound["valueQuantity"]["comparator"] = "<"
    assert rate_of(person(), bound) is None
