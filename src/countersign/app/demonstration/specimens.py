"""Tissue of invented patients, under the numbers that stand on the drawn slides' labels."""

from __future__ import annotations

from typing import Final

from countersign.kit.json import JSON

from .marks import meta
from .people import patient_id

CASES: Final = tuple(f"S26-{number}" for number in range(1001, 1008))
"""One for each of the patients after the one whose account can be tried."""


def specimens_bundle() -> JSON:
    """A transaction that puts a Specimen for each case."""
    entries = [_entry(at, case) for at, case in enumerate(CASES)]
    return {"resourceType": "Bundle", "type": "transaction", "meta": meta(), "entry": entries}


def _entry(at: int, case: str) -> JSON:
    identity = f"tissue-{case.lower()}"
    resource: JSON = {
        "resourceType": "Specimen",
        "id": identity,
        "meta": meta(),
        "status": "available",
        "accessionIdentifier": {"system": "urn:countersign:case", "value": case},
        "type": {"text": "组织 · tissue"},
        "subject": {"reference": f"Patient/{patient_id(at + 2)}"},
    }
    return {"resource": resource, "request": {"method": "PUT", "url": f"Specimen/{identity}"}}
