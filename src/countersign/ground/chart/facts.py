"""What the policy must know of patients, read from the chart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.identity import Facts


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
