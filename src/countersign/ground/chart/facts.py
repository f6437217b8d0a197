"""What the policy must know of patients, read from the chart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.identity import Facts


@dataclass(frozen=True, slots=True)
class Placed:
    """What the policy knew of a patient at a moment, ``since`` when it had been so.

    ``labels`` are all that stood anywhere in the chart. ``since`` is None where nothing was
    kept of that moment, and the facts are those of now.
    """

    facts: Facts
    labels: frozenset[str]
    since: datetime | None


def facts_then(connection: Connection[DictRow], patient: str, at: datetime) -> Placed | None:
    """The facts of a patient as of ``at``; None for nobody known."""
    rows = connection.execute("select * from chart.facts_then(%s, %s)", (patient, at)).fetchall()
    since = rows[0]["since"] if rows else None
    if not rows:
        rows = connection.execute("select * from chart.facts(%s)", ([patient],)).fetchall()
    if not rows:
        return None
    return Placed(_facts(rows[0]), frozenset(rows[0]["labels"]), since)


def facts_of_many(connection: Connection[DictRow], patients: Iterable[str]) -> dict[str, Facts]:
    """The facts of those patients who are known; ``kind`` is ``chart``."""
    wanted = sorted(set(patients))
    if not wanted:
        return {}
    rows = connection.execute("select * from chart.facts(%s)", (wanted,)).fetchall()
    return {row["patient"]: _facts(row) for row in rows}


def facts_at(connection: Connection[DictRow], kind: str, identifier: str) -> Facts | None:
    """The facts of the patient to whom a resource belongs, seen or not; None for no such one.

    A decision comes before the row itself is read, so that what may not be seen and what is
    not there take the same way. ``kind`` is that of the resource.
    """
    row = connection.execute("select * from chart.facts_at(%s, %s)", (kind, identifier)).fetchone()
    if row is None:
        return None
    if row["patient"] is None:
        return Facts(kind, None, sensitivity=frozenset(row["sensitivity"]))
    return replace(_facts(row), kind=kind)


def everything_labelled(connection: Connection[DictRow], patient: str) -> Facts | None:
    """The facts of a patient with every label that stands anywhere in the chart."""
    row = connection.execute("select * from chart.facts(%s)", ([patient],)).fetchone()
    if row is None:
        return None
    return replace(_facts(row), sensitivity=frozenset(row["labels"]))


def _facts(row: DictRow) -> Facts:
    return Facts(
        "chart",
        row["patient"],
        frozenset(row["departments"]),
        frozenset(row["care_team"]),
        frozenset(row["sensitivity"]),
        frozenset(row["refused"]),
    )
