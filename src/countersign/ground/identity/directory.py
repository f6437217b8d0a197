"""Names, departments and licences: what every part may look up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.kit.clock import Clock
from countersign.kit.words import Words

from .errors import NotFound
from .principal import LicenceKind

HOSPITAL_ZONE = ZoneInfo("Asia/Shanghai")
"""The calendar by which a licence is valid today; that of house.today() in the database."""

LICENCES = """
select l.id, l.person_id, l.kind, l.valid_from, l.valid_to, r.at as revoked_at
from identity.licence l left join identity.licence_revocation r on r.licence_id = l.id
where %(person)s::text is null or l.person_id = %(person)s
order by l.valid_from, l.id
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff or a patient with an account; ``left_at`` once they have left."""

    id: str
    name: str
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Department:
    code: str
    name: Words


@dataclass(frozen=True, slots=True)
class Licence:
    """Both dates are included. A revoked licence counts no more from ``revoked_at`` on."""

    id: str
    person: str
    kind: LicenceKind
    valid_from: date
    valid_to: date
    revoked_at: datetime | None

    def valid_on(self, day: date, zone: tzinfo) -> bool:
        """Whether it may be used for a whole calendar day; the day of revocation is lost."""
        if not self.valid_from <= day <= self.valid_to:
            return False
        if self.revoked_at is None:
            return True
        return self.revoked_at.astimezone(zone).date() > day


class Directory:
    """Reads with any database role that shows names or checks signatures."""

    def __init__(self, pool: Pool, clock: Clock, zone: tzinfo = HOSPITAL_ZONE) -> None:
        self._pool = pool
        self._clock = clock
        self._zone = zone

    def today(self) -> date:
        """The hospital's calendar day."""
        return self._clock().astimezone(self._zone).date()

    def person(self, person: str) -> Person:
        """Raises NotFound."""
        rows = self._pool.rows(
            "select id, name, left_at from identity.person where id = %s", (person,)
        )
        if not rows:
            raise NotFound
        return Person(**rows[0])

    def people(self) -> tuple[Person, ...]:
        """Everyone, by name; also those who have left."""
        rows = self._pool.rows("select id, name, left_at from identity.person order by name, id")
        return tuple(Person(**row) for row in rows)

    def names(self, people: Iterable[str]) -> dict[str, str]:
        """The names of these persons by identifier, in one query; an unknown one is left out."""
        rows = self._pool.rows(
            "select id, name from identity.person where id = any (%s)", (list(people),)
        )
        return {row["id"]: row["name"] for row in rows}

    def departments(self) -> tuple[Department, ...]:
        """All departments by code."""
        rows = self._pool.rows(
            "select code, name_en, name_zh from identity.department order by code"
        )
        return tuple(Department(row["code"], Words(row["name_en"], row["name_zh"])) for row in rows)

    def called(self, codes: Iterable[str]) -> list[Words]:
        """What these departments are called, by code; an unknown one is called by its code."""
        known = {one.code: one.name for one in self.departments()}
        return [known.get(code, Words(code, code)) for code in sorted(codes)]

    def licences(self, person: str) -> tuple[Licence, ...]:
        """All licences a person ever had."""
        return tuple(licence_of(row) for row in self._pool.rows(LICENCES, {"person": person}))

    def licences_on(self, person: str, day: date) -> tuple[Licence, ...]:
        """The licences valid on a day of the hospital's calendar, widest powers first."""
        order = list(LicenceKind)
        valid = [x for x in self.licences(person) if x.valid_on(day, self._zone)]
        return tuple(sorted(valid, key=lambda x: (order.index(x.kind), -x.valid_to.toordinal())))

    def licences_today(self, person: str) -> tuple[Licence, ...]:
        """The licences valid today, widest powers first."""
        return self.licences_on(person, self.today())

    def licence_today(self, person: str, day: date) -> Licence | None:
        """The licence with the widest powers that is valid on ``day``, or None."""
        return next(iter(self.licences_on(person, day)), None)


def licence_of(row: DictRow) -> Licence:
    """The licence of a row of ``LICENCES``."""
    return Licence(
        id=row["id"],
        person=row["person_id"],
        kind=LicenceKind(row["kind"]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        revoked_at=row["revoked_at"],
    )
