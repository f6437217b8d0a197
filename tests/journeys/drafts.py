"""Finds drafts that still await a decision, so that no journey depends on another."""

from __future__ import annotations

from dataclasses import dataclass

from furnished import Furnished

PHYSICIANS_DEPARTMENTS = ("general-medicine", "cardiology", "nephrology", "endocrinology")
"""Those of the demonstration's physician."""


@dataclass(frozen=True)
class Waiting:
    """A draft and whom it is about."""

    id: str
    patient: str


def waiting(furnished: Furnished, risk: str = "low") -> Waiting:
    """An undecided draft of a risk class about a patient of the physician's departments."""
    rows = furnished.rows(
        "select d.id, patient from signoff.state d join chart.patient p using (patient)"
        " where d.state = 'open' and d.risk = %s and p.departments && %s"
        " and d.corrects is null"
        " order by d.id limit 1",
        risk,
        list(PHYSICIANS_DEPARTMENTS),
    )
    assert rows, f"no draft of {risk} risk awaits the physician"
    return Waiting(rows[0]["id"], rows[0]["patient"])
