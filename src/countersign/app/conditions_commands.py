"""Commands about common conditions: copy the files that ship, and check a hospital's own."""

from __future__ import annotations

import shutil
import sys
from importlib.resources import as_file, files
from pathlib import Path

import click

from countersign.ground.reasoning import look_at_conditions
from countersign.kit.errors import CountersignError

SHIPPED = files("countersign.ground.reasoning.conditions").joinpath("knowledge")


class FolderThere(CountersignError):
    code = "app.folder_there"
    status = 409
    message = "{folder} is there already. Name a folder that is not, so that nothing is lost."


@click.group()
def conditions() -> None:
    """The knowledge of common conditions, which a hospital edits as files."""


@conditions.command(name="copy")
@click.argument("folder", type=click.Path(path_type=Path))
def copy(folder: Path) -> None:
    """Write the files that ship into FOLDER, to begin with."""
    if folder.exists():
        raise FolderThere(folder=folder)
    with as_file(SHIPPED) as ours:
        shutil.copytree(ours, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    click.echo(f"Edit {folder}, check it, and set COUNTERSIGN_CONDITIONS_FOLDER to it.")


@conditions.command(name="check")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(folder: Path) -> None:
    """Name every fault of the files in FOLDER; 1 where there is one."""
    found, faults = look_at_conditions(folder)
    for one in faults:
        click.echo(f"{one.en}\n  {one.zh}", err=True)
    if found is None or faults:
        click.echo(f"{len(faults)} faults.", err=True)
        sys.exit(1)
    graves = sum(one.cannot_miss for one in found.conditions)
    click.echo(
        f"Sound: version {found.version}, {len(found.conditions)} conditions ({graves} of them"
        f" must not be missed), {len(found.entries)} findings, {len(found.tests)} tests."
    )
