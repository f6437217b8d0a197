"""Commands about slides: hand them in, see where they stand."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.kit.errors import CountersignError

from .settings import from_environment

if TYPE_CHECKING:
    from .house import House


@click.group()
def slides() -> None:
    """Whole slides of pathology."""


@slides.command(name="add")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--mrn", default="", help="Number of the patient, as the chart knows it.")
@click.option("--accession", default="", help="Number of the case or the specimen.")
@click.option("--block", default="", help="Such as A1.")
@click.option("--stain", default="", help="Such as Ki-67 or H&E.")
def add(path: Path, mrn: str, accession: str, block: str, stain: str) -> None:
    """Take in PATH, a slide or a folder of slides, and have them measured."""
    from countersign.rooms.pathology.service import slides_in

    from .house import open_house

    if path.is_dir() and next(slides_in(path), None) is None:
        raise click.BadParameter(
            "no slide lies in this folder. Name a slide, or a folder with slides in it.",
            param_hint="PATH",
        )
    hints = {"mrn": mrn, "accession": accession, "block": block, "stain": stain}
    refused = False
    with open_house(from_environment(), upgrade=True) as house:
        for file, outcome, slide in _added(house, path, hints):
            refused = refused or not slide
            click.echo(f"{outcome:<24}{slide or '-':<38}{file}")
    sys.exit(1 if refused else 0)


def _added(house: House, path: Path, hints: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Name of the file, what became of it, its slide (empty for none)."""
    from countersign.ground.slides import companions
    from countersign.rooms.pathology.service import PATHOLOGY, slides_in

    found = [tuple(companions(path))] if path.is_file() else list(slides_in(path))
    for paths in found:
        intake = house.floor.slides.intake
        try:
            received = intake.receive_files(paths, "command", PATHOLOGY, hints=hints)
        except CountersignError as problem:
            yield paths[0].name, problem.code, ""
            if problem.status == 507:
                raise
            continue
        yield paths[0].name, "queued" if received.new else "known", received.slide


@slides.command(name="list")
def list_() -> None:
    """How many slides stand in each state."""
    from countersign.ground.db import WHOLE

    from .house import open_house

    with open_house(from_environment()) as house:
        for state, count in sorted(house.floor.slides.keeping.counts(WHOLE).items()):
            click.echo(f"{state:<24}{count}")
