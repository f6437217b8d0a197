"""A backup is restored at two moments, its ledger is sound, and keys never lie beside it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.app.backing import SamePlace, make
from countersign.app.cli import main
from countersign.app.house import open_house
from countersign.app.keybox import KeysPresent, NotOpened, WeakPassphrase, bring_in, export
from countersign.app.settings import Settings
from countersign.ground.identity import Principal
from countersign.kit.words import Words

PASSPHRASE = "the moon over the lotus pond"
INSTALLER = Principal.system("installer")


@dataclass(frozen=True)
class Kept:
    """One installation's history: three departments, and the moments between them."""

    backups: Path
    archive: Path
    keys: Path
    checkpoint: Path
    after_first: datetime
    after_second: datetime


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("kept")
    settings = Settings(home=folder / "home", archive=folder / "archive")
    moments: list[datetime] = []
    with open_house(settings, upgrade=True):
        pass
    made = make(settings, folder / "backups")
    assert (made / "backup_manifest").is_file()
    with open_house(settings) as house:
        for code in ("first", "second", "third"):
            house.floor.people.department(code, Words(code, code), by=INSTALLER)
            time.sleep(1.1)
            moments.append(datetime.now(UTC))
            time.sleep(0.2)
        note = house.floor.ledger.checkpoint().note
        (folder / "checkpoint.txt").write_text(note)
    export(settings.keys, folder / "safe", PASSPHRASE)
    # The server archived its last piece when it stopped.
    assert any((folder / "archive").iterdir())
    yield Kept(
        folder / "backups",
        folder / "archive",
        folder / "safe",
        folder / "checkpoint.txt",
        moments[0],
        moments[1],
    )


def _run(home: Path, kept: Kept, *words: str) -> Result:
    variables = {"COUNTERSIGN_HOME": str(home), "COUNTERSIGN_ARCHIVE": str(kept.archive)}
    return CliRunner().invoke(main, list(words), env=variables)


def _restored(home: Path, kept: Kept, *more: str) -> tuple[Result, set[str]]:
    brought = _run(home, kept, "keys", "import", str(kept.keys), "--passphrase", PASSPHRASE)
    assert brought.exit_code == 0, brought.output
    words = ("restore", str(kept.backups), "--checkpoint", str(kept.checkpoint), *more)
    done = _run(home, kept, *words)
    with open_house(Settings(home=home)) as house:
        assert house.floor.ledger.verify().sound
        return done, {one.code for one in house.floor.people.departments()}


def test_everything_comes_back(kept: Kept, tmp_path: Path) -> None:
    done, departments = _restored(tmp_path / "home", kept)
    assert done.exit_code == 0, done.output
    assert departments == {"first", "second", "third"}
    assert "The ledger is sound" in done.output
    assert "OLDER" not in done.output


@pytest.mark.parametrize(("moment", "there"), [
    ("after_first", {"first"}), ("after_second", {"first", "second"}),
])  # fmt: skip
def test_a_moment_comes_back_and_says_that_it_is_older(
    kept: Kept, tmp_path: Path, moment: str, there: set[str]
) -> None:
    until = getattr(kept, moment).isoformat()
    done, departments = _restored(tmp_path / "home", kept, "--until", until)
    assert done.exit_code == 0, done.output
    assert departments == there
    assert "OLDER than a checkpoint" in done.output


