"""The ingredients that the rules know, each with what the rules ask of it.

Names, brands and codes are those of ``kit.drugs``; what a substance is to a rule is said here,
by its ATC class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from countersign.kit.drugs import (
    SUBSTANCES,
    Substance,
    substance_of_rxnorm,
    substances_in,
    substances_of_atc,
)


class Group(StrEnum):
    """What the rules ask of a medicine."""

    METFORMIN = "metformin"
    INSULIN = "insulin"
    SULFONYLUREA = "sulfonylurea"
    ALDOSTERONE = "aldosterone antagonist"
    POTASSIUM_SPARING = "potassium-sparing diuretic"
    POTASSIUM = "potassium"
    ACE = "ACE inhibitor"
    ARB = "angiotensin receptor blocker"
    TRIMETHOPRIM = "trimethoprim"
    NSAID = "NSAID"
    STATIN = "statin"
    WARFARIN = "warfarin"
    HEPARIN = "heparin"
    DIGOXIN = "digoxin"
    PENICILLIN = "penicillin"
    SULFONAMIDE = "sulfonamide antibiotic"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One active substance."""

    name: str
    group: Group


_CLASSES = {
    "A10BA02": Group.METFORMIN, "A10A": Group.INSULIN, "A10BB": Group.SULFONYLUREA,
    "C03DA": Group.ALDOSTERONE, "C03DB": Group.POTASSIUM_SPARING, "A12BA": Group.POTASSIUM,
    "C09A": Group.ACE, "C09C": Group.ARB, "J01EA": Group.TRIMETHOPRIM, "M01AB": Group.NSAID,
    "M01AC": Group.NSAID, "M01AE": Group.NSAID, "M01AH": Group.NSAID, "C10AA": Group.STATIN,
    "M01AX01": Group.NSAID, "M01AX17": Group.NSAID, "B01AA03": Group.WARFARIN,
    "B01AB": Group.HEPARIN, "C01AA05": Group.DIGOXIN, "J01CA": Group.PENICILLIN,
    "J01CE": Group.PENICILLIN, "J01CF": Group.PENICILLIN, "J01EC": Group.SULFONAMIDE,
}  # fmt: skip
_UNCODED = {
    "potassium aspartate": Group.POTASSIUM, "allisartan": Group.ARB,
    "loxoprofen": Group.NSAID, "imrecoxib": Group.NSAID,
}  # fmt: skip
"""Substances that ATC has no code for, or that are sold in China alone."""


def _group(one: Substance) -> Group:
    if one.name in _UNCODED:
        return _UNCODED[one.name]
    return next((group for code, group in _CLASSES.items() if one.in_class(code)), Group.OTHER)


_KNOWN = {name: Ingredient(name, _group(one)) for name, one in SUBSTANCES.items()}
BY_NAME: Mapping[str, Ingredient] = {
    name: _KNOWN[one.name]
    for one in SUBSTANCES.values()
    for name in (one.name, one.chinese, *one.spellings)
}


@lru_cache(maxsize=8192)
def ingredients_in(name: str) -> frozenset[Ingredient]:
    """The known substances that a medicine's printed name contains."""
    return _of(substances_in(name))


def ingredient_of_rxnorm(code: str) -> Ingredient | None:
    """The substance of an RxNorm ingredient code; product codes are read by their names."""
    found = substance_of_rxnorm(code)
    return _KNOWN[found.name] if found else None


def ingredients_of_atc(code: str) -> frozenset[Ingredient]:
    """The substances or, for a whole class such as insulins, the class of an ATC code."""
    return _of(substances_of_atc(code))


def _of(substances: Iterable[Substance]) -> frozenset[Ingredient]:
    return frozenset(_KNOWN[one.name] for one in substances)
