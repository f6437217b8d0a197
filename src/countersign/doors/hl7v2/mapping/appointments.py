"""SCH with AIS, AIG, AIL and AIP: what is planned with whom and where, as Appointment."""

from __future__ import annotations

from datetime import datetime, timedelta

from countersign.doors.hl7v2.message import Message, Segment, Value
from countersign.kit.json import JSON

from .context import Context, without_empty
from .datatypes import concept, entity, instant, number, person, table
from .tables import APPOINTED, BOOKED, PARTICIPANT

_MINUTES = {"S": 1 / 60, "SEC": 1 / 60, "MIN": 1.0, "M": 1.0, "H": 60.0, "HR": 60.0, "D": 1440.0}
_STARTS = {"AIS": (4, 7), "AIG": (8, 11), "AIL": (6, 9), "AIP": (6, 9)}
"""Where each segment holds its own start and its duration."""

_STATES = {"AIS": 10, "AIG": 14, "AIL": 12, "AIP": 12}
UNTIMED = frozenset({"proposed", "cancelled", "waitlist"})
"""FHIR R4 app-3: the statuses of an appointment that may lack a start and an end."""


def appointment(message: Message, context: Context, visit: str | None) -> JSON:
    """The whole appointment; one whose start is not known cannot be booked and is proposed."""
    sch = message.segment("SCH")
    said = _status(message, sch)
    start, end, minutes = _times(message, sch, context)
    status = said
    if start is None and said not in UNTIMED:
        context.note("SCH-11", "missing")
        status = "cancelled" if said in ("noshow", "entered-in-error") else "proposed"
    numbers = [entity(sch.first(at), kind) for at, kind in ((1, "PLAC"), (2, "FILL"))]
    # By the number of the system that keeps the calendar, which its own messages always bear.
    known = sch.first(2) or sch.first(1)
    key = "|".join(known.part(at) for at in (1, 2))
    reason = concept(sch.first(6))
    return context.entry(
        "Appointment",
        f"SCH|{key}",
        without_empty(
            {
                "identifier": [one for one in numbers if one is not None],
                "status": status,
                "cancelationReason": reason if status in ("cancelled", "noshow") else None,
                "serviceType": [
                    one for each in message.all("AIS") if (one := concept(each.first(3)))
                ],
                "appointmentType": table(sch.first(8), "0276"),
                "reasonCode": [one] if (one := concept(sch.first(7))) else [],
                "start": start,
                "end": end,
                "minutesDuration": minutes,
                "comment": _comment(message),
                "participant": [_patient(context), *_others(message, status)],
            }
        ),
    )


def _status(message: Message, sch: Segment) -> str:
    by_event = APPOINTED.get(message.event)
    said = BOOKED.get(sch.get(25).upper().replace(" ", ""))
    return by_event or said or "booked"


def _times(
    message: Message, sch: Segment, context: Context
) -> tuple[str | None, str | None, int | None]:
    """Start and end of TQ1, of the field that TQ1 took the place of, or of the first resource;
    an end that is not said follows from the duration. Both are given or neither.
    """
    tq1 = message.segment("TQ1")
    minutes = _duration(sch.get(9), sch.first(10))
    begun, over = tq1.get(7) or sch.get(11, 4), tq1.get(8) or sch.get(11, 5)
    for one in message.all("AIS", "AIG", "AIL", "AIP"):
        at, lasts = _STARTS[one.name]
        begun = begun or one.get(at)
        minutes = minutes or _duration(one.get(lasts), one.first(lasts + 1))
    start, end = instant(begun, context, "SCH-11"), instant(over, context, "SCH-11")
    if start is not None and end is None and minutes:
        end = (datetime.fromisoformat(start) + timedelta(minutes=minutes)).isoformat()
    if start is None or end is None or datetime.fromisoformat(end) < datetime.fromisoformat(start):
        return None, None, minutes
    return start, end, minutes


def _duration(value: str, unit: Value) -> int | None:
    """Whole minutes, at least one; minutes where no unit is said."""
    amount = number(value)
    by = _MINUTES.get(unit.part(1).upper().rstrip("."), 1.0 if not unit else None)
    if amount is None or by is None or not 0 < float(amount) * by < 60 * 24 * 366:
        return None
    return max(1, round(float(amount) * by))


def _comment(message: Message) -> str:
    """The notes on the appointment itself: those before the first patient or resource."""
    said: list[str] = []
    for one in message.segments:
        if one.name in ("PID", "RGS"):
            break
        if one.name == "NTE":
            said.append(one.text(3))
    return "\n".join(filter(None, said))


def _patient(context: Context) -> JSON:
    return {"actor": context.subject, "status": "accepted"}


def _others(message: Message, status: str) -> list[JSON]:
    """Who and what takes part, by name: staff, places and equipment are no resources here."""
    found: list[JSON] = []
    for one in message.all("AIG", "AIL", "AIP"):
        kind = one.first(4)
        actor = person(one.first(3)) if one.name == "AIP" else _thing(one)
        if actor is None:
            continue
        own = BOOKED.get(one.get(_STATES[one.name]).upper(), "")
        said = PARTICIPANT.get(own) or PARTICIPANT.get(status, "tentative")
        coded = concept(kind)
        found.append(
            without_empty({"type": [coded] if coded else [], "actor": actor, "status": said})
        )
    return found


def _thing(one: Segment) -> JSON | None:
    value = one.first(3)
    parts = (1, 2, 3) if one.name == "AIL" else (2, 1)
    named = [value.part(at) for at in parts if value.part(at)]
    if not named:
        return None
    return {"display": " ".join(named) if one.name == "AIL" else named[0]}
