"""Commands about the library: add files, list what is there."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from countersign.ground.library import (
    AUDIENCES,
    EVERYWHERE,
    KINDS,
    LIBRARIAN,
    STATES,
    Card,
    Permission,
    read_pairs,
)
from countersign.rooms.assistant.store import Assistants

from .settings import from_environment
from .stocking import add_files, unanswered_pairs


@click.group()
def library() -> None:
    """The hospital's own knowledge."""


@library.command(name="add")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--kind", type=click.Choice(list(KINDS)), default="guideline", show_default=True)
@click.option(
    "--audience", type=click.Choice(list(AUDIENCES)), default="clinical", show_default=True
)
@click.option("--department", "departments", multiple=True, help="Who may read; may be repeated.")
@click.option(
    "--home", default=EVERYWHERE, help="Code of the department whose documents these are."
)
@click.option("--owner", default=LIBRARIAN.id, help="Identifier of the person responsible.")
@click.option("--publish", is_flag=True, help="Let readers find them at once, unreviewed.")
def add(
    path: Path,
    kind: str,
    audience: str,
    departments: tuple[str, ...],
    home: str,
    owner: str,
    publish: bool,
) -> None:
    """Take in PATH, a file or a folder, and read it."""
    from .house import open_house

    allowed = Permission(audience, frozenset(departments or (EVERYWHERE,)))
    card = Card("-", kind=kind, home=home, permission=allowed, owner=owner)
    refused = False
    with open_house(from_environment(), upgrade=True) as house:
        for file, document, outcome in add_files(house.floor.library, path, card, publish):
            refused = refused or outcome not in ("read", "published")
            click.echo(f"{outcome:<12}{document or '-':<38}{file}")
    sys.exit(1 if refused else 0)


@library.command(name="list")
def list_() -> None:
    """Every document with its state."""
    from .house import open_house

    with open_house(from_environment()) as house:
        for one in house.floor.library.keeping.documents(LIBRARIAN):
            state = STATES[one.state].en if one.reviewed else f"{STATES[one.state].en}, unreviewed"
            click.echo(f"{one.id:<38}{state:<24}{one.card.permission.reach:<28}{one.card.title}")


@library.command(name="assistants")
def assistants() -> None:
    """Every assistant of a department, and the files of the hospital that make none."""
    kept, refused = Assistants(from_environment().assistants_folder).all()
    for one in kept:
        made = one.assistant
        click.echo(f"{made.id:<20}{made.department:<20}{one.sha256[:16]}  {made.title.en}")
    for file in refused:
        click.echo(f"refused: {file.file}: {file.problem.en}", err=True)
    sys.exit(1 if refused else 0)


@library.command(name="questions")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def questions(file: Path) -> None:
    """Say which past questions of FILE have their answer in a published document."""
    from .house import open_house

    pairs = read_pairs(file)
    with open_house(from_environment()) as house:
        lost = unanswered_pairs(house.floor.library, pairs)
    for one in lost:
        click.echo(f"no passage holds its quotes: {one.question[:60]}", err=True)
    click.echo(f"{len(pairs) - len(lost)} of {len(pairs)} past questions have their answer.")
    sys.exit(1 if lost else 0)
