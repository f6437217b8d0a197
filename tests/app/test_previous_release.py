"""A house of each release kept here comes up to this version with its data, and goes back."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from countersign.app.house import House, open_house, register_models
from countersign.app.secret import installation_secret
from countersign.app.settings import Settings
from countersign.ground.db import EmbeddedPostgres, downgrade, migrate, present
from countersign.ground.db.migrate import newest
from tools.previous_release import binary, charts

RELEASES = Path(__file__).parent / "releases"
GROWS = {"ledger", "jobs", "identity", "models"}
"""Schemas into which reading and starting the newer version writes more rows."""

Digests = dict[str, tuple[int, str]]


@pytest.fixture(params=sorted(one.name for one in RELEASES.iterdir()))
def release(request: pytest.FixtureRequest) -> Path:
    return RELEASES / request.param


@pytest.fixture
def settings(release: Path, tmp_path: Path) -> Iterator[Settings]:
    """The house as the release left it: its own schema, its rows, its keys."""
    server = EmbeddedPostgres(tmp_path / "postgres")
    with psycopg.connect(server.conninfo, autocommit=True) as owner:
        owner.execute("alter system set fsync = off")
        owner.execute("select pg_reload_conf()")
    made = Settings(home=tmp_path, database=server.conninfo)
    shutil.copytree(release / "keys", made.keys)
    made.keys.chmod(0o700)
    for file in made.keys.rglob("*"):
        file.chmod(0o700 if file.is_dir() else 0o600)
    migrate(server.conninfo, installation_secret(made.keys), to=release.name)
    assert present(server.conninfo) == release.name
    _fill(server.conninfo, gzip.decompress((release / "rows.sql.gz").read_bytes()))
    yield made
    server.stop()


def _fill(owner: str, rows: bytes) -> None:
    """The kept rows take the place of those that the migrations themselves wrote."""
    quiet = "set session_replication_role = replica;\n"  # rows come in no particular order
    always = _always(owner)
    off = "".join(f"alter table {table} disable trigger {name};\n" for table, name in always)
    on = "".join(f"alter table {table} enable always trigger {name};\n" for table, name in always)
    filled = [table for table, (count, _) in _digests(owner).items() if count]
    emptied = "".join(f"delete from {table};\n" for table in filled)
    done = subprocess.run(
        [binary("psql"), "--no-psqlrc", "-q", "-v", "ON_ERROR_STOP=1", owner],
        input=f"{quiet}{off}{emptied}".encode() + rows + on.encode(),
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def _always(owner: str) -> list[tuple[str, str]]:
    """The triggers that keep history as it is, for the owner too: by table, their names."""
    with psycopg.connect(owner) as connection:
        return connection.execute(
            "select tgrelid::regclass::text, quote_ident(tgname) from pg_trigger"
            " where not tgisinternal and tgenabled = 'A'"
        ).fetchall()


def _tables(owner: str) -> list[tuple[str, str]]:
    with psycopg.connect(owner) as connection:
        return connection.execute(
            "select schemaname, tablename from pg_tables where schemaname !~ '^pg_'"
            " and schemaname not in ('information_schema', 'set_aside', 'kept')"
            " and tablename <> 'alembic_version' order by 1, 2"
        ).fetchall()


def _digests(owner: str) -> Digests:
    """By table, how many rows there are and the SHA-256 over all of them."""
    found: Digests = {}
    with psycopg.connect(owner) as connection:
        connection.execute("set timezone = 'UTC'")
        for schema, table in _tables(owner):
            query = sql.SQL("select t::text from {} t order by 1")
            rows = connection.execute(query.format(sql.Identifier(schema, table))).fetchall()
            text = "\n".join(row[0] for row in rows).encode()
            found[f"{schema}.{table}"] = len(rows), hashlib.sha256(text).hexdigest()
    return found


def _check(house: House, settings: Settings, release: Path) -> None:
    """The charts are as a reader of the release saw them, and the ledger is whole."""
    register_models(house)
    house.floor.policy.adopt(house.identity)
    seen = json.loads((release / "seen.json").read_text())
    assert seen and charts(house, settings.database or "") == seen
    report = house.floor.ledger.verify()
    assert report.sound, [finding.words.en for finding in report.findings]


def test_the_data_comes_up_goes_back_and_comes_up_again(settings: Settings, release: Path) -> None:
    owner = settings.database or ""
    before = _digests(owner)
    assert before["signoff.signature"][0] and before["release.released"][0]
    with open_house(settings, upgrade=True) as house:
        assert present(owner) == newest()
        _check(house, settings, release)
    if release.name != newest():
        lost = downgrade(owner, release.name, set_aside=True)
        assert not [one for one in lost if one.what in before], lost
    assert present(owner) == release.name
    after = _digests(owner)
    assert after.keys() == before.keys()
    for table, (count, digest) in before.items():
        if table.partition(".")[0] in GROWS:
            assert after[table][0] >= count, table
        else:
            assert after[table] == (count, digest), table
    with open_house(settings, upgrade=True) as house:
        _check(house, settings, release)
