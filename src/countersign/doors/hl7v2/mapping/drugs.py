"""ORC with RXO or RXE, RXR, RXC and TQ1: a drug that was ordered, as MedicationRequest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from countersign.doors.hl7v2.message import Message, Segment, Value
from countersign.kit.json import JSON

from .context import Context, without_empty
from .datatypes import concept, entity, moment, number, period, person, table
from .orders import reference, remarks
from .tables import DRUG_CONTROL, DRUG_STATUS, PRIORITY, REPEATS, TERMINOLOGY

UCUM = "http://unitsofmeasure.org"
OWN = "COUNTERSIGN"
"""The namespace of the numbers of orders that were signed here (ORC-2)."""

_EVERY = re.compile(r"Q(\d{1,3})(S|M|H|D|W|L)")
_SPANS = {"S": "s", "M": "min", "H": "h", "D": "d", "W": "wk", "L": "mo"}


@dataclass(slots=True)
class Prescribed:
    """One ORC with what follows it. The encoded order (``rxe``) is what the pharmacy made of the
    requested one (``rxo``): where both are there, they are one order and the encoded one holds.
    """

    orc: Segment
    rxo: Segment
    rxe: Segment
    routes: list[Segment] = field(default_factory=list[Segment])
    parts: list[Segment] = field(default_factory=list[Segment])
    times: list[Segment] = field(default_factory=list[Segment])
    notes: list[Segment] = field(default_factory=list[Segment])

    @property
    def encoded(self) -> bool:
        return bool(self.rxe.fields[1:])

    def first(self, in_rxe: int, in_rxo: int) -> Value:
        """A field that both segments have, by its numbers in them."""
        return (self.rxe.first(in_rxe) if self.encoded else None) or self.rxo.first(in_rxo)


def medication_requests(message: Message, context: Context, visit: str | None) -> list[JSON]:
    """The drug orders of ORM, OMP and RDE messages in their order."""
    made = [_request(one, context, visit) for one in _prescribed(message)]
    return [one for one in made if one is not None]


def _prescribed(message: Message) -> Iterator[Prescribed]:
    """What stands before RXE belongs to the request, and is replaced by what follows RXE."""
    by, now = message.header.by, None
    for segment in message.segments:
        if segment.name == "ORC":
            if now is not None:
                yield now
            now = Prescribed(segment, Segment(("RXO",), by), Segment(("RXE",), by))
        elif now is not None:
            _add(now, segment)
    if now is not None:
        yield now


def _add(now: Prescribed, segment: Segment) -> None:
    if segment.name == "RXO":
        now.rxo = segment
    elif segment.name == "RXE":
        now.rxe = segment
        now.routes, now.parts = [], []
        now.times = now.times if segment.first(1) else []
    elif segment.name in ("RXR", "RXC", "TQ1", "NTE"):
        kept = {"RXR": now.routes, "RXC": now.parts, "TQ1": now.times, "NTE": now.notes}
        kept[segment.name].append(segment)


def _request(one: Prescribed, context: Context, visit: str | None) -> JSON | None:
    """None where no drug is named, which a cancellation by number alone may do: then ORC says
    whose order ends, and what was ordered stays as it is in the chart.
    """
    drug = _medication(one)
    numbers = [entity(one.orc.first(at), kind) for at, kind in ((2, "PLAC"), (3, "FILL"))]
    identifiers = [each for each in numbers if each is not None]
    if drug is None or not identifiers:
        context.note("RXE-2" if drug is None else "ORC-2", "missing")
        return None
    # By the placer's number first: the order and what the pharmacy makes of it are one.
    known = one.orc.first(2) or one.orc.first(3)
    if known.part(2) == OWN:
        # What was signed here stands in the chart already, and nobody else changes it there.
        context.note("ORC-2", "own-order")
        return None
    key = "|".join(known.part(at) for at in (1, 2))
    if (own := one.rxe.get(15)) and one.encoded:
        identifiers.append(_prescription(own))
    return context.entry(
        "MedicationRequest",
        f"RX|{key}",
        without_empty(
            {
                "identifier": identifiers,
                "status": _status(one.orc),
                "intent": "order",
                "priority": _priority(one),
                "medicationCodeableConcept": drug,
                "subject": context.subject,
                "encounter": reference(context, visit),
                "authoredOn": moment(one.orc.get(9) or one.orc.get(15), context, "ORC-9"),
                "requester": person(one.orc.first(12)) or person(one.rxe.first(13)),
                "recorder": person(one.orc.first(10)),
                "reasonCode": [each for value in _reasons(one) if (each := concept(value))],
                "note": remarks(one.notes),
                "dosageInstruction": [each] if (each := _dosage(one, context)) else [],
                "dispenseRequest": _dispense(one),
                "substitution": _substitution(one),
            }
        ),
    )


def _status(orc: Segment) -> str:
    control = DRUG_CONTROL.get(orc.get(1))
    if control in ("cancelled", "stopped"):
        return control
    return DRUG_STATUS.get(orc.get(5)) or control or "active"


def _prescription(value: str) -> JSON:
    coding = {"system": f"{TERMINOLOGY}/v2-0203", "code": "PRN"}
    return {"type": {"coding": [coding]}, "system": "urn:countersign:hl7v2:RX", "value": value}


def _priority(one: Prescribed) -> str | None:
    said = [each.get(9) for each in one.times] + [one.rxe.get(1, 6), one.orc.get(7, 6)]
    return next((PRIORITY[each] for each in said if each in PRIORITY), None)


def _medication(one: Prescribed) -> JSON | None:
    """The drug, with what is added to it in its text, so that every substance is seen."""
    found = concept(one.first(2, 1)) or concept(one.rxo.first(10))
    named = [part for each in one.parts if (part := _named(each.first(2)))]
    main = str((found or {}).get("text", ""))
    text = " + ".join(dict.fromkeys(filter(None, (main, *named))))
    return without_empty({**(found or {}), "text": text}) or None


def _named(value: Value) -> str:
    return value.part(2) or value.part(9) or value.part(1)


def _reasons(one: Prescribed) -> list[Value]:
    return one.rxe.all(27) if one.encoded and one.rxe.all(27) else one.rxo.all(20)


def _dosage(one: Prescribed, context: Context) -> JSON:
    """``text`` gathers what the sender wrote in words; the rest is coded."""
    route = one.routes[0] if one.routes else Segment(("RXR",), one.orc.by)
    told = [_named(value) for value in (one.rxe.all(7) or one.rxo.all(7))]
    times = one.times[0] if one.times else Segment(("TQ1",), one.orc.by)
    told += [times.text(11), one.rxe.get(1, 8) or one.orc.get(7, 8)]
    return without_empty(
        {
            "text": "; ".join(dict.fromkeys(filter(None, told))),
            "timing": _timing(one, times, context),
            "asNeededBoolean": True if _as_needed(one, times) else None,
            "site": concept(route.first(2)),
            "route": table(route.first(1), "0162"),
            "method": concept(route.first(4)),
            "doseAndRate": [each] if (each := _dose(one)) else [],
        }
    )


def _dose(one: Prescribed) -> JSON:
    unit, low, high = one.first(5, 4), one.first(3, 2).part(1), one.first(4, 3).part(1)
    rate = one.rxe.get(23) if one.encoded else one.rxo.get(21)
    found: dict[str, JSON | None] = {}
    if number(high) is not None and high != low:
        found["doseRange"] = without_empty(
            {"low": quantity(low, unit) or {}, "high": quantity(high, unit) or {}}
        )
    else:
        found["doseQuantity"] = quantity(low, unit)
    found["rateQuantity"] = quantity(rate, one.rxe.first(24) if one.encoded else one.rxo.first(22))
    return without_empty(found)


def quantity(value: str, unit: Value) -> JSON | None:
    """A number with its unit; the code only where the sender says that it is UCUM's."""
    amount = number(value)
    if amount is None:
        return None
    found: JSON = {"value": amount}
    if shown := unit.part(2) or unit.part(1):
        found["unit"] = shown
    if unit.part(3).upper() == "UCUM" and unit.part(1):
        found |= {"system": UCUM, "code": unit.part(1)}
    return found


