"""Turns identifiers of other systems into keyed hashes and stable identifiers of the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from countersign.ground.vault import HOUSE, Vault

_SIGNLESS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Naming:
    """A list of record numbers is short enough to be tried through, so a plain hash of one would
    name the patient; these hashes need the key of this database.
    """

    vault: Vault

    def key(self, person: str) -> int:
        """By which messages of one patient are recognised."""
        return self.vault.blind("message.person", person)

    def keys(self, people: Sequence[str]) -> list[int]:
        return [self.key(person) for person in people]

    def identifier(self, kind: str, name: str) -> str:
        """The same for the same name, 128 bits: a message taken in twice changes nothing."""
        first = self.vault.blind(f"message.{kind}.1", name) & _SIGNLESS
        second = self.vault.blind(f"message.{kind}.2", name) & _SIGNLESS
        return f"{first:016x}{second:016x}"

    def patient(self, people: Sequence[str]) -> str:
        """The identifier that a patient gets who is not in the chart; the house's for nobody."""
        return self.identifier("Patient", people[0]) if people else HOUSE
