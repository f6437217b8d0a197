"""The policy's answer in a form that a list of patients can filter by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .entities import DEPARTMENT
from .principal import Facts

SENSITIVE = frozenset({"PSY", "HIV", "GDIS", "EMP"})
"""Labels that a department alone does not open (HL7 v3 ActCode InformationSensitivityPolicy):
psychiatry, HIV, genetics, and patients who are members of staff."""

REFUSALS = frozenset({"ai", "research", "teaching"})
"""What a patient may refuse beside a department."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which patients a list may show; it never admits one that the policy would refuse.

    A patient is shown when ``everything``, unless the patient refuses what is ``shut`` (AI to
    the worker); or when one of ``people`` (who asks, and for whom
    they stand in) is in the care team; or when the patient is one of ``own_patients`` (own
    records, and patients in whose care identity keeps the person); or, without any of the
    labels in ``guarded``, when the patient is one of ``opened`` (break-glass) or a department
    is shared and the patient refuses none of the person's departments (``refusable``).
    """

    departments: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    own_patients: frozenset[str] = frozenset()
    everything: bool = False
    guarded: frozenset[str] = field(default=SENSITIVE)
    opened: frozenset[str] = frozenset()
    refusable: frozenset[str] = frozenset()
    shut: frozenset[str] = frozenset()

    def admits(self, facts: Facts) -> bool:
        """The same condition as a list's SQL, for one patient."""
        if self.everything:
            return not self.shut & facts.refused
        if self.close(facts):
            return True
        if self.guarded & facts.sensitivity:
            return False
        return facts.patient in self.opened or bool(
            self.departments & facts.departments and not self.refusable & facts.refused
        )

    def close(self, facts: Facts) -> bool:
        """Whether labels hide nothing of the patient: the care team, and the patient."""
        return bool(self.people & facts.care_team) or facts.patient in self.own_patients

    def parameters(self) -> dict[str, object]:
        """The values of ``ADMITTED`` and ``CLOSE``."""
        return {
            "everything": self.everything,
            "people": sorted(self.people),
            "own_patients": sorted(self.own_patients),
            "departments": sorted(self.departments),
            "guarded": sorted(self.guarded),
            "opened": sorted(self.opened),
            "refusable": sorted(self.refusable),
            "shut": sorted(self.shut),
        }


def refusals(departments: frozenset[str]) -> frozenset[str]:
    """How a patient's refusal of each of these departments is written."""
    return frozenset(DEPARTMENT + code for code in departments)


CLOSE: Final = """(
    %(everything)s and not refused && %(shut)s::text[]
    or care_team && %(people)s::text[]
    or patient = any (%(own_patients)s::text[])
)"""
"""The patients of whom labels hide nothing, in SQL over the columns of ``ADMITTED``."""

ADMITTED: Final = """(
    %(everything)s and not refused && %(shut)s::text[]
    or care_team && %(people)s::text[]
    or patient = any (%(own_patients)s::text[])
    or not sensitivity && %(guarded)s::text[] and (
        patient = any (%(opened)s::text[])
        or departments && %(departments)s::text[] and not refused && %(refusable)s::text[])
)"""
"""The condition in SQL, over columns patient, departments, care_team, sensitivity, refused."""
