"""TXA with its OBX: DocumentReference."""

from __future__ import annotations

import base64

from countersign.doors.hl7v2.judging import authority
from countersign.doors.hl7v2.message import Message, Segment, Value
from countersign.kit.json import JSON

from .context import Context, without_empty
from .datatypes import concept, instant, moment, period, person
from .orders import reference
from .results import attachment
from .tables import DOCUMENT, TERMINOLOGY

_TEXT = frozenset({"", "TX", "FT", "ST"})
_RELATES = {"T09": "replaces", "T10": "replaces", "T05": "appends", "T06": "appends"}


def document(message: Message, context: Context, visit: str | None) -> JSON | None:
    """TXA as DocumentReference with the text or file that came with it."""
    txa = message.segment("TXA")
    number = txa.first(12)
    if not number.part(1):
        context.note("TXA-12", "missing")
        return None
    kind = concept(txa.first(2), f"{TERMINOLOGY}/v2-0270")
    content = _content(message, context)
    created = instant(txa.get(6), context, "TXA-6")
    for one in content:
        one.update(without_empty({"creation": created, "title": txa.get(16)}))
    authors = [one for value in txa.all(9) if (one := person(value))]
    return context.entry(
        "DocumentReference",
        f"TXA|{_whole(number)}",
        without_empty(
            {
                "masterIdentifier": _identified(number),
                "status": "entered-in-error" if message.event == "T11" else "current",
                "docStatus": DOCUMENT.get(txa.get(17)),
                "type": kind,
                "subject": context.subject,
                "date": instant(txa.get(8) or txa.get(6), context, "TXA-8"),
                "author": authors,
                "authenticator": person(txa.first(22)) or person(txa.first(10)),
                "relatesTo": _relates(message, txa),
                "content": [{"attachment": one} for one in content]
                or [{"attachment": _empty(kind, created)}],
                "context": _context(txa, context, visit),
            }
        ),
    )


def _empty(kind: JSON | None, created: str | None) -> JSON:
    """A notice of a document whose content did not come (T01): its title stands for it."""
    title = str((kind or {}).get("text", "")) or "document"
    return without_empty({"title": title, "creation": created})


def _whole(ei: Value) -> str:
    return "|".join(ei.part(one) for one in (1, 2, 3))


def _identified(ei: Value) -> JSON:
    named = Value(ei.by.component.join((ei.part(2), ei.part(3), ei.part(4))), ei.by)
    value: JSON = {"value": ei.part(1)}
    return {"system": authority(named), **value} if named else value


def _relates(message: Message, txa: Segment) -> list[JSON]:
    parent, code = txa.first(13), _RELATES.get(message.event)
    if not parent.part(1) or code is None:
        return []
    target = {"type": "DocumentReference", "identifier": _identified(parent)}
    return [{"code": code, "target": target}]


def _context(txa: Segment, context: Context, visit: str | None) -> JSON:
    at = moment(txa.get(4), context, "TXA-4")
    seen = reference(context, visit)
    return without_empty(
        {"encounter": [seen] if seen else [], "period": period(at, None) if at else {}}
    )


def _content(message: Message, context: Context) -> list[JSON]:
    lines = [obx.text(5) for obx in message.all("OBX") if obx.get(2) in _TEXT and obx.field(5)]
    found: list[JSON] = []
    if lines:
        data = base64.b64encode("\n".join(lines).encode()).decode()
        found.append({"contentType": "text/plain; charset=utf-8", "data": data})
    for obx in message.all("OBX"):
        if obx.get(2) == "ED" and (one := attachment(obx, context)):
            found.append(one)
    return found
