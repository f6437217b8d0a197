"""``make new-room`` makes a room that passes everything that the house asks of one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from house import rules, whole
from house.tree import ROOT, File
from tools import new_room

NAME = "planted_room"
BIN = Path(sys.executable).parent
PYRIGHT = ROOT / "web/node_modules/.bin/pyright"
HOUSE = """\
# rooms: begin
from countersign.rooms.audit.room import manifest as audit
from countersign.rooms.workstation.room import manifest as workstation

ROOMS: tuple[Manifest, ...] = (
    workstation,
    audit,
)
# rooms: end
"""


def run(copy: Path, *command: str | Path) -> None:
    done = subprocess.run(
        command,
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src")},  # noqa: TID251
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with one room more."""
    copy = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "dist")
    shutil.copytree(ROOT / "src", copy / "src", ignore=ignored)
    for name in ("pyproject.toml", ".importlinter"):
        shutil.copy(ROOT / name, copy)
    new_room.make(copy, NAME, "试验诊室")
    return copy


@pytest.fixture(scope="module")
def files(copy: Path) -> list[File]:
    found = (path for path in copy.rglob("*") if NAME in path.parts and path.is_file())
    return [File(path.relative_to(copy).as_posix(), path.read_text("utf-8")) for path in found]


def test_it_keeps_the_rules(files: list[File]) -> None:
    assert len(files) >= 10
    found = [finding for file in files for rule in rules.RULES for finding in rule(file)]
    found += [finding for rule in whole.RULES for finding in rule(files)]
    assert not found


def test_it_is_in_order(copy: Path) -> None:
    rooms = copy / "src/countersign/rooms" / NAME
    run(copy, BIN / "ruff", "format", "--check", rooms, copy / "tests")
    run(copy, BIN / "ruff", "check", rooms, copy / "tests")


def test_it_keeps_the_contracts(copy: Path) -> None:
    run(copy, BIN / "lint-imports", "--no-cache", "--no-logo")


def test_its_types_are_right(copy: Path) -> None:
    if not PYRIGHT.exists():
        pytest.skip("pyright is not installed (make check installs it)")
    settings = {
        "include": [f"src/countersign/rooms/{NAME}"],
        "strict": ["src"],
        "extraPaths": ["src"],
        "venvPath": str(ROOT),
        "venv": ".venv",
    }
    (copy / "one.json").write_text(json.dumps(settings))
    run(copy, PYRIGHT, "--project", "one.json")


def test_its_own_tests_pass(copy: Path) -> None:
    run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")


def test_the_house_names_it(tmp_path: Path) -> None:
    house = tmp_path / new_room.HOUSE
    house.parent.mkdir(parents=True)
    house.write_text(HOUSE)
    assert new_room.open_door(tmp_path, "labs")
    lines = house.read_text().splitlines()
    assert lines[2] == "from countersign.rooms.labs.room import manifest as labs"
    assert lines[-3:] == ["    labs,", ")", "# rooms: end"]
    assert len(lines) == len(HOUSE.splitlines()) + 2


def test_the_real_house_has_the_marks(tmp_path: Path) -> None:
    house = tmp_path / new_room.HOUSE
    house.parent.mkdir(parents=True)
    shutil.copy(ROOT / new_room.HOUSE, house)
    assert new_room.open_door(tmp_path, "labs")


@pytest.mark.parametrize("name", ["", "Labs", "1st", "a-b", "../x", "class", "utils", NAME])
def test_it_refuses_a_name(copy: Path, name: str) -> None:
    with pytest.raises(new_room.Unmakable):
        new_room.make(copy, name)
