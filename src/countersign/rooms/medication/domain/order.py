"""An order as it is being written, and what its dose comes to in a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countersign.kit.words import Words

FREQUENCIES: Mapping[str, tuple[float, Words]] = {
    "qd": (1, Words("once a day", "每日一次")),
    "bid": (2, Words("twice a day", "每日两次")),
    "tid": (3, Words("three times a day", "每日三次")),
    "qid": (4, Words("four times a day", "每日四次")),
    "q4h": (6, Words("every 4 hours", "每4小时一次")),
    "q6h": (4, Words("every 6 hours", "每6小时一次")),
    "q8h": (3, Words("every 8 hours", "每8小时一次")),
    "q12h": (2, Words("every 12 hours", "每12小时一次")),
    "qn": (1, Words("at night", "每晚一次")),
    "qod": (0.5, Words("every other day", "隔日一次")),
    "qw": (1 / 7, Words("once a week", "每周一次")),
    "st": (1, Words("once, now", "立即一次")),
}
"""How many doses a day a frequency means."""

ROUTES: Mapping[str, Words] = {
    "oral": Words("by mouth", "口服"),
    "iv": Words("intravenous", "静脉"),
    "im": Words("intramuscular", "肌内"),
    "sc": Words("subcutaneous", "皮下"),
    "inhaled": Words("inhaled", "吸入"),
    "rectal": Words("rectal", "直肠"),
    "local": Words("on skin, eye, ear or nose", "局部外用"),
}
UNITS: Mapping[str, float | None] = {"mg": 1.0, "g": 1000.0, "µg": 0.001, "mL": None, "IU": None}
"""What a unit comes to in mg; None where that depends on the product."""


@dataclass(frozen=True, slots=True)
class Order:
    """``text`` is the drug as written; ``dose`` is one dose in mg, ``per_day`` how many.

    ``code`` is a pair of ``rxnorm`` or ``atc`` and the code, where the order carries one.
    ``amount``, ``unit`` and ``often`` are dose and frequency as they were written in the form.
    """

    text: str
    dose: float | None = None
    per_day: float | None = None
    route: str = ""
    code: tuple[str, str] | None = None
    amount: str = ""
    unit: str = ""
    often: str = ""

    @property
    def daily(self) -> float | None:
        """mg in a day, where the dose and its frequency are known."""
        return None if self.dose is None or self.per_day is None else self.dose * self.per_day


def milligrams(amount: float | None, unit: str) -> float | None:
    """An amount in mg; None where the unit does not say."""
    factor = UNITS.get(unit)
    return None if amount is None or factor is None else amount * factor
