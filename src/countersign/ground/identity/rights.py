"""Reads a signed-in person with every right they hold at a moment, in one query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Pool
from countersign.kit.json import JSON

from .entities import GROUPS
from .lending import kindred
from .principal import Lent, LicenceKind, Opened, Principal, Purpose, Role

IDLE = timedelta(minutes=30)
AHEAD = timedelta(minutes=5)
"""By how much a session may come from the future: beyond, the clock was set back and it ends."""

ABSOLUTE = timedelta(hours=12)

DELEGATORS: Final = sorted(map(str, GROUPS["delegator"]))
_HELD: Final = """ p.name,
    array(select g.role from identity.role_grant g
          where g.person_id = p.id
            and g.starts <= %(now)s and (g.ends is null or g.ends > %(now)s)) as roles,
    array(select m.department from identity.membership m
          where m.person_id = p.id
            and m.starts <= %(now)s and (m.ends is null or m.ends > %(now)s)
          union
          select d.department from identity.duty d
          where d.person_id = p.id and d.starts <= %(now)s and d.ends > %(now)s) as departments,
    (select coalesce(json_agg(json_build_object('id', g.id, 'person', g.from_id,
                'until', extract(epoch from g.ends),
                'departments', array(select m.department from identity.membership m
                    where g.kind = 'inbox' and m.person_id = g.from_id
                      and m.starts <= %(now)s and (m.ends is null or m.ends > %(now)s)),
                'care', array(select c.patient from identity.care c where c.person_id = g.from_id
                      and c.starts <= %(now)s and (c.ends is null or c.ends > %(now)s)),
                'licences', array(select distinct l.kind from identity.licence l
                    where l.person_id = g.from_id and %(day)s between l.valid_from and l.valid_to
                      and not exists (select from identity.licence_revocation r
                                      where r.licence_id = l.id)))), '[]')
     from identity.delegation g join identity.person f on f.id = g.from_id
     where g.to_id = p.id and g.accepted_at is not null and g.declined_at is null
       and g.revoked_at is null and g.starts <= %(now)s and g.ends > %(now)s
       and f.left_at is null
       and (select count(distinct r.person_id) from identity.role_grant r
            where r.person_id in (g.from_id, g.to_id) and r.role = any (%(delegators)s)
              and r.starts <= %(now)s and (r.ends is null or r.ends > %(now)s)) = 2) as lent,
    (select coalesce(json_agg(json_build_object('patient', b.patient, 'id', b.id,
                'until', extract(epoch from b.ends), 'pierces', b.pierces)), '[]')
     from identity.break_glass b
     where b.person_id = p.id and b.ended_at is null and b.ends > %(now)s) as opened,
    array(select o.patient from identity.own_record o
          where o.person_id = p.id
            and o.starts <= %(now)s and (o.ends is null or o.ends > %(now)s)) as patients,
    array(select c.patient from identity.care c
          where c.person_id = p.id
            and c.starts <= %(now)s and (c.ends is null or c.ends > %(now)s)) as care,
    array(select distinct l.kind from identity.licence l
          where l.person_id = p.id and %(day)s between l.valid_from and l.valid_to
            and not exists (select from identity.licence_revocation r
                            where r.licence_id = l.id)) as licences
"""
_SESSION: Final = (
    "select s.id, s.person_id, s.purpose, s.opened_at, s.seen_at,"
    + _HELD
    + """from identity.session s
join identity.person p on p.id = s.person_id
left join identity.account a on a.person_id = p.id
where s.token_hash = %(token_hash)s and s.ended_at is null
  and s.opened_at > %(oldest)s and s.seen_at > %(idle)s and s.seen_at < %(ahead)s
  and p.left_at is null and a.closed_at is null
"""
)
_STANDING: Final = (
    "select null as id, p.id as person_id, %(purpose)s::text as purpose,"
    + _HELD
    + """from identity.person p
join identity.account a on a.person_id = p.id
where p.id = %(person)s and p.left_at is null and a.closed_at is null
"""
)


def session_row(pool: Pool, token_hash: bytes, now: datetime, zone: tzinfo) -> DictRow | None:
    """The open session of a token with its person's rights at ``now``, or None."""
    rows = pool.rows(
        _SESSION,
        {
            "token_hash": token_hash,
            "now": now,
            "day": now.astimezone(zone).date(),
            "oldest": now - ABSOLUTE,
            "idle": now - IDLE,
            "ahead": now + AHEAD,
            "delegators": DELEGATORS,
        },
    )
    return rows[0] if rows else None


def standing(
    connection: Connection[DictRow], person: str, purpose: Purpose, now: datetime, zone: tzinfo
) -> Principal | None:
    """A person with every right of this moment, without a session; None who may not sign in."""
    given = {
        "person": person,
        "purpose": str(purpose),
        "now": now,
        "day": now.astimezone(zone).date(),
        "delegators": DELEGATORS,
    }
    row = connection.execute(_STANDING, given).fetchone()
    return principal_of(row, now) if row else None


def roles_of(connection: Connection[DictRow], person: str, now: datetime) -> frozenset[Role]:
    """The roles that a person holds at ``now``."""
    rows = connection.execute(
        "select role from identity.role_grant where person_id = %(person)s"
        " and starts <= %(now)s and (ends is null or ends > %(now)s)",
        {"person": person, "now": now},
    ).fetchall()
    return frozenset(Role(row["role"]) for row in rows)


def principal_of(row: DictRow, now: datetime) -> Principal:
    """The person of a row of ``session_row`` that was read at ``now``."""
    licences = frozenset(LicenceKind(kind) for kind in row["licences"])
    lent = lent_of(row["lent"], frozenset(row["departments"]), frozenset(row["care"]), licences)
    opened = frozenset(
        Opened(
            one["patient"],
            datetime.fromtimestamp(float(one["until"]), UTC),
            one["id"],
            frozenset(one["pierces"]),
        )
        for one in row["opened"]
    )
    return Principal(
        id=row["person_id"],
        name=row["name"],
        kind="person",
        roles=frozenset(Role(role) for role in row["roles"]),
        departments=frozenset(row["departments"]).union(*(one.departments for one in lent)),
        patients=frozenset(row["patients"]),
        purpose=Purpose(row["purpose"]),
        session=row["id"],
        licences=licences,
        care=frozenset(row["care"]).union(*(one.care for one in lent)),
        stands_for=frozenset(one.person for one in lent),
        lent=lent,
        opened=opened,
        at=now if opened else None,
    )


def lent_of(
    rows: Iterable[JSON],
    own: frozenset[str],
    care: frozenset[str],
    licences: frozenset[LicenceKind],
) -> frozenset[Lent]:
    """What colleagues on leave lend beside one's ``own`` departments and ``care``; nothing where
    one of the two has no licence for it today.
    """
    found = (
        Lent(
            one["person"],
            one["id"],
            datetime.fromtimestamp(float(one["until"]), UTC),
            frozenset(one["departments"]) - own,
            frozenset(one["care"]) - care,
            frozenset(LicenceKind(kind) for kind in one["licences"]),
        )
        for one in rows
    )
    return frozenset(one for one in found if kindred(one.licences, licences))