def test_a_home_that_is_not_empty_or_has_no_keys_is_refused(kept: Kept, tmp_path: Path) -> None:
    bare = _run(tmp_path / "bare", kept, "restore", str(kept.backups))
    assert bare.exit_code == 1 and "[keys.none]" in bare.output
    bring_in(kept.keys, tmp_path / "used" / "keys", PASSPHRASE)
    (tmp_path / "used" / "postgres").mkdir()
    (tmp_path / "used" / "postgres" / "PG_VERSION").touch()
    used = _run(tmp_path / "used", kept, "restore", str(kept.backups))
    assert used.exit_code == 1 and "[backup.not_empty]" in used.output
    early = ("--until", "2020-01-01T00:00:00+0000")
    bring_in(kept.keys, tmp_path / "early" / "keys", PASSPHRASE)
    none = _run(tmp_path / "early", kept, "restore", str(kept.backups), *early)
    assert none.exit_code == 1 and "[backup.none]" in none.output


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _cut(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def _largest(base: Path) -> Path:
    return max((base / "base").rglob("*"), key=lambda file: file.stat().st_size)


@pytest.mark.parametrize(
    ("place", "damage", "said"),
    [
        (_largest, _flip, "was changed or cut"),
        (lambda base: base / "global" / "pg_control", _cut, "was changed or cut"),
        (_largest, Path.unlink, "is missing"),
        (lambda base: base / "backup_manifest", _flip, "list of files is damaged"),
        (lambda base: base / "backup_manifest", _cut, "list of files is damaged"),
    ],
)
def test_a_damaged_backup_is_refused_and_leaves_the_home_empty(
    kept: Kept,
    tmp_path: Path,
    place: Callable[[Path], Path],
    damage: Callable[[Path], object],
    said: str,
) -> None:
    home = tmp_path / "home"
    bring_in(kept.keys, home / "keys", PASSPHRASE)
    copied = shutil.copytree(kept.backups, tmp_path / "backups")
    (base,) = copied.glob("base-*")
    damage(place(base))
    done = _run(home, kept, "restore", str(copied))
    assert done.exit_code == 1 and "[backup.damaged]" in done.output, done.output
    assert said in done.output and not (home / "postgres").exists()


def test_a_log_that_breaks_off_is_not_taken_for_its_end(kept: Kept, tmp_path: Path) -> None:
    home = tmp_path / "home"
    bring_in(kept.keys, home / "keys", PASSPHRASE)
    archive = shutil.copytree(kept.archive, tmp_path / "archive")
    pieces = sorted(one for one in archive.iterdir() if len(one.name) == 24)
    assert len(pieces) >= 3, "the backup begins in one, and the log goes on to another"
    raw = bytearray(pieces[-2].read_bytes())
    raw[:8192] = bytes(8192)  # its first page, which every reader comes by
    pieces[-2].write_bytes(raw)
    done = _run(home, replace(kept, archive=archive), "restore", str(kept.backups))
    assert done.exit_code == 1 and "[backup.restore_failed]" in done.output, done.output
    assert "breaks off" in done.output and not (home / "postgres").exists()


def test_a_stolen_backup_holds_no_key(kept: Kept, tmp_path: Path) -> None:
    bring_in(kept.keys, tmp_path / "keys", PASSPHRASE)
    secrets = [file.read_bytes() for file in (tmp_path / "keys").iterdir()]
    assert len(secrets) >= 4
    for file in (*kept.backups.rglob("*"), *kept.archive.rglob("*"), kept.keys):
        if file.is_file():
            content = file.read_bytes()
            assert not any(secret in content for secret in secrets)


def test_backups_and_keys_are_kept_apart(kept: Kept, tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = Settings(home=home)
    bring_in(kept.keys, settings.keys, PASSPHRASE)
    for place in (home, home / "backup", tmp_path, settings.keys):
        with pytest.raises(SamePlace, match="different places"):
            make(settings, place)
    beside = _run(
        home, kept, "keys", "export", str(kept.backups / "keys"), "--passphrase", "x" * 20
    )
    assert beside.exit_code == 1 and "[backup.same_place]" in beside.output
    inside = _run(home, kept, "keys", "export", str(home / "k"), "--passphrase", "x" * 20)
    assert inside.exit_code == 1 and "[backup.same_place]" in inside.output


def test_keys_open_with_their_passphrase_alone(kept: Kept, tmp_path: Path) -> None:
    with pytest.raises(NotOpened):
        bring_in(kept.keys, tmp_path / "a", "the moon over the lotus pool")
    damaged = tmp_path / "damaged"
    content = bytearray(kept.keys.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(NotOpened):
        bring_in(damaged, tmp_path / "b", PASSPHRASE)
    bring_in(kept.keys, tmp_path / "c", PASSPHRASE)
    with pytest.raises(KeysPresent):
        bring_in(kept.keys, tmp_path / "c", PASSPHRASE)
    with pytest.raises(WeakPassphrase):
        export(tmp_path / "c", tmp_path / "d", "short")
    with pytest.raises(FileExistsError):
        export(tmp_path / "c", damaged, PASSPHRASE)
    assert kept.keys.stat().st_mode & 0o077 == 0


def test_a_server_of_ones_own_is_left_to_its_own_tools(tmp_path: Path) -> None:
    variables = {"COUNTERSIGN_HOME": str(tmp_path), "COUNTERSIGN_DATABASE": "postgresql:///x"}
    done = CliRunner().invoke(main, ["backup", "/elsewhere"], env=variables)
    assert done.exit_code == 1 and "pg_basebackup" in done.output
