"""The policy's answer in a form that a list of patients can filter by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .principal import Facts

SENSITIVE = frozenset({"PSY", "HIV", "GDIS"})
"""Labels that a department alone does not open (HL7 v3 ActCode InformationSensitivityPolicy)."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which patients a list may show; it never admits one that the policy would refuse.

    A patient is shown when ``everything``; or when ``person`` is in the care team; or when
    the patient is one of ``own_patients`` (own records, and patients in whose care identity
    keeps the person); or when a department is shared and the patient bears none of the
    labels in ``guarded``.
    """

    departments: frozenset[str] = frozenset()
    person: str | None = None
    own_patients: frozenset[str] = frozenset()
    everything: bool = False
    guarded: frozenset[str] = field(default=SENSITIVE)

    def admits(self, facts: Facts) -> bool:
        """The same condition as a list's SQL, for one patient."""
        if self.everything:
            return True
        return (
            (self.person is not None and self.person in facts.care_team)
            or facts.patient in self.own_patients
            or bool(self.departments & facts.departments and not self.guarded & facts.sensitivity)
        )

    def parameters(self) -> dict[str, object]:
        """The values of ``ADMITTED``."""
        return {
            "everything": self.everything,
            "person": self.person,
            "own_patients": sorted(self.own_patients),
            "departments": sorted(self.departments),
            "guarded": sorted(self.guarded),
        }


ADMITTED: Final = """(
    %(everything)s
    or care_team @> array[%(person)s::text]
    or patient = any (%(own_patients)s::text[])
    or departments && %(departments)s::text[] and not sensitivity && %(guarded)s::text[]
)"""
"""The condition in SQL, over columns patient, departments, care_team and sensitivity."""
