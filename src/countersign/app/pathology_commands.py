"""Commands that train models of pathology from folders or from the hospital's own corrections."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import click

from countersign.ground.identity import Principal
from countersign.ground.models import side_by_side
from countersign.ground.shell import Floor
from countersign.kit.errors import CountersignError

from .settings import from_environment

INSTALLER = Principal.system("installer")


class OneSource(CountersignError):
    code = "app.one_training_source"
    status = 422
    message = "Name either a folder with --source or the hospital's own corrections with --own."


class LooksOfNuclei(CountersignError):
    code = "app.looks_of_nuclei"
    status = 422
    message = "Only a network for nuclei looks more than once: leave --looks out."


@click.group()
def train() -> None:
    """Train the hospital's own models; a person puts them in service afterwards."""


@train.command()
@click.argument("kind", type=click.Choice(("tumour", "nuclei", "glands")))
@click.option("--source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--own", is_flag=True, help="From corrections signed here: tumour, nuclei.")
@click.option(
    "--also",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder from elsewhere to learn from too (nuclei: before); may be given again.",
)
@click.option("--steps", type=click.IntRange(1, 100_000), help="Fewer, to try a folder out.")
@click.option(
    "--looks",
    type=click.Choice(("1", "2", "4")),
    help="How often a network for nuclei looks at a tile (2): slower, and fewer mistakes.",
)
def pathology(
    kind: str,
    source: Path | None,
    own: bool,
    also: tuple[Path, ...],
    steps: int | None,
    looks: str | None,
) -> None:
    """Train KIND, register it as a new version, and compare it on the frozen set."""
    from countersign.rooms.pathology.service import LabelledSet, Learning, Wanted

    from .house import open_house

    if (source is None) is not own:
        raise OneSource
    if looks and kind != "nuclei":
        raise LooksOfNuclei
    wanted = Wanted(steps, int(looks) if looks else None)
    with (
        open_house(from_environment(), upgrade=True) as house,
        tempfile.TemporaryDirectory(prefix="countersign-own-") as scratch,
    ):
        if source is None:
            source = Path(scratch) / "own"
            _own(house.floor, kind, source)
        learning = Learning(house.floor, lambda said: click.echo(said, err=True))
        besides = [LabelledSet.of(one) for one in also]
        made = learning.learn(INSTALLER, kind, LabelledSet.of(source), wanted, besides)
        click.echo(f"{made.ref.label}  /modelbench/trained")
        for name, new, now in side_by_side(made, None):
            click.echo(f"  {name:<20} {new:>10}   in service {now:>10}")
        click.echo("It is not in service. A person decides that at /modelbench/trained.")


def _own(floor: Floor, kind: str, folder: Path) -> None:
    """Writes what was corrected and signed here, and tells what of it is learnt from and what is
    not."""
    from countersign.rooms.pathology.service import LEARNT, LEFT_OUT, NOT_LEARNT, own_fields

    left_out = Counter[str]()
    count = own_fields(floor, kind, folder, left_out)
    click.echo(f"{count} fields were corrected and signed here", err=True)
    for why, slides in sorted((+left_out).items()):
        click.echo(f"Signed slides left out, because {LEFT_OUT[why]}: {slides}", err=True)
    click.echo(f"Learnt from: {LEARNT[kind]}. {NOT_LEARNT}", err=True)


@train.command(name="list")
def list_() -> None:
    """Every version that was trained here, and which of them answers."""
    from .house import open_house

    with open_house(from_environment()) as house:
        for one in house.floor.trained.all():
            mark = "*" if one.in_service else " "
            click.echo(f"{mark} {one.ref.label:<44} {one.at:%Y-%m-%d} frozen set {one.frozen}")
