"""What happens between ``countersign run`` and the first page."""

from __future__ import annotations

import sys
from dataclasses import replace
from multiprocessing import get_context

import click

from .logs import configure
from .server import server
from .settings import Settings
from .supervisor import Supervisor


def start(settings: Settings) -> None:
    """Migrates, fills an empty demonstration, serves, and says where everything is.

    Preparing happens in a process of its own, so that the one that stays is small.
    """
    configure(settings.log)
    with server(settings) as embedded:
        owner = embedded.conninfo if embedded else settings.database
        process = get_context("fork").Process(
            target=_prepare, args=(replace(settings, database=owner),)
        )
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)
        Supervisor(settings, embedded).run(lambda: _greet(settings))


def _prepare(settings: Settings) -> None:
    from countersign.kit.errors import CountersignError

    from .preparing import prepare

    try:
        prepare(settings)
    except CountersignError as problem:
        click.echo(f"{problem.sentence()} [{problem.code}]", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _greet(settings: Settings) -> None:
    click.echo(f"\nCountersign serves at http://{settings.host}:{settings.port}")
    keys_only = " (keys) and in the configured PostgreSQL" if settings.database else ""
    click.echo(f"Data lies in {settings.home}{keys_only}")
    if settings.demonstration:
        from .guests import accounts

        click.echo("\nDemonstration accounts (every person is invented):")
        for username, password, title in accounts():
            click.echo(f"  {username:<22}{password:<26}{title}")
    click.echo("\nCtrl-C stops everything; the data stays.")
