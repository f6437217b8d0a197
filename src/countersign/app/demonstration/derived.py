"""Quantities that follow from others, so that no invented result contradicts its neighbour."""

from __future__ import annotations

from collections.abc import Callable

Reading = Callable[[str], float]
"""Returns the value of another quantity of the same person at the same moment."""

MG_PER_DL = 88.4


def egfr(creatinine: float, age: int, female: bool) -> float:
    """mL/min/1.73 m² from creatinine in µmol/L.

    CKD-EPI 2021 without race: Inker LA et al., N Engl J Med 2021;385:1737-1749.
    """
    kappa, alpha = (0.7, -0.241) if female else (0.9, -0.302)
    ratio = creatinine / MG_PER_DL / kappa
    value = 142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.2 * 0.9938**age
    return value * (1.012 if female else 1)


def creatinine_for(rate: float, age: int, female: bool) -> float:
    """The creatinine in µmol/L at which :func:`egfr` gives ``rate``."""
    low, high = 10.0, 2000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if egfr(middle, age, female) > rate else (low, middle)
    return low


def fasting_glucose(read: Reading) -> float:
    """mmol/L: the mean glucose of an HbA1c, less a tenth.

    Nathan DM et al., Diabetes Care 2008;31:1473-1478.
    """
    return (1.59 * read("hba1c") - 2.59) * (0.9 if read("hba1c") > 6.2 else 0.87)


def random_glucose(read: Reading) -> float:
    """mmol/L some hours after a meal."""
    return (1.59 * read("hba1c") - 2.59) * (1.12 if read("hba1c") > 6.2 else 0.98)


def cholesterol(read: Reading) -> float:
    """mmol/L; Friedewald's relation turned round."""
    return read("ldl") + read("hdl") + read("triglycerides") / 2.2


DERIVED: dict[str, Callable[[Reading], float]] = {
    "fasting-glucose": fasting_glucose,
    "glucose": random_glucose,
    "cholesterol": cholesterol,
    "neutrophils": lambda read: max(read("wbc") - read("lymphocytes"), 0.3) * 0.91,
    "haematocrit": lambda read: read("haemoglobin") / (335 if read("mcv") > 80 else 312),
    "rbc": lambda read: 1000 * read("haematocrit") / read("mcv"),
    "prothrombin-time": lambda read: 11.0 * read("inr") ** 0.93,
    "bmi": lambda read: read("weight") / (read("height") / 100) ** 2,
    "chloride": lambda read: read("sodium") - 36.5 - (read("bicarbonate") - 25.5) * 0.6,
}
