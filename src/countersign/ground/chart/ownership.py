"""Finds the one patient that each entry of a bundle belongs to, and lets no two be mixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .bundle import Entry
from .compartment import FREE, OWNER, SHARED, owner_element, owner_references
from .errors import NoPatient, TwoPatients
from .references import Links

_WHOEVER = frozenset({"AuditEvent", "Person"})
"""May name several patients and then belong to none of them."""


@dataclass(frozen=True, slots=True)
class Owner:
    """``patient`` is an id; ``via`` are references of the chart whose owner is the owner too."""

    patient: str | None
    via: tuple[str, ...] = ()


class Ownership:
    """``entries`` and ``links`` by ``Type/id``, references already resolved."""

    def __init__(self, entries: Mapping[str, Entry], links: Mapping[str, Links]) -> None:
        self._entries = entries
        self._links = links
        self._patients: dict[str, frozenset[str]] = {}

    def of(self, key: str) -> Owner:
        """Raises NoPatient, TwoPatients."""
        entry = self._entries[key]
        references = owner_references(entry.resource or {"resourceType": entry.type})
        via = tuple(
            one
            for one in references
            if one not in self._entries and not one.startswith("Patient/") and "://" not in one
        )
        owners = self._patients_of(key)
        if entry.type == "Binary" and not owners and not via:
            owners = self._pointing_at(key)
        if len(owners) > 1:
            if entry.type in _WHOEVER:
                return Owner(None)
            raise TwoPatients(entry.index, entry.type)
        self._check_unmixed(entry, key, owners)
        # A group or a place of this bundle may be the subject; nobody may not.
        named = via or any(one in self._entries for one in references)
        if not owners and not named and entry.type in OWNER and entry.type not in FREE:
            raise NoPatient(entry.index, entry.type, element=owner_element(entry.type))
        return Owner(next(iter(owners), None), via)

    def _check_unmixed(self, entry: Entry, key: str, owners: frozenset[str]) -> None:
        if not owners or entry.type in SHARED:
            return
        for target in self._links[key].inside:
            others = self._patients_of(target) if target in self._entries else owners
            if others and not others & owners:
                raise TwoPatients(entry.index, entry.type)

    def _pointing_at(self, key: str) -> frozenset[str]:
        """A Binary without a security context belongs to whoever's document shows it."""
        owners = [self._patients_of(one) for one in self._links if key in self._links[one].inside]
        return frozenset[str]().union(*owners)

    def _patients_of(self, key: str) -> frozenset[str]:
        """The patients named by the owner's element, followed through the bundle."""
        if key in self._patients:
            return self._patients[key]
        self._patients[key] = frozenset()
        resource = self._entries[key].resource
        found: set[str] = set()
        for reference in owner_references(resource) if resource else ():
            if reference.startswith("Patient/"):
                found.add(reference.partition("/")[2].partition("/_history/")[0])
            elif reference in self._entries:
                found |= self._patients_of(reference)
        self._patients[key] = frozenset(found)
        return self._patients[key]
