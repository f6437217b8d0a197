"""A whole message as the entries that it makes or changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from countersign.doors.hl7v2.events import MEANINGS, Meaning
from countersign.doors.hl7v2.message import Message
from countersign.kit.json import JSON

from .allergies import allergies
from .appointments import appointment
from .context import Context
from .documents import document
from .drugs import medication_requests
from .orders import groups, service_request
from .people import coverages, patient, related
from .results import observation, report
from .visit import conditions, encounter, visit_key


@dataclass(frozen=True, slots=True)
class Mapped:
    """``patient`` and ``encounter`` hold what the message says of them, to be laid over what is
    known; ``entries`` are whole. ``snapshot`` says that the message tells how patient and visit
    are now; other messages name them only so that they are recognised.
    """

    patient: JSON
    encounter: JSON | None
    entries: list[JSON] = field(repr=False)
    snapshot: bool
    notes: tuple[str, ...]


NOT_MADE = frozenset({"RXD", "RXA", "ODS", "ODT", "RQD", "RQ1"})
"""Drugs given out, diets and supplies: kept with the message and said, not made into entries."""


SNAPSHOTS = frozenset(
    {
        Meaning.VISIT,
        Meaning.PERSON,
        Meaning.SWAP,
        Meaning.LINK,
        Meaning.UNLINK,
        Meaning.MOVE,
    }
)
"""What tells how patient and visit are now."""


def mapped(message: Message, context: Context) -> Mapped:
    """The message by its meaning. What it says that cannot be stands in ``notes``."""
    meaning = MEANINGS.get((message.kind, message.event))
    person, seen = patient(message, context), encounter(message, context)
    visit = visit_key(message) if seen is not None else None
    entries: list[JSON] = []
    if meaning in SNAPSHOTS:
        entries += _around(message, context, visit)
    elif meaning is Meaning.ORDER or meaning is Meaning.RESULT:
        entries += _ordered(message, context, visit, meaning)
    elif meaning is Meaning.DOCUMENT:
        made = document(message, context, visit)
        entries += [made] if made else []
    elif meaning is Meaning.APPOINTMENT:
        entries += [
            appointment(message, context, visit),
            *conditions(message, context, visit),
            *_before_orders(message, context, visit),
        ]
    if any(one.name.startswith("Z") for one in message.segments):
        context.note("Z", "left-out")
    for name in sorted({one.name for one in message.segments} & NOT_MADE):
        context.note(name, "not-made")
    snapshot = meaning in SNAPSHOTS or meaning is Meaning.MERGE
    return Mapped(person, seen, _unique(entries), snapshot, tuple(context.notes))


def _around(message: Message, context: Context, visit: str | None) -> list[JSON]:
    """What an ADT message says beside patient and visit."""
    found = [
        *allergies(message, context),
        *conditions(message, context, visit),
        *related(message, context),
        *coverages(message, context),
    ]
    return [*found, *_before_orders(message, context, visit)]


def _before_orders(message: Message, context: Context, visit: str | None) -> list[JSON]:
    """OBX that belong to no order: what is observed of the patient, such as weight."""
    found: list[JSON] = []
    for segment in message.segments:
        if segment.name in ("ORC", "OBR"):
            break
        if segment.name != "OBX" or segment.get(2) in ("ED", "RP"):
            continue
        at = segment.get(14) or message.segment("EVN").get(2)
        key = f"ADT|{visit or ''}|{segment.get(3) or segment.get(3, 2)}|{segment.get(4)}|{at}"
        made = observation(segment, [], key, None, context, visit)
        found += [made] if made else []
    return found


def _ordered(message: Message, context: Context, visit: str | None, meaning: Meaning) -> list[JSON]:
    found: list[JSON] = []
    ordered = groups(message)
    found += _before_orders(message, context, visit)
    for group in ordered:
        if group.drug:
            continue
        done = meaning is Meaning.RESULT and group.obr.get(25) in ("F", "C")
        order = service_request(group, context, visit, done)
        found += [order] if order else []
        identifier = str(order["id"]) if order else None
        if meaning is Meaning.RESULT:
            found += report(group, context, visit, identifier)
        elif group.results:
            # What is known when something is asked for belongs to the patient, not to a report.
            for obx, notes in group.results:
                key = f"ASK|{group.key}|{obx.get(3)}|{obx.get(4)}"
                made = observation(obx, notes, key, group.obr, context, visit)
                found += [made] if made and obx.get(2) not in ("ED", "RP") else []
    if meaning is Meaning.ORDER:
        found += medication_requests(message, context, visit)
        found += [*allergies(message, context), *conditions(message, context, visit)]
    return found


def _unique(entries: list[JSON]) -> list[JSON]:
    """The last of those that are one and the same: a transaction may name each once."""
    return list({f"{one['resourceType']}/{one['id']}": one for one in entries}.values())
