"""Reads who the patient is, as far as the rules need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from countersign.kit.dates import age_on
from countersign.kit.json import JSON

from .fhir import moment, record, reference_to, text

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Person:
    """One patient; ``sex`` and ``birth`` are None where the chart leaves them open."""

    ident: str
    reference: str
    sex: Sex | None
    birth: date | None
    reviewed: bool
    spellings: frozenset[str]

    def age(self, on: date) -> int | None:
        """Completed years, None when the birth date is unknown or lies after that day."""
        if self.birth is None or on < self.birth:
            return None
        return age_on(self.birth, on)

    def owns(self, resource: JSON) -> bool:
        """True only when the resource names this very patient as its subject.

        Absolute addresses are refused: the same id on another server is another person.
        """
        subject = record(resource.get("subject")) or record(resource.get("patient"))
        return text(subject.get("reference")).partition("/_history/")[0] in self.spellings


def read_person(resource: JSON) -> Person:
    """The person of a Patient resource; not reviewed when deceased or not an active record."""
    gender = text(resource.get("gender"))
    sex: Sex | None = "male" if gender == "male" else "female" if gender == "female" else None
    dead = resource.get("deceasedBoolean") is True or "deceasedDateTime" in resource
    ident = text(resource.get("id"))
    return Person(
        ident=ident,
        reference=reference_to(resource),
        sex=sex,
        birth=_full_date(text(resource.get("birthDate"))),
        reviewed=not dead and resource.get("active") is not False,
        spellings=frozenset((f"Patient/{ident}", f"urn:uuid:{ident}")),
    )


def _full_date(written: str) -> date | None:
    """A birth date with year, month and day: less is not enough for an age in years."""
    found = moment(written) if len(written) == 10 else None
    return found.at.date() if found else None
