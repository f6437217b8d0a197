"""Everything that must be there before the first page."""

from __future__ import annotations

import click

from .furnishing import furnish, furnished
from .house import open_house, register_models
from .settings import Settings


def prepare(settings: Settings) -> None:
    """Migrates, registers models and policies, invents a hospital; safe to repeat."""
    with open_house(settings, upgrade=True) as house:
        for sentence in register_models(house):
            click.echo(f"{sentence} Its proposals are refused until then.", err=True)
        house.floor.policy.adopt(house.identity)
        if not settings.demonstration or furnished(house):
            return
        with click.progressbar(length=1, label="Inventing a hospital", show_eta=True) as bar:

            def progress(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            furnish(house, progress)
