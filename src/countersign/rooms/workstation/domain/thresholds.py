"""Every number that a hospital may set for itself, with the published defaults."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .sources import KOST_1990, Source


@dataclass(frozen=True, slots=True)
class CriticalLimit:
    """A value below ``low`` or above ``high`` is critical; the limits themselves are not.

    ``analyte`` is a key of the analyte table, the numbers are in that analyte's unit.
    """

    analyte: str
    low: Decimal | None
    high: Decimal | None


def _limit(analyte: str, low: str, high: str) -> CriticalLimit:
    return CriticalLimit(analyte, Decimal(low), Decimal(high))


PUBLISHED_CRITICAL_LIMITS: tuple[CriticalLimit, ...] = (
    # Kost GJ. JAMA 1990;263:704-707, means of the adult limits of 92 centres, abstract.
    _limit("glucose", "2.6", "26.9"),
    _limit("potassium", "2.8", "6.2"),
    _limit("calcium", "1.65", "3.22"),
    _limit("sodium", "120", "158"),
    _limit("haemoglobin", "66", "199"),
    _limit("platelets", "37", "910"),
    _limit("leucocytes", "2.0", "37.0"),
    _limit("ph", "7.21", "7.59"),
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A hospital's own limits; days and values in the analytes' units.

    A hospital that replaces ``critical`` names its own list in ``critical_source``.
    """

    critical: tuple[CriticalLimit, ...] = PUBLISHED_CRITICAL_LIMITS
    critical_source: Source = KOST_1990
    critical_days: int = 7
    """A critical value older than this is history, not an alarm."""
    drug_days: int = 30
    """How long potassium, INR and glucose speak for a medicine that is taken today."""
    stable_days: int = 365
    """How long creatinine, HbA1c, enzymes and blood pressure do."""
    inr_days: int = 84
    hba1c: Decimal = Decimal("7.0")
    hba1c_from_65: Decimal = Decimal("7.5")
    pressure: tuple[int, int] = (140, 90)
    pressure_from_80: tuple[int, int] = (150, 90)
    pressure_at_risk: tuple[int, int] = (130, 80)
    potassium_change: Decimal | None = None
    """Change within 48 h worth a line; no published limit is certain, so it is off."""
    review_lines: int = 10


DEFAULT = Thresholds()
