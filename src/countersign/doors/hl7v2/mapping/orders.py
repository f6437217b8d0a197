"""ORC and OBR: what was asked for, as ServiceRequest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from countersign.doors.hl7v2.message import Message, Segment
from countersign.kit.json import JSON

from .context import Context, without_empty
from .datatypes import concept, entity, moment, person
from .tables import ORDER_CONTROL, ORDER_STATUS, PRIORITY


@dataclass(slots=True)
class Group:
    """An order with what follows it: ORC and OBR (one may be missing), results, notes."""

    orc: Segment
    obr: Segment
    results: list[tuple[Segment, list[Segment]]] = field(
        default_factory=list[tuple[Segment, list[Segment]]]
    )
    notes: list[Segment] = field(default_factory=list[Segment])
    number: int = 1
    drug: bool = False  # RXO or RXE follows: it is another map's

    @property
    def key(self) -> str:
        """The order's own number: the filler's, else the placer's, else its place."""
        for value in (self._first(3), self._first(2)):
            if value:
                return value
        return f"{self.number}|{self.obr.get(7)}"

    def _first(self, number: int) -> str:
        for segment in (self.obr, self.orc):
            found = segment.first(number)
            if found.part(1):
                return "|".join(found.part(one) for one in (1, 2))
        return ""

    @property
    def identifiers(self) -> list[JSON]:
        """Placer and filler."""
        found: list[JSON] = []
        for number, kind in ((2, "PLAC"), (3, "FILL")):
            value = self.obr.first(number) or self.orc.first(number)
            one = entity(value, kind)
            if one is not None:
                found.append(one)
        return found


def groups(message: Message) -> list[Group]:
    """The orders of a message in their order."""
    return list(_groups(message))


def _groups(message: Message) -> Iterator[Group]:
    by = message.header.by
    none_orc, none_obr = Segment(("ORC",), by), Segment(("OBR",), by)
    now: Group | None = None
    count = 0
    for segment in message.segments:
        if _joins(message, now, segment):
            now = replace(now, orc=segment) if now is not None else now
        elif segment.name == "ORC" or segment.name == "OBR" and (now is None or now.obr.fields[1:]):
            if now is not None:
                yield now
            count += 1
            orc = segment if segment.name == "ORC" else none_orc
            obr = segment if segment.name == "OBR" else none_obr
            now = Group(orc, obr, number=count)
        elif now is not None:
            _add(now, segment)
    if now is not None:
        yield now


def _joins(message: Message, now: Group | None, segment: Segment) -> bool:
    """In OUL the ORC follows the OBR that it belongs to."""
    if segment.name != "ORC" or message.kind != "OUL" or now is None:
        return False
    return bool(now.obr.fields[1:]) and not now.orc.fields[1:] and not now.results


def _add(group: Group, segment: Segment) -> None:
    if segment.name == "OBR":
        group.obr = segment
    elif segment.name == "OBX":
        group.results.append((segment, []))
    elif segment.name in ("RXO", "RXE"):
        group.drug = True
    elif segment.name == "NTE":
        (group.results[-1][1] if group.results else group.notes).append(segment)


def remarks(notes: Sequence[Segment]) -> list[JSON]:
    """NTE as Annotation, one for all lines that belong together."""
    text = "\n".join(one for note in notes if (one := note.text(3)))
    return [{"text": text}] if text else []


def service_request(group: Group, context: Context, visit: str | None, done: bool) -> JSON | None:
    """ORC and OBR as ServiceRequest; ``done`` says that its final result came with it."""
    orc, obr = group.orc, group.obr
    code = concept(obr.first(4))
    if code is None and not group.identifiers:
        return None
    priority = obr.get(5) or obr.get(27, 6) or orc.get(7, 6)
    return context.entry(
        "ServiceRequest",
        f"OBR|{group.key}|{obr.get(4)}",
        without_empty(
            {
                "identifier": group.identifiers,
                "status": _status(orc, done),
                "intent": "order",
                "priority": PRIORITY.get(priority),
                "code": code,
                "subject": context.subject,
                "encounter": reference(context, visit),
                "authoredOn": moment(orc.get(9) or orc.get(15), context, "ORC-9"),
                "requester": person(orc.first(12)) or person(obr.first(16)),
                "reasonCode": [one for value in obr.all(31) if (one := concept(value))],
                "note": remarks(group.notes),
            }
        ),
    )


def _status(orc: Segment, done: bool) -> str:
    control = ORDER_CONTROL.get(orc.get(1))
    if control == "revoked":
        return control
    said = ORDER_STATUS.get(orc.get(5)) or control
    return said or ("completed" if done else "active")


def reference(context: Context, visit: str | None) -> JSON | None:
    """The encounter of an entry."""
    if visit is None:
        return None
    return {"reference": f"Encounter/{context.identifier('Encounter', visit)}"}
