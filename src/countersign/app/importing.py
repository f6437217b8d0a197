"""``countersign import fhir``: the importer with a progress bar and a report."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.doors.fhir.importer import import_fhir

from .house import open_house
from .settings import Settings


def import_and_tell(settings: Settings, path: Path, departments: tuple[str, ...]) -> bool:
    """Imports what ``path`` holds and prints what came of it; False when a file was refused."""
    with (
        open_house(settings, upgrade=True) as house,
        click.progressbar(length=1, label="Importing", show_eta=True) as bar,
    ):

        def progress(done: int, total: int | None, file: str) -> None:
            bar.length = total or done + 1
            bar.update(done - bar.pos)

        report = import_fhir(
            path,
            house.floor.chart,
            house.floor.compute,
            departments=departments,
            progress=progress,
        )
    click.echo(f"{report.files} files, {report.resources} resources, {report.unchanged} unchanged")
    for file, refusal in report.refused:
        click.echo(f"refused {file}: {refusal.sentence} [{refusal.code}]", err=True)
    return not report.refused
