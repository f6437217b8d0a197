"""What the maps need beside the message: whose chart, stable names, the zone, what to note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo

from countersign.kit.json import JSON

KEY = "urn:countersign:hl7v2:key"
"""The system of the identifier by which an entry is found again, in whichever chart it stands."""

Name = Callable[[str, str], str]
"""A stable identifier for a resource type and a name."""


@dataclass(frozen=True, slots=True)
class Context:
    """``patient`` is an identifier of the chart. ``departments`` are the codes of the house.

    ``notes`` gathers, as ``place.problem``, what a message says that cannot be: never a value.
    """

    patient: str
    name: Name
    zone: tzinfo
    departments: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list[str])

    def note(self, place: str, problem: str) -> None:
        said = f"{place}.{problem}"
        if said not in self.notes and len(self.notes) < 50:
            self.notes.append(said)

    @property
    def subject(self) -> JSON:
        return {"reference": f"Patient/{self.patient}"}

    def identifier(self, kind: str, key: str) -> str:
        """The identifier of an entry of this chart."""
        return self.name(kind, f"{self.patient}|{key}")

    def entry(self, kind: str, key: str, content: JSON) -> JSON:
        """A resource with its identifier and the key by which it is found again."""
        own = {"system": KEY, "value": key}
        given = content.pop("identifier", [])
        return {
            "resourceType": kind,
            "id": self.identifier(kind, key),
            "identifier": [*given, own],
            **content,
        }


def without_empty(value: JSON) -> JSON:
    """The same without elements that say nothing, which FHIR does not allow."""
    return {name: item for name, item in value.items() if item not in (None, "", [], {})}
