"""Finds the substances that a printed name, a brand or a code stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .rows import (
    breath_others,
    cancer_joints,
    combinations,
    digestion_blood,
    heart,
    hormones,
    infection,
    nerves,
)


@dataclass(frozen=True, slots=True)
class Substance:
    """One active substance; ``spellings`` are further names of it, ``brands`` those of makers.

    ``atc`` may hold none (a substance of one country alone), several, or a whole class.
    """

    name: str
    chinese: str
    atc: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    rxnorm: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called."""
        return (self.name, self.chinese, *self.spellings, *self.brands)

    def in_class(self, code: str) -> bool:
        """Whether one of its codes lies in an ATC class, such as ``N06AB``."""
        return any(own.startswith(code) for own in self.atc)


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("/")))


def _substances() -> Iterator[Substance]:
    for part in (
        digestion_blood, heart, hormones, infection, cancer_joints, nerves, breath_others,
    ):  # fmt: skip
        for row in part.ROWS.strip().split("\n"):
            name, chinese, atc, spellings, brands, rxnorm = row.split("|")
            yield Substance(
                name, chinese, _listed(atc), _listed(spellings), _listed(brands), rxnorm
            )


SUBSTANCES: Mapping[str, Substance] = {one.name: one for one in _substances()}
"""Every substance by its English name."""


def _load() -> tuple[dict[str, frozenset[Substance]], dict[str, frozenset[Substance]]]:
    names: dict[str, frozenset[Substance]] = {}
    atc: dict[str, frozenset[Substance]] = {}
    for row in combinations.ROWS.strip().split("\n"):
        title, others, code, parts = row.split("|")
        within = frozenset(SUBSTANCES[part] for part in parts.split("+"))
        for name in (title, *_listed(others)):
            names[name.lower()] = within
        if code:
            atc[code] = within
    for one in SUBSTANCES.values():
        for name in one.names:
            names.setdefault(name.lower(), frozenset((one,)))
        for code in one.atc:
            atc[code] = atc.get(code, frozenset()) | {one}
    # Co-trimoxazole's class holds other sulfonamides with trimethoprim as well.
    atc["J01EE"] = names["co-trimoxazole"]
    return names, atc


_NAMES, _ATC = _load()
_RXNORM = {one.rxnorm: one for one in SUBSTANCES.values() if one.rxnorm}
_NONE: frozenset[Substance] = frozenset()
_RXNORM["7984"] = SUBSTANCES["penicillin"]


def _longest_first(ascii_only: bool) -> str:
    chosen = [name for name in _NAMES if name.isascii() == ascii_only]
    return "|".join(map(re.escape, sorted(chosen, key=lambda name: (-len(name), name))))


_ANY = re.compile(rf"(?<![a-z0-9])(?:{_longest_first(True)})(?![a-z0-9])|{_longest_first(False)}")
# Gels, creams, eye drops and plasters act where they are put; rules speak of the whole body.
_LOCAL = re.compile(
    r"\b(?:gel|cream|ointment|topical|ophthalmic|otic|patch|lotion)\b"
    r"|凝胶|乳膏|软膏|滴眼|滴耳|眼膏|贴膏|贴剂|搽剂|喷雾剂",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def substances_in(name: str) -> frozenset[Substance]:
    """The known substances that a medicine's printed name contains; of a brand, all of its."""
    found = _NONE
    for word in _ANY.findall(name.lower()):
        found |= _NAMES[word]
    return found


def without_names(name: str) -> str:
    """What is left of a printed name when every known name is taken out of it."""
    return _ANY.sub(" ", name.lower())


def substance_of_rxnorm(code: str) -> Substance | None:
    """The substance of an RxNorm ingredient code; product codes are read by their names."""
    return _RXNORM.get(code)


def substances_of_atc(code: str) -> frozenset[Substance]:
    """The substances of an ATC code, or those of the narrowest class above it that is named."""
    return next((_ATC[code[:n]] for n in range(7, 2, -1) if code[:n] in _ATC), _NONE)


def is_local(name: str) -> bool:
    """True for forms that act where they are applied."""
    return _LOCAL.search(name) is not None
