"""Commands that keep an installation safe: backup, restore, and the keys apart from both."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from countersign.ground.ledger import Event, EventKind

from .backing import ACTOR, far_from_backups, make
from .backing import restore as bring_back
from .house import open_house
from .keybox import bring_in
from .keybox import export as seal
from .settings import Settings, from_environment

FORMATS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S"]
new_passphrase = click.password_option("--passphrase", help="Asked for when it is not given.")
old_passphrase = click.option("--passphrase", prompt=True, hide_input=True)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Copy the embedded database into FOLDER while it runs; the keys stay where they are."""
    made = make(from_environment(), folder)
    click.echo(f"{made}\nThe keys are not in it: “countersign keys export” puts them elsewhere.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--until", type=click.DateTime(FORMATS), help="Moment to go back to, to the second.")
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint kept elsewhere, to see whether something signed is missing.",
)
def restore(folder: Path, until: datetime | None, files: tuple[Path, ...]) -> None:
    """Bring a backup from FOLDER into an empty home and inspect its ledger."""
    settings = from_environment()
    moment = _moment(settings, until) if until else None
    done = bring_back(settings, folder, moment, [file.read_text() for file in files])
    for words in (done.report.words, *(one.words for one in done.report.findings), done.words):
        click.echo(words.zh)
        click.echo(words.en)
    sys.exit(0 if done.report.sound else 1)


@click.command(name="export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@new_passphrase
def export_keys(file: Path, passphrase: str) -> None:
    """Write the keys to FILE under a passphrase; keep it apart from every backup."""
    settings = from_environment()
    far_from_backups(settings, file)
    with open_house(settings) as house:
        house.floor.ledger.record(Event(EventKind.KEYS_EXPORTED, ACTOR))
        count = seal(settings.keys, file, passphrase)
    click.echo(f"{count} files are sealed in {file}. Without the passphrase nobody opens it.")


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@old_passphrase
def import_keys(file: Path, passphrase: str) -> None:
    """Bring the keys from FILE into an empty home."""
    settings = from_environment()
    count = bring_in(file, settings.keys, passphrase)
    click.echo(f"{count} files were put into {settings.keys}")


def _moment(settings: Settings, until: datetime) -> datetime:
    return until if until.tzinfo else until.replace(tzinfo=ZoneInfo(settings.time_zone))
