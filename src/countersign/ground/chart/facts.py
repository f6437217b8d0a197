"""What the policy must know of patients, read from the chart."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.identity import Facts


def facts_of_many(connection: Connection[DictRow], patients: Iterable[str]) -> dict[str, Facts]:
    """The facts of those patients who are known; ``kind`` is ``chart``."""
    wanted = sorted(set(patients))
    if not wanted:
        return {}
    rows = connection.execute(
        "select patient, departments, care_team, sensitivity from chart.patient"
        " where patient = any(%s)",
        (wanted,),
    ).fetchall()
    return {
        row["patient"]: Facts(
            "chart",
            row["patient"],
            frozenset(row["departments"]),
            frozenset(row["care_team"]),
            frozenset(row["sensitivity"]),
        )
        for row in rows
    }
