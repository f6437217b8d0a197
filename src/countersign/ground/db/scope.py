"""For whom a connection reads: the coarse rules that the database itself holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scope:
    """What a connection may see at all, whatever its queries ask for.

    A row of a patient is visible when ``whole``; or when the patient has one of
    ``departments``, has ``person`` or somebody for whom they stand in during leave
    (``stands_for``) in the care team, is one of ``patients``, or was opened by
    ``person`` in an emergency that is not over. Row-level security holds it; a connection
    without a scope sees no patient at all. Of the library it sees what was published within
    ``reaches``, and everything of the departments in ``shelves``.
    """

    whole: bool = False
    person: str = ""
    stands_for: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    patients: frozenset[str] = frozenset()
    reaches: frozenset[str] = frozenset()
    shelves: frozenset[str] = frozenset()

    def settings(self) -> dict[str, str | list[str]]:
        """The values of ``SET_SCOPE``."""
        return {
            "scope": "whole" if self.whole else "some",
            "person": self.person,
            "people": sorted({self.person, *self.stands_for} - {""}),
            "departments": sorted(self.departments),
            "patients": sorted(self.patients),
            "reaches": sorted(self.reaches),
            "shelves": sorted(self.shelves),
        }


WHOLE: Final = Scope(whole=True)
"""This installation's own programs: the worker, the importer, the receiver of other systems."""

NO_SCOPE: Final[dict[str, str | list[str]]] = {
    "scope": "",
    "person": "",
    "people": [],
    "departments": [],
    "patients": [],
    "reaches": [],
    "shelves": [],
}

SET_SCOPE: Final = (
    "select set_config('countersign.scope', %(scope)s, false),"
    " set_config('countersign.person', %(person)s, false),"
    " set_config('countersign.people', %(people)s::text[]::text, false),"
    " set_config('countersign.departments', %(departments)s::text[]::text, false),"
    " set_config('countersign.patients', %(patients)s::text[]::text, false),"
    " set_config('countersign.reaches', %(reaches)s::text[]::text, false),"
    " set_config('countersign.shelves', %(shelves)s::text[]::text, false)"
)
"""Holds until the connection's scope is set again; see decision 0015."""


def naming(patients: Iterable[str]) -> Scope:
    """These patients and no others: for work about patients who were decided about before."""
    return Scope(patients=frozenset(patients))
