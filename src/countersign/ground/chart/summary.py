"""The few lines about a patient that lists and page headers show, sealed with each patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from countersign.kit.json import JSON, decode, encode

from .names import person_name
from .placement import ward_and_bed


@dataclass(frozen=True, slots=True)
class PatientSummary:
    """``sex`` is FHIR's administrative gender; ``birth_date`` a FHIR date or empty.

    ``identifiers`` are (system, value); ``ward`` and ``bed`` are set during a stay.
    """

    id: str
    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str
    identifiers: tuple[tuple[str, str], ...] = field(repr=False)
    ward: str
    bed: str
    deceased: str = field(repr=False)
    departments: tuple[str, ...]
    care_team: tuple[str, ...]
    sensitivity: tuple[str, ...]
    last_activity: datetime | None


def context(patient: str) -> str:
    """The place that a sealed summary is bound to."""
    return f"summary/{patient}"


def compose(patient: JSON, stays: Sequence[JSON]) -> bytes:
    """What is sealed: ``patient`` is the Patient, ``stays`` inpatient encounters, latest last."""
    ward, bed = ward_and_bed(stays[-1]) if stays else ("", "")
    deceased = patient.get("deceasedDateTime", patient.get("deceasedBoolean", ""))
    return encode(
        {
            "name": person_name(patient.get("name", [])),
            "birth_date": str(patient.get("birthDate", "")),
            "sex": str(patient.get("gender", "")),
            "identifiers": [
                [str(one.get("system", "")), str(one["value"])]
                for one in patient.get("identifier", [])
                if "value" in one
            ],
            "ward": ward,
            "bed": bed,
            "deceased": "true" if deceased is True else str(deceased or ""),
        }
    )


def summary(row: dict[str, Any], opened: bytes) -> PatientSummary:
    """From a row of chart.patient and its opened box."""
    said = cast("dict[str, Any]", decode(opened))
    return PatientSummary(
        id=row["patient"],
        name=said["name"],
        birth_date=said["birth_date"],
        sex=said["sex"],
        identifiers=tuple((system, value) for system, value in said["identifiers"]),
        ward=said["ward"],
        bed=said["bed"],
        deceased=said["deceased"],
        departments=tuple(row["departments"]),
        care_team=tuple(row["care_team"]),
        sensitivity=tuple(row["sensitivity"]),
        last_activity=row["last_activity"],
    )
