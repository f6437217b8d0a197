"""The policy's answer in a form that a list of patients can filter by."""

from __future__ import annotations

from collections.abc import Mapping
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
    """Which patients a list may show: those whom the policy allows one by one, and no others.

    A patient is shown when ``everything``, unless the patient refuses what is ``shut`` (AI to
    the worker); or when one of ``people`` (who asks, and for whom
    they stand in) is in the care team; or when the patient is one of ``own_patients`` (own
    records, and patients in whose care identity keeps the person); or when the patient was
    ``opened`` by break-glass and bears none of the labels that this opening leaves shut; or,
    without any of the labels in ``guarded``, when a department is shared and the patient refuses
    none of the person's departments (``refusable``).
    """

    departments: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    own_patients: frozenset[str] = frozenset()
    everything: bool = False
    guarded: frozenset[str] = field(default=SENSITIVE)
    opened: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    refusable: frozenset[str] = frozenset()
    shut: frozenset[str] = frozenset()

    def admits(self, facts: Facts) -> bool:
        """The same condition as a list's SQL, for one patient."""
        if self.everything:
            return not self.shut & facts.refused
        if self.close(facts):
            return True
        left_shut = self.opened.get(facts.patient or "")
        if left_shut is not None:
            return not left_shut & facts.sensitivity
        if self.guarded & facts.sensitivity:
            return False
        return bool(self.departments & facts.departments and not self.refusable & facts.refused)

    def close(self, facts: Facts) -> bool:
        """Whether labels hide nothing of the patient: the care team, and the patient."""
        return bool(self.people & facts.care_team) or facts.patient in self.own_patients

    def parameters(self) -> dict[str, object]:
        """The values of ``ADMITTED``, ``CLOSE`` and ``PIERCED``."""
        return {
            "everything": self.everything,
            "people": sorted(self.people),
            "own_patients": sorted(self.own_patients),
            "departments": sorted(self.departments),
            "guarded": sorted(self.guarded),
            "opened": sorted(self.opened),
            "left_shut": [",".join(sorted(self.opened[one])) for one in sorted(self.opened)],
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

PIERCED: Final = """(
    patient = any (%(opened)s::text[]) and not exists (
        select from unnest(%(opened)s::text[], %(left_shut)s::text[]) as one (chart, labels)
        where one.chart = patient and string_to_array(one.labels, ',') && sensitivity)
)"""
"""What break-glass opened, but for the labels that it left shut, over patient and sensitivity."""

ADMITTED: Final = (
    """(
    %(everything)s and not refused && %(shut)s::text[]
    or care_team && %(people)s::text[]
    or patient = any (%(own_patients)s::text[])
    or """
    + PIERCED
    + """
    or not sensitivity && %(guarded)s::text[]
        and departments && %(departments)s::text[] and not refused && %(refusable)s::text[]
)"""
)
"""The condition in SQL, over columns patient, departments, care_team, sensitivity, refused."""
