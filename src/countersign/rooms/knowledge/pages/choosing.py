"""What a curator chooses from on forms, and what of a form's answers can be used."""

from __future__ import annotations

from collections.abc import Iterable

from countersign.ground.identity import Principal
from countersign.ground.library import (
    AUDIENCES,
    EVERYWHERE,
    KINDS,
    STATES,
    BadDocument,
    Permission,
)
from countersign.ground.shell import Floor


class Choosing:
    """Departments and people as they are now."""

    def __init__(self, floor: Floor) -> None:
        self._people = floor.people

    def of(self, principal: Principal) -> dict[str, object]:
        """What the forms' templates need."""
        every = [(one.code, one.name) for one in self._people.departments()]
        return {
            "kinds": KINDS,
            "states": STATES,
            "audiences": AUDIENCES,
            "departments": every,
            "homes": [one for one in every if one[0] in principal.departments],
            "everywhere": EVERYWHERE,
        }

    def permission(self, audience: str, departments: Iterable[str]) -> Permission:
        """Who may read; without a department everybody of the audience. Raises BadDocument."""
        known = {one.code for one in self._people.departments()}
        chosen = frozenset(one for one in departments if one in known)
        try:
            return Permission(audience, chosen or frozenset({EVERYWHERE}))
        except ValueError:
            raise BadDocument(field="audience") from None

    def person(self, person: str, field: str) -> str:
        """Somebody of this hospital. Raises BadDocument."""
        if person not in {one.id for one in self._people.people()}:
            raise BadDocument(field=field)
        return person
