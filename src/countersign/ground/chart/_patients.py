"""Keeps what lists and the policy know of each patient in step with the chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.vault import Sealed, Vault
from countersign.kit.json import JSON, decode

from . import summary
from .version import context


def admit(
    connection: Connection[DictRow], patients: Sequence[str], departments: Sequence[str]
) -> None:
    """Makes the rows of new patients, or adds departments to those of known ones."""
    connection.execute(
        "insert into chart.patient (patient, named_departments)"
        " select unnest(%s::text[]), %s::text[]"
        " on conflict (patient) do update set named_departments ="
        " array(select distinct unnest(chart.patient.named_departments"
        " || excluded.named_departments) order by 1)"
        " where not chart.patient.named_departments @> excluded.named_departments",
        (sorted(patients), list(departments)),
    )


def touch(connection: Connection[DictRow], activity: Mapping[str, datetime]) -> None:
    """Moves the last activity forward."""
    if activity:
        connection.execute(
            "update chart.patient p set last_activity = greatest(p.last_activity, n.at)"
            " from unnest(%s::text[], %s::timestamptz[]) as n (patient, at)"
            " where p.patient = n.patient and p.last_activity is distinct from"
            " greatest(p.last_activity, n.at)",
            (list(activity), list(activity.values())),
        )


def pointing_at(connection: Connection[DictRow], references: Sequence[str]) -> set[str]:
    """The patients whose placement depends on these organisations, places and people."""
    rows = connection.execute(
        "select distinct patient from chart.current where via && %s::text[]"
        " and (departments <> '{}' or care_team <> '{}' or sensitivity <> '{}' or via <> '{}'"
        " or refused <> '{}' or stay) and patient is not null and not deleted",
        (list(references),),
    ).fetchall()
    return {row["patient"] for row in rows}


def refresh(connection: Connection[DictRow], vault: Vault, patients: Iterable[str]) -> None:
    """Derives departments, care team, sensitivity and summary from the current resources."""
    names = _remaining(connection, patients)
    if not names:
        return
    # Two bundles about one patient: the second waits here and then sees what the first wrote.
    connection.execute(
        "select from chart.patient where patient = any(%s) order by patient for no key update",
        (names,),
    )
    connection.execute(_PLACE, {"patients": names})
    rows = connection.execute(_SUMMARISED, (names,)).fetchall()
    vault.prefetch(names)
    for name in names:
        _summarise(connection, vault, name, [row for row in rows if row["patient"] == name])


def _remaining(connection: Connection[DictRow], patients: Iterable[str]) -> list[str]:
    """Those whose data were not destroyed on purpose."""
    names = sorted(set(patients))
    gone = connection.execute(
        "select patient from chart.patient where destroyed and patient = any(%s)", (names,)
    ).fetchall()
    return sorted(set(names) - {row["patient"] for row in gone})


def _summarise(
    connection: Connection[DictRow], vault: Vault, patient: str, rows: Sequence[dict[str, Any]]
) -> None:
    opened = [(str(row["type"]), _opened(vault, patient, row)) for row in rows]
    person = [resource for kind, resource in opened if kind == "Patient"]
    if not person:
        connection.execute(
            "update chart.patient set active = false, suite = null, key_id = null, box = null"
            " where patient = %s",
            (patient,),
        )
        return
    stays = [resource for kind, resource in opened if kind == "Encounter"]
    sealed = vault.seal(patient, summary.compose(person[0], stays), summary.context(patient))
    connection.execute(
        "update chart.patient set active = true, suite = %s, key_id = %s, box = %b"
        " where patient = %s",
        (sealed.suite, sealed.key_id, sealed.box, patient),
    )


def _opened(vault: Vault, patient: str, row: dict[str, Any]) -> JSON:
    sealed = Sealed(row["suite"], row["key_id"], row["box"])
    return decode(vault.open(patient, sealed, context(row["type"], row["id"], row["version"])))


_SUMMARISED = """
select c.patient, c.type, c.id, c.version, v.suite, v.key_id, v.box
from chart.current c join chart.version v using (type, id, version)
where c.patient = any(%s) and not c.deleted
  and (c.type = 'Patient' and c.id = c.patient or c.type = 'Encounter' and c.stay)
order by c.low nulls first, c.id
"""

_PLACE = """
with said as (
    select type, id, patient, departments, care_team, sensitivity, via, refused
    from chart.current
    where patient = any(%(patients)s) and not deleted
      and (departments <> '{}' or care_team <> '{}' or sensitivity <> '{}' or via <> '{}'
           or refused <> '{}' or stay)
), meant as (
    select distinct s.patient, v.departments, v.care_team
    from said s cross join unnest(s.via) as one (reference)
    join chart.current v on v.type = split_part(one.reference, '/', 1)
        and v.id = split_part(one.reference, '/', 2) and not v.deleted
)
update chart.patient p set
    departments = array(
        select unnest(departments) from said where said.patient = p.patient
        union select unnest(departments) from meant where meant.patient = p.patient
        union select unnest(p.named_departments) order by 1),
    care_team = array(
        select unnest(care_team) from said where said.patient = p.patient
        union select unnest(care_team) from meant where meant.patient = p.patient order by 1),
    sensitivity = array(
        select distinct unnest(sensitivity) from said
        where said.patient = p.patient and said.type = 'Patient' and said.id = p.patient
        order by 1),
    labels = array(
        select distinct unnest(sensitivity) from said where said.patient = p.patient order by 1),
    refused = array(
        select distinct unnest(refused) from said where said.patient = p.patient order by 1)
where p.patient = any(%(patients)s)
"""
