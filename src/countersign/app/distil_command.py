"""The command that distils small models, where what trains them is installed."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from countersign.ground.identity import Principal
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.modelbench.service import (
    RUNGS,
    TEACHERS,
    Distilling,
    Interrupted,
    Plan,
    make,
)

from .settings import from_environment

INSTALLER = Principal.system("installer")


class BadPlanFile(CountersignError):
    code = "app.bad_plan"
    status = 422
    message = "The plan {file} cannot be used: {what}. docs/operate.md shows one."


_TEACHERS = Words(
    f"teacher is one of {', '.join(TEACHERS[:2])}", f"teacher 应为 {'、'.join(TEACHERS[:2])} 之一"
)
_UNREADABLE = Words("a value or a file cannot be read", "某个值或文件无法读取")


def _missing(problem: KeyError) -> Words:
    return Words(f"it does not say {problem}", f"缺少 {problem}")


@click.command()
@click.argument("plan", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def distil(plan: Path) -> None:
    """Distil what the file PLAN says, in this process, and print what the frozen set decided.

    Files that the plan names lie beside it. Nothing goes live by this; a person decides that on
    the page of the distillation.
    """
    from .house import open_house

    described, labelled, unlabelled = _read(plan)
    with open_house(from_environment(), upgrade=True) as house:
        distilling = Distilling(house.floor.students.kept, house.floor.gateway)
        task = distilling.begin(INSTALLER, described, labelled, unlabelled, queue=False)
        try:
            kept = distilling.distil(INSTALLER, task, make, _tell)
        except Interrupted:
            click.echo("The teacher is away. Run the command again when it is back.", err=True)
            sys.exit(1)
    if kept.model is None or kept.report is None:
        click.echo(f"No small model was made [{kept.reason}]", err=True)
        sys.exit(1)
    told = kept.report
    low, high = (100 * float(one) for one in told["difference"][1:])
    click.echo(f"{kept.model.label}  /modelbench/distilling/of/{task}")
    for rung in told["rungs"]:
        click.echo(f"  {rung['name']:<12} answers {100 * rung['answered']:.1f} %")
    click.echo(f"  passed upwards       {100 * told['passed']:.1f} %")
    click.echo(f"  cost beside teacher  {100 * told['cost_ratio']:.1f} %")
    click.echo(f"  points apart         {low:+.2f} to {high:+.2f} on {told['frozen']} texts")
    for name in told["left_out"]:
        click.echo(f"  left out: {name} (pip install 'countersign[train]')")
    click.echo("The frozen set lets it go live." if kept.holds else "The frozen set refuses it.")


def _tell(done: int, total: int | None, note: str) -> None:
    if total is not None and done % 1000 == 0:
        click.echo(f"{note} {done}/{total}", err=True)


def _read(file: Path) -> tuple[Plan, bytes, bytes]:
    """The plan and the bytes of its files. Raises BadPlanFile."""
    try:
        found: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        if found["teacher"] not in TEACHERS[:2]:
            raise BadPlanFile(file=file.name, what=_TEACHERS)
        plan = Plan(
            title=str(found["title"]),
            work=str(found["work"]),
            teacher=found["teacher"],
            rungs=tuple(one for one in RUNGS if one in found.get("rungs", RUNGS)),
            answer=float(found["answer"]),
            core_hour=float(found.get("core_hour", 0.2)),
            money=str(found.get("money", "CNY")),
            source=str(found["source"]),
            licence=str(found["licence"]),
        )
        names = (found["labelled"], found.get("unlabelled"))
        labelled, unlabelled = ((file.parent / one).read_bytes() if one else b"" for one in names)
    except KeyError as problem:
        raise BadPlanFile(file=file.name, what=_missing(problem)) from None
    except (ValueError, TypeError, OSError):
        raise BadPlanFile(file=file.name, what=_UNREADABLE) from None
    return plan, labelled, unlabelled
