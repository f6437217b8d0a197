"""Which disease of the knowledge base a name means, in either language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from countersign.kit.words import Words

_LOOSE = re.compile(r"[\s\-‐–,，、。;；()（）\[\]'’\"“”./]+")
_GROUP = re.compile(r"[(（][^()（）]*[)）]")
_SEVERAL = re.compile(r"[;；]")


@dataclass(frozen=True, slots=True)
class Disease:
    """``id`` is ``OMIM:…``, ``ORPHA:…``, ``ICD10:…`` or ``local:…``."""

    id: str
    name: Words


class DiseaseNames:
    """Names of diseases in groups; an earlier group is asked before a later one.

    A name that means two diseases of one group means none of them.
    """

    def __init__(self, *groups: Iterable[Disease]) -> None:
        self._groups = tuple(map(_by_name, groups))

    def find(self, said: str) -> Disease | None:
        """The disease so called, whatever its spaces, marks and case; what stands in brackets
        may be left out.
        """
        forms = _forms(said)
        return next((known[one] for known in self._groups for one in forms if one in known), None)


def _by_name(diseases: Iterable[Disease]) -> Mapping[str, Disease]:
    found: dict[str, set[Disease]] = {}
    for one in diseases:
        for said in {*_forms(one.name.en), *_forms(one.name.zh)}:
            found.setdefault(said, set()).add(one)
    return {said: next(iter(some)) for said, some in found.items() if len(some) == 1}


def _forms(name: str) -> list[str]:
    """The whole name first, then its parts and what remains without brackets."""
    several = [name, *_SEVERAL.split(name)]
    forms = [*several, *(_GROUP.sub(" ", one) for one in several)]
    folded = [_LOOSE.sub("", one).casefold() for one in forms]
    return [one for one in dict.fromkeys(folded) if len(one) > 1]
