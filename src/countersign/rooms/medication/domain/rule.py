"""One rule of medication safety as data: what it looks for, how loud it is, its own examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from countersign.kit.words import Words


class Level(StrEnum):
    """How a rule speaks. ``silent`` is counted and not shown; ``off`` is not even tried."""

    INTERRUPT = "interrupt"
    INFORM = "inform"
    SILENT = "silent"
    OFF = "off"


class Kind(StrEnum):
    """What a rule is about; the pages group by it."""

    ALLERGY = "allergy"
    INTERACTION = "interaction"
    DUPLICATE = "duplicate"
    KIDNEY = "kidney"
    LIVER = "liver"
    DOSE = "dose"
    AGE = "age"
    WEIGHT = "weight"
    PREGNANCY = "pregnancy"
    LACTATION = "lactation"
    DISEASE = "disease"
    QT = "qt"


KINDS: Mapping[Kind, Words] = {
    Kind.ALLERGY: Words("Allergy", "过敏"),
    Kind.INTERACTION: Words("Interaction", "相互作用"),
    Kind.DUPLICATE: Words("Duplicate", "重复用药"),
    Kind.KIDNEY: Words("Kidney function", "肾功能"),
    Kind.LIVER: Words("Liver function", "肝功能"),
    Kind.DOSE: Words("Dose", "剂量"),
    Kind.AGE: Words("Age", "年龄"),
    Kind.WEIGHT: Words("Weight", "体重"),
    Kind.PREGNANCY: Words("Pregnancy", "妊娠"),
    Kind.LACTATION: Words("Breastfeeding", "哺乳"),
    Kind.DISEASE: Words("Disease", "疾病"),
    Kind.QT: Words("QT interval", "QT间期"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: a citation and the date of its publication.

    ``checked`` is the day on which the citation was found again in public indexes, and
    ``unconfirmed`` what of it was not found there.
    """

    cite: str
    published: str
    checked: str = ""
    unconfirmed: Words | None = None


@dataclass(frozen=True, slots=True)
class When:
    """What must be true beside the ordered drug; what is None is not asked.

    ``other`` are tokens of a second drug, ``allergic`` those of a recorded allergy; ``both``
    says that an allergy rule also holds with the two exchanged. Ages are in years, weights
    in kg, clearance in mL/min (or mL/min/1.73 m²), doses in mg a day, ``qtc`` in ms and
    ``potassium`` in mmol/L. ``often_above`` counts doses a day.
    """

    other: frozenset[str] = frozenset()
    allergic: frozenset[str] = frozenset()
    same: bool = False
    both: bool = False
    age_below: float | None = None
    age_from: float | None = None
    weight_below: float | None = None
    clearance_below: float | None = None
    egfr_below: float | None = None
    daily_above: float | None = None
    daily_above_per_kg: float | None = None
    often_above: float | None = None
    qtc_above: float | None = None
    potassium_below: float | None = None
    pregnant: bool = False
    lactating: bool = False
    liver: bool = False
    disease: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """``drugs`` are tokens: substances by name and classes as ``class:<id>``.

    ``fires`` and ``silent`` are its own examples; whoever changes it sees them tried first.
    ``raw`` is the rule as it stands in its file, which a new version is made of.
    """

    id: str
    kind: Kind
    level: Level
    drugs: frozenset[str]
    when: When
    title: Words
    says: Words
    instead: Words
    source: Source
    fires: tuple[Mapping[str, Any], ...]
    silent: tuple[Mapping[str, Any], ...]
    local: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)
