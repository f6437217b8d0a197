"""The demonstration hospital as one value: what is there before any patient comes."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.words import Words

from .departments import DEPARTMENTS, Department, Place, places
from .people import PEOPLE, Person, patient_id

HOSPITAL_NAME = Words("Demonstration Hospital (invented)", "演示医院（虚构）")
HOSPITAL_REFERENCE = "Organization/demo-hospital"


@dataclass(frozen=True, slots=True)
class Hospital:
    """Departments, places and people; ``own_patient`` is the Patient of the patient account."""

    name: Words
    departments: tuple[Department, ...]
    places: tuple[Place, ...]
    people: tuple[Person, ...]
    own_patient: str

    @property
    def accounts(self) -> tuple[Person, ...]:
        """Those who can sign in on the demonstration."""
        return tuple(person for person in self.people if person.account)


def hospital() -> Hospital:
    """The same hospital every time."""
    return Hospital(HOSPITAL_NAME, DEPARTMENTS, places(), PEOPLE, patient_id(1))
