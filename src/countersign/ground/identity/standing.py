"""Who held which rights at a moment, now or in the past, and by what; for the auditor.

People's roles, departments, duties, care, delegations, licences and openings are kept with the
times from and to which they held, so that the past is read and not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal

from psycopg.rows import DictRow

from countersign.ground.db import Pool

from .policy import Policy
from .principal import AppAccess, LicenceKind, Opened, Principal, Purpose, Role, purposes
from .rights import DELEGATORS, lent_of

TieKind = Literal["member", "duty", "delegated", "stands-for", "care", "own", "opened"]

SOON = timedelta(seconds=2)
"""What began this much later, by another clock, had begun."""


@dataclass(frozen=True, slots=True)
class Tie:
    """What joins a person to patients: ``what`` is a department, a patient or a colleague.

    ``by`` is the colleague whose place is taken, or the opening by break-glass; ``until`` the
    end that is known, and ``since`` the beginning of an opening.
    """

    kind: TieKind
    what: str
    until: datetime | None = None
    by: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A person or another system with every right of a moment, for one purpose.

    ``app`` is the name of the app through which the person asks.
    """

    principal: Principal
    ties: tuple[Tie, ...] = ()
    app: str | None = None


class Standings:
    """Reads rights of any moment with ``pool``, which is of DbRole.IDENTITY."""

    def __init__(self, pool: Pool, zone: tzinfo) -> None:
        self._pool = pool
        self._zone = zone

    def person(self, person: str, at: datetime) -> tuple[Standing, ...]:
        """One person at a moment, once for each purpose that the roles allow; none if unknown."""
        return self._people([person], at)

    def everyone(self, at: datetime) -> tuple[Standing, ...]:
        """Everyone who could sign in, by name, once for each purpose."""
        return self._people(None, at)

    def client(self, client: str, at: datetime) -> Standing | None:
        """Another system, or a backend service with the widest scopes that it held then."""
        return next(iter(self._clients(client, at)), None)

    def clients(self, at: datetime) -> tuple[Standing, ...]:
        """Every system whose token held."""
        return self._clients(None, at)

    def through(self, standing: Standing, app: str, at: datetime) -> Standing | None:
        """The person as an app that they had allowed asked for them; None without a grant."""
        given = {"app": app, "person": standing.principal.id, "at": at}
        return next(_narrowed([standing], self._pool.rows(_GRANTS, given)), None)

    def apps(self, people: Sequence[Standing], at: datetime) -> tuple[Standing, ...]:
        """These people again, once for each app that they have allowed."""
        rows = self._pool.rows(_GRANTS, {"app": None, "person": None, "at": at})
        return tuple(_narrowed(people, rows))

    def formerly(self, policy: Policy, digest: str) -> Policy:
        """The policies that were in force under this digest. Raises PolicyBroken."""
        return policy.formerly(self._pool, digest)

    def _people(self, people: list[str] | None, at: datetime) -> tuple[Standing, ...]:
        day = at.astimezone(self._zone).date()
        rows = self._pool.rows(
            _PEOPLE,
            {"people": people, "at": at, "soon": at + SOON, "day": day, "delegators": DELEGATORS},
        )
        return tuple(
            _standing(row, purpose, at)
            for row in rows
            for purpose in purposes(frozenset(map(Role, row["roles"]))) or (Purpose.TREATMENT,)
        )

    def _clients(self, client: str | None, at: datetime) -> tuple[Standing, ...]:
        rows = self._pool.rows(_CLIENTS, {"client": client, "at": at})
        return tuple(
            Standing(
                Principal(
                    row["id"],
                    row["name"],
                    "client",
                    departments=frozenset(row["departments"]),
                    scopes=frozenset(row["scopes"]),
                )
            )
            for row in rows
        )


def _narrowed(people: Iterable[Standing], rows: Sequence[DictRow]) -> Iterator[Standing]:
    """Each person through each of their apps."""
    known = {(one.principal.id, one.principal.purpose): one for one in people}
    for row in rows:
        standing = known.get((row["person_id"], Purpose(row["purpose"])))
        if standing is not None:
            app = AppAccess(row["app_id"], frozenset(row["scopes"]), row["patient"])
            principal = replace(standing.principal, app=app)
            yield replace(standing, principal=principal, app=row["name"])


def _standing(row: DictRow, purpose: Purpose, at: datetime) -> Standing:
    licences = frozenset(map(LicenceKind, row["licences"]))
    every = tuple(
        Tie(one["kind"], one["what"], _moment(one["until"]), one["by"], _moment(one["since"]))
        for one in row["ties"]
    )
    own = frozenset(one.what for one in every if one.kind in ("member", "duty"))
    care = frozenset(one.what for one in every if one.kind == "care" and one.by is None)
    lent = lent_of(row["lent"], own, care, licences)
    lenders = {one.person for one in lent}
    ties = tuple(one for one in every if _lender(one) in {None, *lenders})
    opened = frozenset(
        Opened(one["what"], until, one["by"], frozenset(one["pierces"]))
        for one in row["ties"]
        if one["kind"] == "opened" and (until := _moment(one["until"])) is not None
    )

    def named(*kinds: TieKind) -> frozenset[str]:
        return frozenset(one.what for one in ties if one.kind in kinds)

    principal = Principal(
        id=row["id"],
        name=row["name"],
        kind="person",
        roles=frozenset(map(Role, row["roles"])),
        departments=own.union(*(one.departments for one in lent)),
        patients=named("own"),
        purpose=purpose,
        licences=licences,
        care=care.union(*(one.care for one in lent)),
        stands_for=frozenset(lenders),
        lent=lent,
        opened=opened,
        at=at if opened else None,
    )
    return Standing(principal, ties)


