"""The tuple of rooms: everything else about a room stands in its own manifest."""

from __future__ import annotations

from countersign.doors.cdshooks.door import manifest as cdshooks
from countersign.doors.hl7v2.door import manifest as hl7v2
from countersign.doors.smart.door import manifest as smart
from countersign.ground.shell import Manifest

# rooms: begin
from countersign.rooms.access.room import manifest as access
from countersign.rooms.administration.room import manifest as administration
from countersign.rooms.assistant.room import manifest as assistant
from countersign.rooms.audit.room import manifest as audit
from countersign.rooms.cases.room import manifest as cases
from countersign.rooms.charts.room import manifest as charts
from countersign.rooms.differential.room import manifest as differential
from countersign.rooms.inbox.room import manifest as inbox
from countersign.rooms.knowledge.room import manifest as knowledge
from countersign.rooms.medication.room import manifest as medication
from countersign.rooms.modelbench.room import manifest as modelbench
from countersign.rooms.pathology.room import manifest as pathology
from countersign.rooms.preconsult.room import manifest as preconsult
from countersign.rooms.records.room import manifest as records
from countersign.rooms.safety.room import manifest as safety
from countersign.rooms.workstation.room import manifest as workstation

ROOMS: tuple[Manifest, ...] = (
    inbox,
    charts,
    cases,
    differential,
    preconsult,
    pathology,
    workstation,
    medication,
    knowledge,
    assistant,
    records,
    access,
    audit,
    safety,
    administration,
    modelbench,
)
# rooms: end

PAGED: tuple[Manifest, ...] = (*ROOMS, smart, cdshooks, hl7v2)
"""Everything that has pages: the rooms, and the doors at which people allow apps,
administrators connect workstations and messages are seen."""
