"""Commands that change the database's schema: to this version's, and back."""

from __future__ import annotations

import click

from countersign.ground.db import check_unused, downgrade, migrate, pending, present
from countersign.ground.ledger import Event, EventKind

from .house import open_house
from .secret import installation_secret
from .server import postgres
from .settings import Settings, from_environment

REMINDER = (
    "Keep a backup of the database, and of the keys in another place, before you go on "
    "(docs/operate.md says how). Is there one?"
)


@click.command()
@click.option("--plan", is_flag=True, help="Only say what would be applied.")
@click.option("--yes", is_flag=True, help="There is a backup; do not ask.")
def upgrade(plan: bool, yes: bool) -> None:
    """Bring the database to this version's schema, after a look at what waits."""
    settings = from_environment()
    with postgres(settings) as owner:
        waiting = pending(owner)
        for one in waiting:
            said = "the previous version may go on serving" if one.while_serving else "stop first"
            click.echo(f"  {one.revision}: {said}")
        if plan or not waiting:
            click.echo(f"{len(waiting)} migrations wait.")
            return
        before = present(owner)
        if before and not all(one.while_serving for one in waiting):
            check_unused(owner)
        if before and not yes:
            click.confirm(REMINDER, abort=True)
        migrate(owner, installation_secret(settings.keys), settings.time_zone)
        _record(settings, before or "nothing", waiting[-1].revision)
    click.echo(f"The database stands at {waiting[-1].revision}.")


@click.command(name="downgrade")
@click.option("--to", required=True, metavar="REVISION", help="Such as 0008_signoff.")
@click.option("--set-aside", is_flag=True, help="Keep a copy of what the way back would lose.")
@click.option("--rehearse", is_flag=True, help="Try it and take it back.")
@click.option("--yes", is_flag=True, help="There is a backup; do not ask.")
def downgrade_(to: str, set_aside: bool, rehearse: bool, yes: bool) -> None:
    """Take the database back to an earlier version's schema; the house must be stopped.

    Everything happens in one transaction or not at all.
    """
    settings = from_environment()
    with postgres(settings) as owner:
        for one in downgrade(owner, to, set_aside=set_aside, rehearse=True):
            click.echo(f"  {one}")
        if rehearse:
            click.echo("Rehearsed; nothing was changed.")
            return
        if not yes:
            click.confirm(REMINDER, abort=True)
        _record(settings, present(owner), to)
        downgrade(owner, to, set_aside=set_aside)
    click.echo(f"The database stands at {to}. Start the version that belongs to it.")


def _record(settings: Settings, before: str, after: str) -> None:
    """While the ledger of this version still, or already, fits the schema."""
    with open_house(settings) as house:
        detail = {"from": before, "to": after}
        event = Event(EventKind.SCHEMA_CHANGED, "system:installer", detail=detail)
        house.floor.ledger.record(event)
