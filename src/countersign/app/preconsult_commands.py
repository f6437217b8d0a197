"""Commands of pre-consultation: train the hospital's own departments, and let them serve."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import click

from countersign.kit.errors import CountersignError
from countersign.rooms.preconsult.inference import card_of_departments
from countersign.rooms.preconsult.service import served
from countersign.rooms.preconsult.store import CANDIDATE, SERVING, kept, read
from countersign.rooms.preconsult.training import (
    examples_of,
    own_examples,
    read_table,
    trained,
)

from .settings import from_environment

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class NoFolder(CountersignError):
    code = "preconsult.no_folder"
    status = 422
    message = (
        "COUNTERSIGN_RECORDS_FOLDER names no folder, so there is no place for what is trained."
    )


class NoCandidate(CountersignError):
    code = "preconsult.no_candidate"
    status = 404
    message = "There is no trained candidate. Train one with “preconsult train-departments”."


@click.group()
def preconsult() -> None:
    """What is proposed to the triage desk."""


@preconsult.command(name="train-departments")
@click.option("--data", "file", type=FILE, help="A table of text and department.")
@click.option("--own", is_flag=True, help="Beside it, the hospital's own signed interviews.")
def train_departments(file: Path | None, own: bool) -> None:
    """Learn which department sees which complaint, and compare it with what serves now.

    Nothing is put in service by this.
    """
    from .house import open_house

    with open_house(from_environment(), upgrade=True) as house:
        folder = _folder(house.floor.records)
        given = read_table(file) if file else []
        given += own_examples(house.floor) if own else []
        found = trained(examples_of(given), served(folder))
        content = kept(found.model)
        (folder / CANDIDATE).write_bytes(content)
        digest = sha256(content).hexdigest()
        card = card_of_departments(found.examples, found.tested, found.right, digest)
        ref = house.floor.registry.register(card, digest)
    click.echo(f"{found.examples} examples of {len(found.model.labels)} departments: {ref.label}")
    click.echo(f"on {found.tested} texts that were kept apart:")
    for name, right, sure, right_sure in (
        ("candidate", found.right, found.sure, found.right_sure),
        ("in service", found.now_right, found.now_sure, found.now_right_sure),
    ):
        click.echo(
            f"  {name}: right {right:.3f}, sure {sure:.3f}, right where sure {right_sure:.3f}"
        )
    verdict = "is better" if found.better else "is not better"
    click.echo(f"The candidate {verdict}. It serves after “preconsult use-departments”.")


@preconsult.command(name="use-departments")
def use_departments() -> None:
    """Put the trained candidate in service; it was registered when it was trained."""
    folder = _folder(from_environment().records_folder)
    candidate = folder / CANDIDATE
    if not candidate.is_file():
        raise NoCandidate
    read(candidate.read_bytes())
    candidate.replace(folder / SERVING)
    click.echo("It serves from the next start on. Each proposal on the desk stays a draft.")


def _folder(folder: Path | None) -> Path:
    if folder is None:
        raise NoFolder
    folder.mkdir(parents=True, exist_ok=True)
    return folder
