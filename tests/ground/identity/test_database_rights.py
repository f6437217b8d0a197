"""What each database role may read and change of identity, tried on the real database."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from psycopg import sql

from countersign.ground.db import DbRole
from countersign.ground.identity import LicenceKind, Role
from ground.identity.world import INSTALLER, PASSWORD, World

SECRETS = (
    "account", "session", "client", "attempt", "link", "arrival", "journey", "provided", "pending",
    "factor", "enrolment", "challenge", "recovery", "presence",
)  # fmt: skip
NAMES = ("person", "department", "licence", "licence_revocation")
RELATIONS = ("role_grant", "membership", "duty", "care", "own_record", "policy")
SHOWS_NAMES = {
    DbRole.ROOM,
    DbRole.RECEIVER,
    DbRole.SIGNER,
    DbRole.SENDER,
    DbRole.AUDITOR,
    DbRole.STEWARD,
    DbRole.IDENTITY,
}


def readable(world: World, role: DbRole) -> set[str]:
    found: set[str] = set()
    for table in (*SECRETS, *NAMES, *RELATIONS):
        query = sql.SQL("select * from identity.{}").format(sql.Identifier(table))
        try:
            world.database.pool(role).rows(query)
        except psycopg.errors.InsufficientPrivilege:
            continue
        found.add(table)
    return found


@pytest.mark.parametrize("role", list(DbRole))
def test_who_may_read_what(shared_world: World, role: DbRole) -> None:
    expected = set(NAMES) if role in SHOWS_NAMES else set[str]()
    if role in (DbRole.AUDITOR, DbRole.IDENTITY):
        expected |= set(RELATIONS)
    if role is DbRole.IDENTITY:
        expected |= set(SECRETS)
    assert readable(shared_world, role) == expected


@pytest.mark.parametrize("role", [role for role in DbRole if role is not DbRole.IDENTITY])
@pytest.mark.parametrize("table", [*SECRETS, *NAMES, *RELATIONS])
def test_nobody_but_identity_writes(shared_world: World, role: DbRole, table: str) -> None:
    for attempt in ("insert into identity.{} default values", "delete from identity.{}"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            shared_world.database.pool(role).transaction() as connection,
        ):
            connection.execute(sql.SQL(attempt).format(sql.Identifier(table)))


def test_licences_and_revocations_stay_as_they_were_written(world: World) -> None:
    person = world.person("chen", Role.PHYSICIAN)
    (licence,) = world.people.licences(person)
    world.people.revoke_licence(licence.id, "court order", by=INSTALLER)
    for attempt in (
        "update identity.licence set valid_to = '2099-01-01'",
        "delete from identity.licence_revocation",
        "truncate identity.licence_revocation",
        "delete from identity.policy",
    ):
        with psycopg.connect(world.database.owner_conninfo) as owner:
            with pytest.raises(psycopg.DatabaseError) as refused:
                owner.execute(attempt)
            assert refused.value.sqlstate == "CSA01", attempt
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            world.pool.transaction() as connection,
        ):
            connection.execute(attempt)
    assert world.people.licences_on(person, date(2099, 1, 1)) == ()


@pytest.mark.parametrize(
    "attempt",
    [
        "delete from identity.person",
        "delete from identity.session",
        "delete from identity.account",
        "update identity.person set id = 'other'",
        "update identity.role_grant set role = 'administrator'",
        "update identity.care set patient = 'other'",
        "update identity.account set person_id = 'other'",
        "update identity.session set token_hash = sha256('chosen')",
        "update identity.session set opened_at = now()",
        "update identity.client set scopes = array['system/*.*']",
    ],
)
def test_even_identity_cannot_rewrite_history(world: World, attempt: str) -> None:
    world.person("chen", Role.PHYSICIAN)
    world.accounts.sign_in("chen", PASSWORD)
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        world.pool.transaction() as connection,
    ):
        connection.execute(attempt)  # pyright: ignore[reportArgumentType, reportCallIssue]


def test_a_licence_can_be_pointed_at_with_kind_and_dates(world: World) -> None:
    person = world.people.add("Li", by=INSTALLER)
    day = date(2026, 11, 22)
    licence = world.people.license(person, LicenceKind.PHYSICIAN, day, day, by=INSTALLER)
    with psycopg.connect(world.database.owner_conninfo) as owner:
        owner.execute(
            "create table public.pointing (l text, p text, k text, f date, t date,"
            " foreign key (l, p, k, f, t) references"
            " identity.licence (id, person_id, kind, valid_from, valid_to))"
        )
        owner.execute(
            "insert into public.pointing values (%s, %s, 'physician', %s, %s)",
            (licence, person, day, day),
        )
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            owner.execute(
                "insert into public.pointing values (%s, %s, 'senior_physician', %s, %s)",
                (licence, person, day, day),
            )
