"""Commands that enter people and other systems; a new house begins with them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TextIO

import click

from countersign.doors.smart.registration import new_app
from countersign.ground.identity import AppKind, LicenceKind, Principal, Role
from countersign.kit.words import Words

from .house import House, open_house
from .settings import from_environment

INSTALLER = Principal.system("installer")


@click.command()
@click.argument("code")
@click.option("--en", required=True, help="Name in English.")
@click.option("--zh", required=True, help="Name in Chinese.")
def department(code: str, en: str, zh: str) -> None:
    """Enter a department, or rename the one with this code."""
    with open_house(from_environment(), upgrade=True) as house:
        house.floor.people.department(code, Words(en, zh), by=INSTALLER)
    click.echo(f"{code}: {zh} · {en}")


@click.command()
@click.argument("username")
@click.option("--name", required=True, help="Name as colleagues read it.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role])
)
@click.option("--department", "departments", multiple=True, help="Code; may be repeated.")
@click.option(
    "--licence",
    "licences",
    multiple=True,
    metavar="KIND:FROM:TO",
    help="Such as physician:2025-01-01:2029-12-31; may be repeated.",
)
@click.password_option(help="Asked for when it is not given.")
def person(
    username: str,
    name: str,
    roles: tuple[str, ...],
    departments: tuple[str, ...],
    licences: tuple[str, ...],
    password: str,
) -> None:
    """Enter a person with an account."""
    parsed = [_licence(text) for text in licences]
    with open_house(from_environment(), upgrade=True) as house:
        identifier = _enter(house, name, roles, departments, parsed)
        house.floor.accounts.create(username, identifier, password, by=INSTALLER)
    click.echo(f"{username} can sign in ({identifier}).")


@click.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="Such as system/*.read.")
@click.option("--department", "departments", multiple=True, required=True, help="Code.")
@click.option("--days", default=365, show_default=True, help="How long the token holds.")
def client(name: str, scopes: tuple[str, ...], departments: tuple[str, ...], days: int) -> None:
    """Give another system a bearer token for FHIR; it is printed once."""
    with open_house(from_environment(), upgrade=True) as house:
        until: datetime = house.floor.clock() + timedelta(days=days)
        issued = house.floor.clients.issue(
            name, scopes=scopes, departments=departments, expires_at=until, by=INSTALLER
        )
    click.echo(issued.token)


@click.command()
@click.argument("name")
@click.option("--kind", required=True, type=click.Choice([str(kind) for kind in AppKind]))
@click.option("--scope", "scopes", multiple=True, required=True, help="Such as patient/*.rs.")
@click.option("--redirect", "redirects", multiple=True, help="Where it is answered, exactly.")
@click.option("--launch", default="", help="Address that opens it from a chart.")
@click.option("--department", "departments", multiple=True, help="Code; for a service.")
@click.option("--jwks", type=click.File("r"), help="File with its public keys (JWK set).")
@click.option("--jwks-url", default="", help="Address of its public keys, in the intranet.")
@click.option("--introspect", is_flag=True, help="It may ask about tokens of other apps.")
@click.option("--id", "identifier", default="", help="Its client_id; one is made otherwise.")
def app(
    name: str,
    kind: str,
    scopes: tuple[str, ...],
    redirects: tuple[str, ...],
    launch: str,
    departments: tuple[str, ...],
    jwks: TextIO | None,
    jwks_url: str,
    introspect: bool,
    identifier: str,
) -> None:
    """Register an app or a service of SMART on FHIR; its client_id is printed."""
    new = new_app(
        name,
        kind,
        " ".join(scopes),
        redirect_uris=" ".join(redirects),
        launch_uri=launch,
        departments=departments,
        jwks=jwks.read() if jwks else "",
        jwks_url=jwks_url,
        introspects=introspect,
        identifier=identifier,
    )
    with open_house(from_environment(), upgrade=True) as house:
        click.echo(house.floor.apps.registry.add(new, by=INSTALLER))


def _enter(
    house: House,
    name: str,
    roles: tuple[str, ...],
    departments: tuple[str, ...],
    licences: list[tuple[LicenceKind, date, date]],
) -> str:
    people = house.floor.people
    identifier = people.add(name, by=INSTALLER)
    for role in roles:
        people.grant(identifier, Role(role), by=INSTALLER)
    for code in departments:
        people.join(identifier, code, by=INSTALLER)
    for kind, since, until in licences:
        people.license(identifier, kind, since, until, by=INSTALLER)
    return identifier


def _licence(text: str) -> tuple[LicenceKind, date, date]:
    try:
        kind, since, until = text.split(":")
        return LicenceKind(kind), date.fromisoformat(since), date.fromisoformat(until)
    except ValueError:
        raise click.BadParameter(
            f"“{text}” is not KIND:FROM:TO with a KIND of {', '.join(LicenceKind)}"
        ) from None