def _pattern(one: Prescribed, times: Segment) -> str:
    """The repeat pattern (HL7 table 0335): of TQ1, else of the field that TQ1 took the place of."""
    older = one.rxe.get(1, 2) or one.orc.get(7, 2)
    return (times.get(3) or older).upper().replace(" ", "")


def _as_needed(one: Prescribed, times: Segment) -> bool:
    return _pattern(one, times).startswith("PRN")


def _timing(one: Prescribed, times: Segment, context: Context) -> JSON | None:
    pattern = _pattern(one, times)
    start = times.get(7) or one.rxe.get(1, 4) or one.orc.get(7, 4)
    end = times.get(8) or one.rxe.get(1, 5) or one.orc.get(7, 5)
    bounds = period(moment(start, context, "TQ1-7"), moment(end, context, "TQ1-8"))
    repeat = without_empty({"boundsPeriod": bounds, **_repeat(pattern)})
    coding = {"system": f"{TERMINOLOGY}/v2-0335", "code": pattern}
    code = {"coding": [coding], "text": pattern} if pattern else None
    return without_empty({"repeat": repeat, "code": code}) or None


def _repeat(pattern: str) -> Mapping[str, int | str]:
    """How often, where the pattern says so by itself; institution-specified times stay a code."""
    if pattern in REPEATS:
        often, every, unit = REPEATS[pattern]
        return {"frequency": often, "period": every, "periodUnit": unit}
    match = _EVERY.fullmatch(pattern)
    if match is None or int(match[1]) == 0:
        return {}
    return {"frequency": 1, "period": int(match[1]), "periodUnit": _SPANS[match[2]]}


def _dispense(one: Prescribed) -> JSON | None:
    unit = one.rxe.first(11) if one.encoded else one.rxo.first(12)
    amount = one.rxe.get(10) if one.encoded else one.rxo.get(11)
    refills = one.rxe.get(12) if one.encoded else one.rxo.get(13)
    return (
        without_empty(
            {
                "quantity": quantity(amount, unit),
                "numberOfRepeatsAllowed": int(refills)
                if refills.isascii() and refills.isdigit() and len(refills) < 5
                else None,
            }
        )
        or None
    )


def _substitution(one: Prescribed) -> JSON | None:
    said = one.first(9, 9).part(1)
    if not said:
        return None
    coding = {"system": f"{TERMINOLOGY}/v2-0161", "code": said}
    return {"allowedCodeableConcept": {"coding": [coding]}}