def _lender(tie: Tie) -> str | None:
    """The colleague on leave on whose lending a tie rests; None where it rests on nobody's."""
    if tie.kind == "stands-for":
        return tie.what
    return tie.by if tie.kind in ("delegated", "care") else None


def _moment(seconds: str | float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)


_PEOPLE: Final = """
with held as (
    select person_id, 'member' as kind, department as what, ends as until, null::text as by,
           '{}'::text[] as pierces, null::timestamptz as since
    from identity.membership where starts <= %(at)s and (ends is null or ends > %(at)s)
), stand as (
    select g.id, g.to_id, g.from_id, g.kind, coalesce(g.revoked_at, g.ends) as until
    from identity.delegation g join identity.person f on f.id = g.from_id
    where g.accepted_at <= %(at)s and g.starts <= %(at)s and g.ends > %(at)s
      and (g.revoked_at is null or g.revoked_at > %(at)s)
      and (f.left_at is null or f.left_at > %(at)s)
      and (select count(distinct r.person_id) from identity.role_grant r
           where r.person_id in (g.from_id, g.to_id) and r.role = any (%(delegators)s)
             and r.starts <= %(at)s and (r.ends is null or r.ends > %(at)s)) = 2
), tie as (
    select * from held
    union all
    select person_id, 'duty', department, ends, null, '{}', null from identity.duty
    where starts <= %(at)s and ends > %(at)s
    union all
    select s.to_id, 'delegated', h.what, s.until, s.from_id, '{}', null
    from stand s join held h on h.person_id = s.from_id where s.kind = 'inbox'
    union all
    select to_id, 'stands-for', from_id, until, null, '{}', null from stand
    union all
    select person_id, 'own', patient, ends, null, '{}', null from identity.own_record
    where starts <= %(at)s and (ends is null or ends > %(at)s)
    union all
    select c.person_id, 'care', c.patient, c.ends, null, '{}', null from identity.care c
    where c.starts <= %(at)s and (c.ends is null or c.ends > %(at)s)
    union all
    select s.to_id, 'care', c.patient, least(s.until, c.ends), s.from_id, '{}', null
    from stand s join identity.care c on c.person_id = s.from_id
    where c.starts <= %(at)s and (c.ends is null or c.ends > %(at)s)
    union all
    select person_id, 'opened', patient, coalesce(ended_at, ends), id, pierces,
           opened_at
    from identity.break_glass
    where opened_at <= %(soon)s and ends > %(at)s and (ended_at is null or ended_at > %(at)s)
), tied as (
    select person_id, json_agg(json_build_object('kind', kind, 'what', what, 'by', by,
        'until', extract(epoch from until), 'since', extract(epoch from since),
        'pierces', pierces)) as ties
    from tie group by person_id
), role as (
    select person_id, array_agg(distinct role) as roles from identity.role_grant
    where starts <= %(at)s and (ends is null or ends > %(at)s) group by person_id
), licensed as (
    select l.person_id, array_agg(distinct l.kind) as licences from identity.licence l
    where %(day)s between l.valid_from and l.valid_to and not exists (
        select from identity.licence_revocation r where r.licence_id = l.id and r.at <= %(at)s)
    group by l.person_id
), lent as (
    select s.to_id as person_id, json_agg(json_build_object('id', s.id, 'person', s.from_id,
        'until', extract(epoch from s.until),
        'departments', array(select h.what from held h
                             where h.person_id = s.from_id and s.kind = 'inbox'),
        'care', array(select c.patient from identity.care c where c.person_id = s.from_id
                      and c.starts <= %(at)s and (c.ends is null or c.ends > %(at)s)),
        'licences', coalesce(l.licences, '{}'))) as lent
    from stand s left join licensed l on l.person_id = s.from_id group by s.to_id
)
select p.id, p.name, coalesce(n.lent, '[]') as lent,
       coalesce(r.roles, '{}') as roles, coalesce(l.licences, '{}') as licences,
       coalesce(t.ties, '[]') as ties
from identity.person p join identity.account a on a.person_id = p.id
left join role r on r.person_id = p.id left join licensed l on l.person_id = p.id
left join tied t on t.person_id = p.id left join lent n on n.person_id = p.id
where (%(people)s::text[] is null or p.id = any (%(people)s))
  and (p.left_at is null or p.left_at > %(at)s) and (a.closed_at is null or a.closed_at > %(at)s)
order by p.name, p.id
"""
_CLIENTS: Final = """
select id, name, scopes, departments from identity.client
where (%(client)s::text is null or id = %(client)s)
  and issued_at <= %(at)s and expires_at > %(at)s and (revoked_at is null or revoked_at > %(at)s)
union all
select a.id, a.name, a.scopes, a.departments from identity.app a
where a.kind = 'backend' and (%(client)s::text is null or a.id = %(client)s)
  and a.added_at <= %(at)s and (a.revoked_at is null or a.revoked_at > %(at)s)
order by name, id
"""
_GRANTS: Final = """
select g.app_id, g.person_id, g.purpose, g.patient, g.scopes, a.name
from identity.app_grant g join identity.app a on a.id = g.app_id
where g.person_id is not null and g.code_used_at is not null
  and (%(app)s::text is null or g.app_id = %(app)s)
  and (%(person)s::text is null or g.person_id = %(person)s)
  and g.made_at <= %(at)s and g.expires_at > %(at)s
  and (g.revoked_at is null or g.revoked_at > %(at)s)
  and (a.revoked_at is null or a.revoked_at > %(at)s)
  and (g.session_id is null or exists (
      select from identity.session s where s.id = g.session_id
      and (s.ended_at is null or s.ended_at > %(at)s)))
order by g.made_at desc, g.id
"""
