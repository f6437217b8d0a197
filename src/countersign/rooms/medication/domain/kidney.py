"""Kidney function for doses: clearance by Cockcroft and Gault, and the eGFR by CKD-EPI 2021."""

from __future__ import annotations

from .patient import Value

ADULT = 18


def kidney(
    creatinine: Value | None, age: float | None, sex: str | None, weight: Value | None
) -> tuple[Value | None, Value | None]:
    """Clearance in mL/min and eGFR in mL/min/1.73 m², from creatinine in mg/dL and weight in kg.

    Without a weight the eGFR stands in for the clearance, and says so. None for both without
    creatinine, age or sex, and below 18 years.
    """
    if creatinine is None or age is None or age < ADULT or sex not in ("male", "female"):
        return None, None
    female = sex == "female"
    rate = ckd_epi_2021(creatinine.number, age, female=female)
    egfr = Value(round(rate, 1), creatinine.reference, creatinine.day, "ckd-epi")
    if weight is None:
        return egfr, egfr
    cleared = cockcroft_gault(creatinine.number, age, weight.number, female=female)
    return Value(round(cleared, 1), creatinine.reference, creatinine.day, "cockcroft"), egfr


def cockcroft_gault(creatinine: float, age: float, weight: float, *, female: bool) -> float:
    """mL/min: (140 - age) × kg / (72 × mg/dL), × 0.85 for women (Nephron 1976;16:31-41)."""
    cleared = max(0.0, 140 - age) * weight / (72 * creatinine)
    return cleared * 0.85 if female else cleared


def ckd_epi_2021(creatinine: float, age: float, *, female: bool) -> float:
    """eGFR by CKD-EPI 2021 without race (Inker LA et al. N Engl J Med 2021;385:1737-1749)."""
    kappa, alpha = (0.7, -0.241) if female else (0.9, -0.302)
    ratio = creatinine / kappa
    rate = 142 * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** -1.200 * 0.9938**age
    return rate * 1.012 if female else rate
