"""Ways to change what was written, or to take the fences down, as every database role."""

from __future__ import annotations

import pytest
from psycopg import sql

from countersign.ground.db import DbRole
from gate.stage import Attempt, Stage, refused

CHANGES = {
    "update": "update {table} set {column} = {column}",
    "delete": "delete from {table}",
    "truncate": "truncate {table} cascade",
}
SEALED = """
select c.oid::regclass::text as name,
       (select attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
        and a.attidentity = '' order by a.attnum limit 1) as first
from pg_trigger t join pg_class c on c.oid = t.tgrelid
where t.tgname = 'append_only' and not t.tgisinternal
"""
MUST_BE_SEALED = {
    "signoff.draft",
    "signoff.signature",
    "signoff.expiry",
    "release.released",
    "chart.version",
    "identity.licence",
    "identity.licence_revocation",
    "models.version",
    "models.switch",
    "ledger.leaf",
    "ledger.event",
    "ledger.checkpoint",
}

FENCES = {
    "by disabling the gate's triggers": "alter table signoff.signature disable trigger all",
    "by disabling the chart's triggers": "alter table chart.version disable trigger released",
    "by disabling row security": "alter table chart.version disable row level security",
    "by dropping a trigger": "drop trigger checked on signoff.signature",
    "by dropping a constraint": "alter table release.released drop constraint released_check",
    "by replacing the gate's function":
        "create or replace function signoff.check_signature() returns trigger language plpgsql"
        " as 'begin return new; end'",
    "by replacing the switch's function":
        "create or replace function models.ai_stopped() returns boolean language sql"
        " as 'select false'",
    "by adding a trigger of one's own":
        "create trigger zz before insert on signoff.signature for each row"
        " execute function house.append_only()",
    "by adding a policy of one's own": "create policy mine on chart.version using (true)",
    "by pretending to be a replica": "set session_replication_role = replica",
    "by becoming the sender": "set role countersign_sender",
    "by becoming the signer": "set role countersign_signer",
    "by becoming the owner": "set role postgres",
    "by changing the session's user": "set session authorization postgres",
    "by making oneself a superuser": "alter role current_user superuser",
    "by giving another role a password": "alter role postgres password 'x'",
    "by sealing less": "select house.seal('signoff.working')",
    "by calling the gate's inner check": "select signoff.require_licence(null)",
    "by a function in a schema of the gate":
        "create function signoff.now() returns timestamptz language sql as 'select null'",
    "by running a program": "copy (select 1) to program 'true'",
    "by reading a file of the server": "select pg_read_file('postgresql.conf')",
    "by giving oneself a licence":
        "insert into identity.licence values"
        " ('x', 'x', 'physician', '2000-01-01', '2100-01-01')",
    "by undoing a revocation": "delete from identity.licence_revocation",
    "by reading the keys": "select wrapped from vault.data_key",
    "by reading tokens": "select token_hash from identity.session",
    "by writing the ledger's rows": "insert into ledger.leaf values (1000000, sha256('x'))",
    "by turning the ledger back": "update ledger.head set size = 0",
    "by pressing the switch":
        "insert into models.switch (stopped, actor, reason, at)"
        " values (false, 'person:x', 'x', now())",
    "by registering a model":
        "insert into models.version values ('x', '1', sha256('x'), 'rules', '{}')",
    "by moving a patient": "delete from chart.patient",
}  # fmt: skip

OWN_WORK = {
    ("by giving oneself a licence", DbRole.IDENTITY),
    ("by reading the keys", DbRole.VAULT),
    ("by reading tokens", DbRole.IDENTITY),
    ("by pressing the switch", DbRole.STEWARD),
    ("by registering a model", DbRole.STEWARD),
    ("by becoming the sender", DbRole.SENDER),
    ("by becoming the signer", DbRole.SIGNER),
}
"""What is a role's own work is no way round anything: these are left out."""


@pytest.fixture(scope="module")
def sealed(stage: Stage) -> list[tuple[str, str]]:
    """Every append-only table with the name of its first column."""
    return [(row["name"], row["first"]) for row in stage.building.rows(SEALED)]


def statement(change: str, table: str, column: str) -> sql.Composed:
    parts = {"table": sql.Identifier(*table.split(".")), "column": sql.Identifier(column)}
    return sql.SQL(CHANGES[change]).format(**parts)


def test_everything_that_counts_is_sealed(sealed: list[tuple[str, str]]) -> None:
    assert {name for name, _ in sealed} >= MUST_BE_SEALED


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("role", DbRole, ids=str)
def test_no_role_changes_what_is_sealed(
    stage: Stage, sealed: list[tuple[str, str]], role: DbRole, change: str
) -> None:
    for table, column in sealed:
        query = statement(change, table, column)

        def run(stage: Stage, query: sql.Composed = query) -> None:
            with stage.work(role) as connection:
                connection.execute(query)

        assert refused(Attempt(table, "42501", run), stage) == "42501", table


@pytest.mark.parametrize("change", CHANGES)
def test_not_even_the_owner_changes_what_is_sealed(
    stage: Stage, sealed: list[tuple[str, str]], change: str
) -> None:
    """The owner of a table can unseal it, which fsck finds; by mistake nobody does."""
    for table, column in sealed:
        query = statement(change, table, column)

        def run(stage: Stage, query: sql.Composed = query) -> None:
            with stage.owner() as connection:
                connection.execute(query)

        assert refused(Attempt(table, "CSA01", run), stage) == "CSA01", table


PULLS = [(name, role) for name in FENCES for role in DbRole if (name, role) not in OWN_WORK]


@pytest.mark.parametrize(("name", "role"), PULLS, ids=str)
def test_no_role_takes_a_fence_down(stage: Stage, name: str, role: DbRole) -> None:
    def run(stage: Stage) -> None:
        with stage.work(role) as connection:
            connection.execute(FENCES[name])

    assert refused(Attempt(name, "42501", run), stage) == "42501"


@pytest.mark.parametrize("role", DbRole, ids=str)
def test_no_role_hands_rights_on(stage: Stage, role: DbRole) -> None:
    """PostgreSQL refuses with an error or, to those with some right, with a mere warning."""
    rights = "select relacl::text from pg_class where oid = 'release.released'::regclass"
    before = stage.building.rows(rights)

    def run(stage: Stage) -> None:
        with stage.work(role) as connection:
            connection.execute("grant insert on release.released to public")

    refused(Attempt("by granting rights", "42501", run), stage)
    assert stage.building.rows(rights) == before


def test_no_role_owns_anything_or_stands_above_the_rights(stage: Stage) -> None:
    names = [str(role) for role in DbRole]
    query = "select count(*) as n from pg_class c join pg_roles r on r.oid = c.relowner"
    assert stage.building.rows(query + " where r.rolname = any (%s)", names)[0]["n"] == 0
    above = stage.building.rows(
        "select rolname from pg_roles where rolname = any (%s) and"
        " (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)",
        names,
    )
    assert above == []
    members = stage.building.rows(
        "select 1 from pg_auth_members m join pg_roles r on r.oid = m.member"
        " where r.rolname = any (%s)",
        names,
    )
    assert members == []
