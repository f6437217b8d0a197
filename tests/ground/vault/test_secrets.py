"""No key stands in a backup of the database, in a log, in an error or in what objects show."""

from __future__ import annotations

import logging
from base64 import b64encode
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from countersign.ground.db import Database, DbRole
from countersign.ground.vault import (
    KeyDamaged,
    KeysExposed,
    SealedFileProvider,
    TransitProvider,
    Unreadable,
    read_secret,
    rotate_wrapping,
)
from countersign.kit.errors import CountersignError
from ground.vault.stage import Stage, content, staged


def secrets(stage: Stage) -> list[bytes]:
    """Every wrapping key, the index key and every data key, in the clear."""
    provider = SealedFileProvider(stage.folder)
    rows = stage.database.pool(DbRole.VAULT).rows(
        "select wrapping_version as v, wrapped from vault.data_key where wrapped is not null"
    )
    kept = [key for key, _ in provider._wrapping.values()]  # pyright: ignore[reportPrivateUsage]
    data = [provider.unwrap(row["v"], bytes(row["wrapped"])) for row in rows]
    return [*kept, provider.index_key(), *data]


def spelled(secret: bytes) -> list[str]:
    """The ways in which a key could have slipped into text."""
    return [secret.hex(), b64encode(secret).decode(), repr(secret)[2:-1], str(list(secret))]


def dump(database: Database) -> str:
    """Everything that a backup of this database holds, as text."""
    with psycopg.connect(database.owner_conninfo) as owner:
        names = owner.execute(
            "select schemaname, tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        lines: list[str] = []
        for schema, name in names:
            query = sql.SQL("select t::text from {} t").format(sql.Identifier(schema, name))
            lines += [row[0] for row in owner.execute(query)]
    return "\n".join(lines)


def test_a_backup_of_the_database_yields_nothing(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with staged(database, tmp_path / "keys") as stage:
        stage.patients("p", "q")
        vault = stage.vault()
        for patient in ("p", "q"):
            stage.write(vault, patient, 1)
        before = secrets(stage)
        rotate_wrapping(vault.store.pool, vault.store.provider, stage.batches)
        stage.rotate()
        after = secrets(stage)
        assert len(before) == 4 and len(set(after) - set(before)) == 3
        shown = dump(database) + caplog.text
    assert "potassium" not in shown and content("p", 1).hex() not in shown
    assert "p-1" in shown  # the dump is not empty
    for secret in [*before, *after]:
        for spelling in spelled(secret):
            assert spelling not in shown


def test_keys_lie_outside_the_folder_of_the_database(tmp_path: Path) -> None:
    from countersign.app.settings import Settings

    settings = Settings(home=tmp_path)
    assert not settings.keys.is_relative_to(settings.postgres)
    assert not settings.postgres.is_relative_to(settings.keys)


def test_objects_that_hold_keys_do_not_show_them(database: Database, tmp_path: Path) -> None:
    with staged(database, tmp_path / "keys") as stage:
        vault = stage.vault()
        key = vault.store
        sealed = vault.seal("p", b"potassium", "c")
        with pytest.raises(Unreadable) as refused:
            vault.open("q", sealed, "c")
        shown = repr([vault, key, vault.store.of(["p"]), vault.store.provider, sealed])
        shown += repr(refused.value) + str(refused.value) + repr(refused.value.details)
        for secret in secrets(stage):
            for spelling in spelled(secret):
                assert spelling not in shown


def test_a_file_with_a_token_is_private_whole_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("s.very-secret\n")
    file.chmod(0o644)
    with pytest.raises(KeysExposed) as exposed:
        read_secret(file)
    file.chmod(0o600)
    assert read_secret(file) == "s.very-secret"
    assert "very-secret" not in str(exposed.value)
    for damaged in (b"", b" \n", b"a\nb", b"\xff\xfe"):
        file.write_bytes(damaged)
        with pytest.raises(KeyDamaged):
            read_secret(file)
    with pytest.raises(KeyDamaged):
        read_secret(tmp_path / "nowhere")


def test_what_goes_wrong_on_the_way_is_said_without_what_was_sent() -> None:
    class Lost(CountersignError):
        code = "test.lost"

    def ask(method: str, url: str, headers: object, content_: bytes) -> object:
        raise Lost(sent=content_, headers=headers)

    provider = TransitProvider(ask, "http://x/v1/transit", "k", "s.very-secret")  # type: ignore[arg-type]
    with pytest.raises(CountersignError) as refused:
        provider.wrap(1, bytes(range(32)))
    shown = repr(refused.value) + str(refused.value) + repr(refused.value.details)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__
    for spelling in ["very-secret", *spelled(bytes(range(32)))]:
        assert spelling not in shown
