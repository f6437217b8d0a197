"""An invented hospital: places, people and years of patients' histories, the same every time."""

from .departments import DEPARTMENTS, Department, Place
from .hospital import Hospital, hospital
from .house import house_bundle
from .patients import SEED, patients
from .people import Person
from .specimens import specimens_bundle

__all__ = [
    "DEPARTMENTS",
    "SEED",
    "Department",
    "Hospital",
    "Person",
    "Place",
    "hospital",
    "house_bundle",
    "patients",
    "specimens_bundle",
]
