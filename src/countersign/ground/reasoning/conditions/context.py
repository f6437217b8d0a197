"""What a diagnosis from before says: a risk of other diseases, and nothing for itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from countersign.ground.reasoning.finding import Finding, Status
from countersign.ground.reasoning.findings import coded_problem

from .known import rows_of
from .tables import Tables

_ICD = "http://hl7.org/fhir/sid/icd-10"


def in_context(tables: Tables, findings: Iterable[Finding]) -> Tables:
    """The tables for a patient whose known diagnoses are among the findings.

    To have a disease does not make it the reason of this visit: in the column of the disease
    itself its own row tells no more than in whoever has none of the listed conditions. For every
    other condition the row stays what it is, a risk factor or nothing. Without a known diagnosis
    the tables are as they were.
    """
    own = [
        (row, column)
        for finding in findings
        if finding.known and finding.status is Status.PRESENT
        for row in rows_of(tables, finding)
        for column, condition in enumerate(tables.knowledge.conditions)
        if _term(condition.disease) in (finding.term, tables.knowledge.entries[row].term)
    ]
    if not own:
        return tables
    shares = tables.shares.copy()
    for row, column in own:
        shares[row, column] = shares[row, -1]
    return replace(tables, shares=shares)


def _term(disease: str) -> str | None:
    """The finding that a condition is when a chart has it as a problem."""
    system, _, code = disease.partition(":")
    return coded_problem([(_ICD, code)]) if system == "ICD10" else None
