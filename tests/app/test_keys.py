"""The commands for keys, on a hospital of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo

from building import Building
from conftest import SECRET
from countersign.app import cli
from countersign.ground.db import Database
from countersign.ground.ledger import Recorded

PASSWORD = "correct horse battery"


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    made = Building(database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def run(building: Building, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # noqa: ANN201
    """Runs one command as an administrator at the machine would."""
    (tmp_path / "keys" / "installation.secret").write_bytes(SECRET)
    (tmp_path / "keys" / "installation.secret").chmod(0o600)
    monkeypatch.setenv("COUNTERSIGN_HOME", str(tmp_path))
    monkeypatch.setenv("COUNTERSIGN_DATABASE", make_conninfo(building.database.owner_conninfo))
    monkeypatch.setenv("COUNTERSIGN_ORIGIN", "test.example/ledger")

    def command(*words: str, said: str = "") -> Result:
        return CliRunner().invoke(cli.main, list(words), input=said)

    return command


def test_keys_are_shown_and_rotated(run, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN001
    monkeypatch.setattr("countersign.ground.vault.resealing.GRACE", 0.0)
    monkeypatch.setattr("countersign.app.keys.GRACE", 0.0)
    shown = run("keys", "status")
    assert shown.exit_code == 0, shown.output
    assert "3 data keys, 0 under an older wrapping key" in shown.output
    assert "AES-256-GCM" in shown.output and "HMAC-SHA-256" in shown.output
    wrapped = run("keys", "rotate", "wrapping")
    assert wrapped.exit_code == 0, wrapped.output
    assert "Wrapping key 2 (made); 3 data keys wrapped again." in wrapped.output
    monkeypatch.setenv("COUNTERSIGN_CIPHER", "sm4")
    sealed = run("keys", "rotate", "data")
    assert sealed.exit_code == 0, sealed.output
    assert "0 under an older data key, 0 without a key" in sealed.output
    suites = run("keys", "suite").output
    assert "Rows sealed with SM4-GCM" in suites and "Rows sealed with AES" not in suites
    assert "HMAC-SHA-256 (fixed" in suites


def test_two_persons_destroy(run, building: Building) -> None:  # noqa: ANN001
    words = ["shred", "p1", "--ground", "test-data", "--reference", "7/2026"]
    people = ["--ordered-by", "admin", "--confirmed-by", "officer"]
    alone = run(
        *words, "--ordered-by", "admin", "--confirmed-by", "admin", said=f"{PASSWORD}\n" * 2
    )
    assert alone.exit_code == 1 and "another than the first" in alone.output
    physician = run(
        *words, "--ordered-by", "admin", "--confirmed-by", "wang", said=f"{PASSWORD}\n" * 2
    )
    assert physician.exit_code == 1
    wrong = run(*words, *people, said=f"{PASSWORD}\nwrong\n")
    assert wrong.exit_code == 1
    mistyped = run(*words, *people, said=f"{PASSWORD}\n{PASSWORD}\np2\n")
    assert mistyped.exit_code == 1 and "nothing was destroyed" in mistyped.output
    assert not destroyed(building)
    done = run(*words, *people, said=f"{PASSWORD}\n{PASSWORD}\np1\n")
    assert done.exit_code == 0, done.output
    assert "1 keys destroyed" in done.output
    event = destroyed(building)[0]
    assert event.actor == f"person:{building.people['admin']}"
    assert event.detail["confirmed_by"] == f"person:{building.people['officer']}"
    assert "shredded" in run("keys", "status").output


def destroyed(building: Building) -> list[Recorded]:
    """What the ledger was told of destruction."""
    return [event for event in building.events() if event.kind == "data-destroyed"]
