"""Commands that hand the audit to other systems of the hospital."""

from __future__ import annotations

import platform
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from countersign.ground.ledger import AuditExport, Format

from .ledger_commands import OPERATOR
from .settings import from_environment

DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def audit() -> None:
    """The audit, for other systems."""


@audit.command(name="export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["fhir", "syslog", "syslog-tcp"]),
    required=True,
    help="FHIR AuditEvent as NDJSON; RFC 5424 lines; the same in frames of RFC 6587.",
)
@click.option("--from", "since", type=DAY, help="First day or moment, in the hospital's time.")
@click.option("--to", "until", type=DAY, help="Day or moment before which it ends.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output."
)
def export_audit(
    form: Format, since: datetime | None, until: datetime | None, out: Path | None
) -> None:
    """Write the events of a time; the export is recorded."""
    from .house import open_house

    settings = from_environment()
    zone = ZoneInfo(settings.time_zone)
    start, end = (one.replace(tzinfo=zone) if one else None for one in (since, until))
    with open_house(settings) as house:
        export = AuditExport(house.floor.ledger, platform.node())
        if out is None:
            export.write(OPERATOR.actor, form, start, end, sys.stdout.buffer)
            return
        draft = out.with_name(f"{out.name}.draft")
        draft.touch(mode=0o600)
        with draft.open("wb") as file:
            count = export.write(OPERATOR.actor, form, start, end, file)
        draft.replace(out)
    click.echo(f"{count} → {out}")
