"""Commands about language models: run a study of cost and performance, write its report."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from countersign.ground.identity import Principal
from countersign.kit.words import Language

from .distil_command import distil
from .settings import from_environment

INSTALLER = Principal.system("installer")


@click.group()
def models() -> None:
    """The hospital's language models, and the small ones that it distils."""


models.add_command(distil)


@models.command()
@click.argument(
    "plan", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--resume", help="Carry on the study with this identifier instead of a plan.")
@click.option("--example", is_flag=True, help="Print a plan to begin with, and do nothing else.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for report.pdf, figures.csv and figures.json.",
)
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of the report.")
def study(
    plan: Path | None, resume: str | None, example: bool, out: Path | None, language: str | None
) -> None:
    """Run the study that PLAN (TOML) describes, here and now, and say what it recommends."""
    from countersign.rooms.modelbench.service import StudyCommand

    if example:
        click.echo(StudyCommand.example(), nl=False)
        return
    if (plan is None) == (resume is None):
        raise click.UsageError("Give a PLAN, or --resume and the identifier of a study.")
    text = plan.read_text(encoding="utf-8") if plan else ""
    chosen: Language = "en" if (language or from_environment().language) == "en" else "zh"
    sys.exit(0 if _run(text, resume, out, chosen) else 1)


def _run(text: str, resume: str | None, out: Path | None, language: Language) -> bool:
    from countersign.rooms.modelbench.service import StudyCommand, said

    from .house import open_house

    with open_house(from_environment(), upgrade=True) as house:
        command = StudyCommand(house.floor, INSTALLER, lambda line: click.echo(line, err=True))
        made = resume or command.start(text)
        click.echo(f"study {made}")
        result = command.run(made)
        for line in said(result, language):
            click.echo(line)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            for name, content in command.files(result, language).items():
                (out / name).write_bytes(content)
            click.echo(str(out))
        if not result.whole:
            click.echo(f"{result.study.state} [{result.study.code}]; carry it on with", err=True)
            click.echo(f"  countersign models study --resume {made}", err=True)
        return result.whole
