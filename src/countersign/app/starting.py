"""What happens between ``countersign run`` and the first page."""

from __future__ import annotations

import click

from .house import House, open_house, register_models
from .settings import Settings
from .supervisor import Supervisor


def start(settings: Settings) -> None:
    """Migrates, fills an empty demonstration, serves, and says where everything is."""
    with open_house(settings, upgrade=True) as house:
        prepare(house)
        Supervisor(settings).run(lambda: _greet(settings))


def prepare(house: House) -> None:
    """Everything that must be there before the first page; safe to repeat."""
    from .furnishing import furnish, furnished

    register_models(house)
    house.floor.policy.adopt(house.identity)
    if house.settings.demonstration and not furnished(house):
        with click.progressbar(length=1, label="Inventing a hospital", show_eta=True) as bar:

            def progress(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            furnish(house, progress)


def _greet(settings: Settings) -> None:
    click.echo(f"\nCountersign serves at http://{settings.host}:{settings.port}")
    click.echo(
        f"Data lies in {settings.home}"
        + ("" if settings.database is None else " (keys) and in the configured PostgreSQL")
    )
    if settings.demonstration:
        from .furnishing import accounts

        click.echo("\nDemonstration accounts (every person is invented):")
        for username, password, title in accounts():
            click.echo(f"  {username:<22}{password:<26}{title}")
    click.echo("\nCtrl-C stops everything; the data stays.")
