"""The import contracts hold, and each of them notices when it is broken."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).parent / "lint-imports"
CONTRACTS = ROOT / ".importlinter"


@dataclass(frozen=True)
class Breach:
    """Files written into a copy of the source, and the contract that must refuse them."""

    contract: str
    files: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.contract}-{self.files[-1][0].replace('/', '.')}"


def room(name: str, **modules: str) -> tuple[tuple[str, str], ...]:
    """An invented room with these modules."""
    folder = f"rooms/{name}"
    files = {f"{folder}/__init__.py": ""}
    files |= {f"{folder}/{module}.py": text for module, text in modules.items()}
    return tuple(files.items())


BREACHES = [
    Breach("house", (("kit/planted.py", "import countersign.ground.db"),)),
    Breach("house", (("ground/db/planted.py", "import countersign.app"),)),
    Breach("house", (*room("planted", room="import countersign.doors"),)),
    Breach("house", (("attic/__init__.py", ""),)),
    Breach("ground", (("ground/vault/planted.py", "import countersign.ground.ledger"),)),
    Breach("ground", (("ground/chart/planted.py", "import countersign.ground.signoff"),)),
    Breach("ground", (("ground/signoff/planted.py", "import countersign.ground.release"),)),
    Breach("ground", (("ground/attic/__init__.py", ""),)),
    Breach("rooms", (*room("one"), *room("two", room="import countersign.rooms.one"))),
    Breach(
        "doors",
        (
            ("doors/one/__init__.py", ""),
            ("doors/two/__init__.py", "import countersign.doors.one"),
        ),
    ),
    Breach(
        "shape", room("planted", pages="", service="from countersign.rooms.planted import pages")
    ),
    Breach("shape", room("planted", api="from . import jobs", jobs="")),
    Breach("shape", room("planted", service="", domain="from . import service")),
    Breach("shape", room("planted", attic="")),
    Breach("pure", room("planted", domain="import countersign.ground.db")),
    Breach("pure", room("planted", domain="import pydantic")),
    Breach("pure", (("kit/planted.py", "import fastapi"),)),
    Breach("still", room("planted", domain="from pathlib import Path")),
    Breach("still", room("planted", domain="import random")),
    Breach(
        "mint",
        room("planted", service="def cheat():\n    from countersign.ground.signoff import _mint"),
    ),
    Breach("mint", (("ground/release/planted.py", "import countersign.ground.signoff._mint"),)),
    Breach("write", room("planted", service="from countersign.ground.chart import _write")),
    Breach("write", (("ground/signoff/planted.py", "import countersign.ground.chart._write"),)),
    Breach(
        "acyclic",
        (
            ("ground/db/planted_a.py", "from . import planted_b"),
            ("ground/db/planted_b.py", "def late():\n    from . import planted_a"),
        ),
    ),
    Breach("egress", room("planted", inference="import httpx")),
    Breach("egress", (("app/planted.py", "import socket"),)),
    Breach("web", room("planted", service="from fastapi import Request")),
    Breach("web", (("ground/identity/planted.py", "import starlette"),)),
    Breach("libraries", room("planted", store="import sqlalchemy")),
    Breach("libraries", (("ground/shell/planted.py", "import cedarpy"),)),
    Breach("libraries", room("planted", store="import tantivy")),
    Breach("libraries", room("planted", service="import reportlab")),
    Breach("libraries", room("planted", service="import tifffile")),
    Breach("libraries", (("ground/chart/planted.py", "import openslide"),)),
    Breach("gpu", room("planted", inference="import torch")),
]


def lint(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the linter over the copy's source with the repository's contracts."""
    return subprocess.run(
        [LINTER, "--no-cache", "--no-logo", "--config", CONTRACTS, *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src")},  # noqa: TID251
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source's Python files; the tests plant in it and clean up."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copytree(
        ROOT / "src" / "countersign",
        copy / "src" / "countersign",
        ignore=lambda folder, names: {
            name
            for name in names
            if name == "__pycache__"
            or (not name.endswith(".py") and not (Path(folder) / name).is_dir())
        },
    )
    return copy


def test_the_contracts_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_a_breach_is_noticed(copy: Path, breach: Breach) -> None:
    source = copy / "src" / "countersign"
    try:
        for path, text in breach.files:
            file = source / path
            assert not file.exists(), f"{path} is not free to plant in"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text + "\n")
        done = lint(copy, "--contract", breach.contract)
    finally:
        for path, _ in breach.files:
            (source / path).unlink(missing_ok=True)
        for path, _ in breach.files:
            folder = (source / path).parent
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "0 kept, 1 broken" in done.stdout, done.stdout


def test_every_contract_is_broken_once() -> None:
    config = configparser.ConfigParser()
    config.read(CONTRACTS)
    contracts = {name.rpartition(":")[2] for name in config.sections() if ":contract:" in name}
    assert contracts == {breach.contract for breach in BREACHES}
