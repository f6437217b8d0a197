"""Whatever a package brings beside its modules is named to the builder, so that it is installed."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_file_of_the_product_is_installed() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (patterns,) = told["tool"]["setuptools"]["package-data"].values()
    source = ROOT / "src" / "countersign"
    named = {
        one.relative_to(source).as_posix()
        for each in patterns
        for one in source.glob(f"{each}/*" if each.endswith("**") else each)
    }
    kept = subprocess.run(
        ["git", "ls-files", "--others", "--cached", "--exclude-standard", "."],
        cwd=source, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    # The template by which a developer begins a migration is of no use where it is installed.
    missing = [one for one in kept if not one.endswith((".py", ".mako")) and one not in named]
    assert not missing, "name these in package-data of pyproject.toml"
