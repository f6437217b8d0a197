"""Houses under other settings than the demonstration's, on its data, for journeys to the door."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from browser import serve
from countersign.app.house import House, open_house
from countersign.app.rooms import ROOMS
from countersign.ground.identity import LicenceKind, Principal, Role
from countersign.ground.ledger import EventQuery
from countersign.ground.shell import build_http
from furnished import PASSWORD, Furnished
from journeys.drafts import PHYSICIANS_DEPARTMENTS

INSTALLER = Principal.system("installer")


@dataclass(frozen=True)
class Doorway:
    """A house that is served; ``base`` bears the name to which passkeys are bound."""

    house: House
    base: str

    def newcomer(self, role: Role = Role.PHYSICIAN) -> tuple[str, str]:
        """Somebody whom no other journey knows: the user name and the identifier."""
        floor, name = self.house.floor, f"new-{secrets.token_hex(4)}"
        person = floor.people.add(f"Newcomer {name[-4:]}", by=INSTALLER)
        floor.people.grant(person, role, by=INSTALLER)
        for department in PHYSICIANS_DEPARTMENTS:
            floor.people.join(person, department, by=INSTALLER)
        if role in set(LicenceKind):
            kind = LicenceKind(role)
            days = (date(2020, 1, 1), date(2100, 1, 1))
            floor.people.license(person, kind, *days, by=INSTALLER)
        floor.accounts.create(name, person, PASSWORD, by=INSTALLER)
        return name, person

    def events(self, kind: str, actor: str) -> list[Any]:
        """What the ledger says that somebody did, the latest first."""
        found = self.house.floor.ledger.events(EventQuery(kinds=(kind,), actor=actor, limit=20))
        return list(found.events)


@contextmanager
def doorway(furnished: Furnished, **changes: Any) -> Generator[Doorway]:
    """The demonstration's house under other settings until the block ends."""
    settings = replace(furnished.settings, **changes)
    with open_house(settings) as house, serve(build_http(house.floor, ROOMS)) as address:
        yield Doorway(house, address.replace("127.0.0.1", "localhost"))
