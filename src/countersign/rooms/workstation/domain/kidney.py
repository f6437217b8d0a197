"""Estimated glomerular filtration rate by CKD-EPI 2021, and its KDIGO categories."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .facts import Facts
from .measures import Measure
from .person import Sex

MG_DL = Decimal("88.4")
"""µmol/L of creatinine in 1 mg/dL (KDIGO conversion factor)."""


@dataclass(frozen=True, slots=True)
class Filtration:
    """An eGFR in whole mL/min/1.73 m², as reported and staged (KDIGO 2024), and its creatinine."""

    rate: int
    age: int
    creatinine: Measure


def ckd_epi_2021(creatinine: float, age: int, sex: Sex) -> float:
    """eGFR in mL/min/1.73 m² from serum creatinine in mg/dL and age in years, from 18 on.

    Inker LA et al. N Engl J Med 2021;385:1737-1749: 142 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^-1.200
    × 0.9938^age × 1.012 if female; κ 0.7 and α -0.241 for women, 0.9 and -0.302 for men.
    """
    female = sex == "female"
    kappa, alpha = (0.7, -0.241) if female else (0.9, -0.302)
    ratio = creatinine / kappa
    estimate = 142 * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** -1.200 * 0.9938**age
    return estimate * 1.012 if female else estimate


def filtration_of(facts: Facts, creatinine: Measure) -> Filtration | None:
    """The eGFR at the age the patient had then; None without sex, age or for under 18."""
    sex, age = facts.person.sex, facts.person.age(creatinine.when.at.date())
    if sex is None or age is None or age < 18 or not creatinine.is_point:
        return None
    rate = ckd_epi_2021(float(creatinine.exact / MG_DL), age, sex)
    return Filtration(int(rate + 0.5), age, creatinine)


def filtrations(facts: Facts) -> tuple[Filtration, ...]:
    """The eGFR of every creatinine that allows one, oldest first."""
    found = (filtration_of(facts, creatinine) for creatinine in facts.of("creatinine"))
    return tuple(item for item in found if item is not None)


def latest_filtration(facts: Facts) -> Filtration | None:
    """The eGFR of the newest creatinine; an older one never stands in for it."""
    newest = facts.latest("creatinine")
    return filtration_of(facts, newest) if newest else None


def g_category(rate: int) -> str:
    """KDIGO GFR category: G1 ≥ 90, G2 60-89, G3a 45-59, G3b 30-44, G4 15-29, G5 < 15."""
    for floor, name in ((90, "G1"), (60, "G2"), (45, "G3a"), (30, "G3b"), (15, "G4")):
        if rate >= floor:
            return name
    return "G5"


def a_category(ratio: Measure) -> str:
    """KDIGO albuminuria category: A1 < 30 mg/g (3 mg/mmol), A2 to 300 (30), A3 above.

    KDIGO's equivalents are rounded, so each unit keeps its own limits.
    """
    per_mmol = ratio.given_unit in ("mg/mmol", "g/mol")
    middle, upper = (3, 30) if per_mmol else (30, 300)
    value = ratio.given if per_mmol else ratio.value
    if value < middle:
        return "A1"
    return "A2" if value <= upper else "A3"
