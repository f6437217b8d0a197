"""What the administrator's pages show of a person: account, roles, places and relations."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow

from countersign.ground.db import Pool

from .directory import LICENCES, Licence, Person, licence_of
from .principal import Role

_PROFILES = """
select p.id, p.name, p.left_at, a.username, a.closed_at,
    array(select role from identity.role_grant where person_id = p.id
          and (ends is null or ends > %(now)s)) as roles,
    array(select department from identity.membership where person_id = p.id
          and (ends is null or ends > %(now)s)) as departments,
    array(select patient from identity.own_record where person_id = p.id
          and (ends is null or ends > %(now)s)) as patients
from identity.person p left join identity.account a on a.person_id = p.id
where %(person)s::text is null or p.id = %(person)s
order by p.name, p.id
"""
_DUTIES = """
select person_id, id, department, starts, ends from identity.duty
where ends > %(now)s and (%(person)s::text is null or person_id = %(person)s)
order by starts, id
"""
_CARE = """
select person_id, id, patient, reason, starts, ends from identity.care
where (ends is null or ends > %(now)s) and (%(person)s::text is null or person_id = %(person)s)
order by starts, id
"""


@dataclass(frozen=True, slots=True)
class Duty:
    """On duty in a department from ``starts`` until ``ends``."""

    id: str
    department: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Care:
    """In a patient's care team, with the reason; open without ``ends``."""

    id: str
    patient: str
    reason: str
    starts: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A person now. ``username`` is None without an account; ``open`` whether it opens."""

    person: Person
    username: str | None
    open: bool
    roles: frozenset[Role]
    departments: frozenset[str]
    patients: frozenset[str]
    licences: tuple[Licence, ...]
    duties: tuple[Duty, ...]
    care: tuple[Care, ...]


def profiles(pool: Pool, now: datetime, person: str | None) -> tuple[Profile, ...]:
    """Everyone by name, or one person; with the duties and the care that have not ended."""
    given = {"now": now, "person": person}
    with pool.transaction() as connection:
        people = connection.execute(_PROFILES, given).fetchall()
        licences = _grouped(connection.execute(LICENCES, given).fetchall())
        duties = _grouped(connection.execute(_DUTIES, given).fetchall())
        care = _grouped(connection.execute(_CARE, given).fetchall())
    return tuple(
        Profile(
            person=Person(row["id"], row["name"], row["left_at"]),
            username=row["username"],
            open=row["username"] is not None and not row["closed_at"] and not row["left_at"],
            roles=frozenset(Role(role) for role in row["roles"]),
            departments=frozenset(row["departments"]),
            patients=frozenset(row["patients"]),
            licences=tuple(map(licence_of, licences[row["id"]])),
            duties=tuple(
                Duty(duty["id"], duty["department"], duty["starts"], duty["ends"])
                for duty in duties[row["id"]]
            ),
            care=tuple(
                Care(one["id"], one["patient"], one["reason"], one["starts"], one["ends"])
                for one in care[row["id"]]
            ),
        )
        for row in people
    )


def _grouped(rows: list[DictRow]) -> dict[str, list[DictRow]]:
    groups: dict[str, list[DictRow]] = defaultdict(list)
    for row in rows:
        groups[row["person_id"]].append(row)
    return groups
