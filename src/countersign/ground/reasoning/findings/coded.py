"""Which codes of problems and results mean which findings."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from .shelf import rows

SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10": "ICD",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD",
    "http://hl7.org/fhir/sid/icd-10-cn": "ICD",
    "urn:oid:2.16.840.1.113883.6.3": "ICD",
    "urn:oid:2.16.840.1.113883.6.90": "ICD",
    "http://snomed.info/sct": "SCT",
    "http://loinc.org": "LNC",
    "http://purl.obolibrary.org/obo/hp.owl": "HPO",
    "http://human-phenotype-ontology.org": "HPO",
}


@cache
def _table() -> dict[tuple[str, str], dict[str, str]]:
    """By system and code, the term for each way a result can be off, or under "" for a problem."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for system, code, way, term, _ in rows("coded"):
        found.setdefault((system, code), {})[way] = term
    return found


@cache
def symptoms() -> frozenset[str]:
    """Terms that a code of ICD-10's chapter R has: what is told of, and not a diagnosis."""
    return frozenset(
        ways[""]
        for (system, code), ways in _table().items()
        if system == "ICD" and code.startswith("R") and "" in ways
    )


def problem(codings: Iterable[tuple[str, str]]) -> str | None:
    """The finding that a coded problem is; of ICD-10 the longest part of the code that is known."""
    for system, code in codings:
        kind = SYSTEMS.get(system)
        if kind == "HPO" and code.startswith("HP:"):
            return code
        for length in range(len(code), 2, -1) if kind == "ICD" else (len(code),):
            term = _table().get((kind or "", code[:length].rstrip(".").upper()), {}).get("")
            if term:
                return term
    return None


def result(codings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The findings of a result's being high (H), low (L) or positive (P); none if unknown."""
    for system, code in codings:
        ways = _table().get((SYSTEMS.get(system, ""), code), {})
        if ways and "" not in ways:
            return ways
    return {}
