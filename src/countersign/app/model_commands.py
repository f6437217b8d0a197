"""Commands about language models: run a study of cost and performance, write its report."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.ground.identity import Principal
from countersign.ground.jobs import JobContext, NotNow
from countersign.ground.models import STUDY_RUN
from countersign.kit.words import Language

from .settings import from_environment

if TYPE_CHECKING:
    from countersign.kit.words import Words
    from countersign.rooms.modelbench.service.study import Result

INSTALLER = Principal.system("installer")
WAIT = 5.0
"""Seconds between two looks while AI is stopped or an older study runs."""


@click.group()
def models() -> None:
    """The hospital's language models."""


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
    from countersign.rooms.modelbench.service.study import example_plan

    if example:
        click.echo(example_plan(), nl=False)
        return
    if (plan is None) == (resume is None):
        raise click.UsageError("Give a PLAN, or --resume and the identifier of a study.")
    settings = from_environment()
    chosen: Language = "en" if (language or settings.language) == "en" else "zh"
    text = plan.read_text(encoding="utf-8") if plan else ""
    sys.exit(0 if _run(text, resume, out, chosen) else 1)


def _run(text: str, resume: str | None, out: Path | None, language: Language) -> bool:
    from countersign.rooms.modelbench.domain.study.reading import written
    from countersign.rooms.modelbench.service.study import StudyResults, plan_from_toml
    from countersign.rooms.modelbench.service.study.opening import open_running

    from .house import open_house

    with open_house(from_environment(), upgrade=True) as house:
        floor = house.floor
        if resume is None:
            plan = plan_from_toml(text)
            made = floor.studies.start(INSTALLER, plan.title, written(plan), queue=False)
            click.echo(f"study {made}")
        else:
            made = floor.studies.one(INSTALLER, resume).id
        running = open_running(floor)
        while True:
            try:
                running.carry_on(made, JobContext(0, STUDY_RUN, report=_tell))
                break
            except NotNow:
                click.echo("waits: AI is stopped, or an older study still runs", err=True)
                time.sleep(WAIT)
        result = StudyResults(floor.studies).of(INSTALLER, made)
        _say(result, language)
        if out is not None:
            _write(result, out, language, floor.site.hospital, floor.clock().date().isoformat())
        if not result.whole:
            click.echo(f"{result.study.state} [{result.study.code}]; resume with", err=True)
            click.echo(f"  countersign models study --resume {made}", err=True)
        return result.whole


def _tell(done: int, total: int | None, note: str) -> None:
    click.echo(f"{done} of at most {total}", err=True)


def _say(result: Result, language: Language) -> None:
    from countersign.rooms.modelbench.service.study import wording

    for one in result.recommendations:
        click.echo(wording.advice(result, one).into(language))
        for judged in one.judged:
            label = result.row(judged.key).configuration.label
            click.echo(f"  {label}: {wording.reason(result, one, judged).into(language)}")


def _write(result: Result, out: Path, language: Language, hospital: Words, on: str) -> None:
    from countersign.rooms.modelbench.service.study.exporting import as_csv, as_json
    from countersign.rooms.modelbench.service.study.printing import as_pdf

    out.mkdir(parents=True, exist_ok=True)
    (out / "report.pdf").write_bytes(as_pdf(result, language, hospital, on))
    (out / "figures.csv").write_text(as_csv(result), encoding="utf-8-sig", newline="")
    (out / "figures.json").write_bytes(as_json(result))
    click.echo(str(out))
