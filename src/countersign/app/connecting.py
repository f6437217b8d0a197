"""The command that enters a workstation of another maker, which shows drafts as cards."""

from __future__ import annotations

from typing import TextIO

import click

from countersign.ground.identity import NewCdsClient, Principal

from .house import open_house
from .settings import from_environment

INSTALLER = Principal.system("installer")


@click.command()
@click.argument("name")
@click.option("--issuer", required=True, help="What its tokens name as iss.")
@click.option("--department", "departments", multiple=True, required=True, help="Code.")
@click.option("--jwks", type=click.File("r"), help="File with its public keys (JWK set).")
@click.option("--jwks-url", default="", help="Address of its public keys, in the intranet.")
@click.option("--fhir-server", default="", help="Where what it did not send may be fetched.")
@click.option("--identifies", is_flag=True, help="It says reliably which physician is there.")
@click.option(
    "--link", "links", multiple=True, metavar="REFERENCE=PERSON", help="Such as Practitioner/7=…"
)
def workstation(
    name: str,
    issuer: str,
    departments: tuple[str, ...],
    jwks: TextIO | None,
    jwks_url: str,
    fhir_server: str,
    identifies: bool,
    links: tuple[str, ...],
) -> None:
    """Register a workstation that calls hooks (CDS Hooks); its identifier is printed."""
    new = NewCdsClient(
        name,
        issuer,
        frozenset(departments),
        jwks.read() if jwks else None,
        jwks_url or None,
        fhir_server or None,
    )
    with open_house(from_environment(), upgrade=True) as house:
        clients = house.floor.cds.clients
        identifier = clients.add(new, by=INSTALLER)
        if identifies:
            clients.switch(identifier, answered=True, identifies=True, by=INSTALLER)
        for link in links:
            reference, _, person = link.partition("=")
            clients.link(identifier, reference, person, by=INSTALLER)
    click.echo(identifier)
