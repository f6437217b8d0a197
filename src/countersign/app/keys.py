"""Commands for keys: where they stand, rotation, and the destruction of one patient's data."""

from __future__ import annotations

import sys
import time

import click

from countersign.ground.identity import Action, Facts, Principal, Purpose
from countersign.ground.vault import (
    GRACE,
    KEPT_SECONDS,
    BadOrder,
    Census,
    DataRotation,
    Ground,
    Order,
    Suite,
    rotate_wrapping,
    take_census,
)
from countersign.ground.vault import (
    shred as destroy,
)

from .house import House, open_house
from .keeping import told
from .settings import from_environment

INSTALLER = Principal.system("installer")
CIPHERS = {Suite.AES_256_GCM: "AES-256-GCM", Suite.SM4_GCM: "SM4-GCM"}
HASHES = {Suite.AES_256_GCM: "HMAC-SHA-256", Suite.SM4_GCM: "HMAC-SM3"}


@click.group()
def keys() -> None:
    """Wrapping keys and data keys: status, rotation, suite."""


@keys.command()
def status() -> None:
    """Where every key and every sealed row stands."""
    with open_house(from_environment()) as house:
        counted = take_census(house.vault.store.pool)
        click.echo(f"Wrapping keys: {house.vault.store.provider.describe()}")
        _suites(house, counted)
    _tell(counted)
    sys.exit(1 if counted.lost or counted.undeclared else 0)


@keys.command()
def suite() -> None:
    """Which ciphers and hashes are in use, and which new keys get."""
    with open_house(from_environment()) as house:
        _suites(house, take_census(house.vault.store.pool))


@keys.group()
def rotate() -> None:
    """Replace keys while everybody works; a run that was interrupted is finished."""


@rotate.command()
def wrapping() -> None:
    """Make the next wrapping key and wrap every data key with it."""
    with (
        open_house(from_environment()) as house,
        click.progressbar(length=1, label="Wrapping", show_eta=True) as bar,
    ):
        store = house.vault.store

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        report = rotate_wrapping(
            store.pool, store.provider, told(house.floor.ledger, store.pool, INSTALLER), progress
        )
    begun = "finished an earlier run" if report.resumed else "made"
    click.echo(f"Wrapping key {report.version} ({begun}); {report.keys} data keys wrapped again.")
    _tell(report.census)
    if report.damaged:
        click.echo(f"{report.damaged} data keys do not unwrap and stay as they are.", err=True)
    sys.exit(0 if report.complete else 1)


@rotate.command()
def data() -> None:
    """Give every patient a new data key and seal every row again."""
    with (
        open_house(from_environment()) as house,
        click.progressbar(length=1, label="Sealing again", show_eta=True) as bar,
    ):
        store = house.vault.store

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        def rest(seconds: float) -> None:
            click.echo(f"\nWaiting {seconds:.0f} s until no process uses the old keys any more.")
            time.sleep(seconds)

        report = DataRotation(
            store, told(house.floor.ledger, store.pool, INSTALLER), progress, grace=GRACE, rest=rest
        ).run()
    click.echo(
        f"Generation {report.generation}{' (an earlier run, finished)' if report.resumed else ''}: "
        f"{report.keys} data keys made, {report.rows} rows sealed again, "
        f"{report.retired} old keys destroyed."
    )
    _tell(report.census)
    if report.damaged:
        click.echo(f"{report.damaged} rows do not open and stay as they are.", err=True)
    sys.exit(0 if report.complete else 1)


@click.command()
@click.argument("patient")
@click.option("--ground", required=True, type=click.Choice([str(one) for one in Ground]))
@click.option("--reference", required=True, help="The file number of the order; no names.")
@click.option("--ordered-by", required=True, help="User name of the first person.")
@click.option("--confirmed-by", required=True, help="User name of the second person.")
def shred(patient: str, ground: str, reference: str, ordered_by: str, confirmed_by: str) -> None:
    """Destroy the keys of one patient's data, for good.

    Two different persons who may do so sign in here, one after the other.
    """
    with open_house(from_environment()) as house:
        if ordered_by == confirmed_by:
            raise BadOrder(problem="the second person must be another than the first")
        first, second = (_signed_in(house, name) for name in (ordered_by, confirmed_by))
        order = Order(patient, Ground(ground), reference, first.id, second.id)
        if click.prompt("This cannot be undone. Type the patient's identifier again") != patient:
            raise click.ClickException("The identifiers differ; nothing was destroyed.")
        batches = told(house.floor.ledger, house.vault.store.pool, first)
        made = destroy(house.vault, batches, order, house.floor.new_id(), house.floor.clock())
    click.echo(made.text)
    click.echo(
        f"Certificate {made.id}: {len(made.keys)} keys destroyed, "
        f"{sum(made.rows.values())} rows can no longer be read."
    )
    click.echo(
        f"Running processes let go of these keys within {KEPT_SECONDS * 1.1:.0f} seconds. Backups "
        "of before still hold the wrapped keys: see docs/operate.md."
    )


def _signed_in(house: House, username: str) -> Principal:
    """The person, who proves it with the password and may order this."""
    password = click.prompt(f"Password of {username}", hide_input=True)
    session = house.floor.accounts.sign_in(username, password, purpose=Purpose.OPERATIONS)
    house.floor.accounts.sign_out(session.token)
    house.floor.policy.require(session.principal, Action.DATA_DESTROY, Facts.house("keys"))
    return session.principal


def _suites(house: House, counted: Census) -> None:
    click.echo(f"New keys: {CIPHERS[house.vault.store.suite]}")
    click.echo(f"Search index: {HASHES[house.vault.index_suite()]} (fixed for this database)")
    for name, rows in sorted(counted.by_suite().items()):
        click.echo(f"Rows sealed with {CIPHERS[Suite[name]]}: {rows}")


def _tell(counted: Census) -> None:
    """The report that no row was left behind, or which were."""
    for line in counted.lines():
        click.echo(f"  {line}")
    click.echo(
        f"{counted.keys} data keys, {counted.wrapped_stragglers} under an older wrapping key; "
        f"{counted.rows} sealed rows, {counted.stragglers} under an older data key, "
        f"{counted.lost} without a key."
    )
    if counted.aside:
        click.echo(
            f"{counted.aside} rows that a way back set aside (schema “set_aside”) hold their old "
            "keys back; nothing seals them again. Once nobody needs them any more: “drop schema "
            "set_aside cascade” as the owner of the database, then “keys rotate data”."
        )
    if counted.undeclared:
        click.echo(f"Not declared, so not rotated: {', '.join(counted.undeclared)}", err=True)
