"""Data types of HL7 v2 as those of FHIR; what cannot be is left out and noted."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from countersign.doors.hl7v2.judging import LOCAL, authority
from countersign.doors.hl7v2.message import Segment, Value
from countersign.kit.json import JSON

from .context import Context, without_empty
from .tables import TELECOM, TERMINOLOGY, USE_ADDRESS, USE_NAME, USE_TELECOM, system

_MOMENT = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)?(\d\d)?(?:\.(\d{1,6})\d*)?)?)?)?([+-]\d{4})?"
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,12})?|\.\d{1,12})")
_WHOLE_DAY = 8


def moment(text: str, context: Context, place: str) -> str | None:
    """TS and DTM as a FHIR dateTime of the same precision, at the house's zone unless said."""
    if not text:
        return None
    match = _MOMENT.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        return _moment(match, context)
    except (ValueError, OverflowError):
        context.note(place, "not-a-date")
        return None


def _moment(match: re.Match[str], context: Context) -> str:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if int(year) < 1800:
        raise ValueError
    if hour is None:
        whole = date(int(year), int(month or 1), int(day or 1)).isoformat()
        return whole[: 4 if month is None else 7 if day is None else 10]
    found = datetime(  # noqa: DTZ001 - the zone follows
        int(year), int(month), int(day), int(hour), int(minute or 0), int(second or 0),
        int((fraction or "0").ljust(6, "0")),
    )  # fmt: skip
    if offset is None:
        zoned = found.replace(tzinfo=context.zone)
    else:
        ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
        if ahead > timedelta(hours=14) or int(offset[3:]) > 59:
            raise ValueError
        zoned = found.replace(tzinfo=timezone(-ahead if offset[0] == "-" else ahead))
    return zoned.isoformat(timespec="seconds" if fraction is None else "milliseconds")


def day(text: str, context: Context, place: str) -> str | None:
    """The same without a time of day."""
    found = moment(text, context, place)
    return found[:10] if found else None


def instant(text: str, context: Context, place: str) -> str | None:
    """A moment that is known to the second at least by the minute; nothing for a mere day."""
    found = moment(text, context, place)
    return found if found and "T" in found else None


def number(text: str) -> Decimal | None:
    """A number as HL7 writes it; None for anything else."""
    plain = text.strip()
    if not _NUMBER.fullmatch(plain):
        return None
    return Decimal(plain.removeprefix("+"))


def concept(value: Value, local: str | None = None) -> JSON | None:
    """CE, CWE and CNE as CodeableConcept; ``local`` is the system where none is named."""
    codings: list[JSON] = []
    for start, version in ((1, 7), (4, 8)):
        code, display = value.part(start), value.part(start + 1)
        named = system(value.part(start + 2))
        if not code and not display:
            continue
        if not code and start == 1 and named is None:
            continue
        codings.append(
            without_empty(
                {
                    "system": named or (local if start == 1 else None),
                    "version": value.part(version),
                    "code": _code(code),
                    "display": display,
                }
            )
        )
    text = value.part(9) or value.part(2) or value.part(1)
    found = without_empty({"coding": [one for one in codings if one], "text": text})
    return found or None


def _code(text: str) -> str:
    """FHIR allows one blank between two words of a code."""
    return re.sub(r"\s+", " ", text).strip()


def table(value: Value, number: str) -> JSON | None:
    """A code of an HL7 table whose number the field itself does not say."""
    return concept(value, f"{TERMINOLOGY}/v2-{number}")


def identifier(cx: Value, local: str = LOCAL) -> JSON | None:
    """CX as Identifier; ``local`` is the authority where none is named."""
    value = cx.part(1)
    if not value:
        return None
    kind = cx.part(5)
    where = authority(cx.component(4), local)
    found: JSON = {"system": where, "value": value}
    if kind:
        found["type"] = {"coding": [{"system": f"{TERMINOLOGY}/v2-0203", "code": kind}]}
    return found


def entity(ei: Value, kind: str) -> JSON | None:
    """EI (the number of an order) as Identifier; ``kind`` is PLAC or FILL."""
    value = ei.part(1)
    if not value:
        return None
    hd = Value(ei.by.component.join((ei.part(2), ei.part(3), ei.part(4))), ei.by)
    where = authority(hd)
    coding = [{"system": f"{TERMINOLOGY}/v2-0203", "code": kind}]
    return {"type": {"coding": coding}, "system": where, "value": value}


def human_name(xpn: Value) -> JSON | None:
    """XPN as HumanName; a Chinese name is written family first in ``text`` as well."""
    family = xpn.part(1)
    given = [one for one in (xpn.part(2), *xpn.part(3).split(" ")) if one]
    shown = f"{family}{''.join(given)}" if _chinese(family) else None
    found = without_empty(
        {
            "use": USE_NAME.get(xpn.part(7)),
            "text": shown,
            "family": family,
            "given": given,
            "prefix": [xpn.part(5)] if xpn.part(5) else [],
            "suffix": [one for one in (xpn.part(4), xpn.part(6)) if one],
        }
    )
    return found if family or given else None


def _chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def person(xcn: Value) -> JSON | None:
    """XCN as a reference that names somebody by identifier: no resource of their own."""
    name = " ".join(one for one in (xcn.part(6), xcn.part(3), xcn.part(2)) if one)
    if _chinese(xcn.part(2)):
        name = f"{xcn.part(2)}{xcn.part(3)}"
    value = xcn.part(1)
    where = authority(xcn.component(9)) if xcn.part(9) else f"{LOCAL}:staff"
    found = without_empty(
        {
            "type": "Practitioner",
            "identifier": {"system": where, "value": value} if value else None,
            "display": name,
        }
    )
    return found if value or name else None


def address(xad: Value, context: Context, place: str) -> JSON | None:
    """XAD as Address."""
    house = [xad.part(1, one) for one in (1, 2, 3)]
    street = " ".join(one for one in house if one)
    found = without_empty(
        {
            "use": USE_ADDRESS.get(xad.part(7)),
            "line": [one for one in (street, xad.part(2)) if one],
            "city": xad.part(3),
            "district": xad.part(9),
            "state": xad.part(4),
            "postalCode": xad.part(5),
            "country": xad.part(6),
        }
    )
    return found if set(found) - {"use"} else None


def telecom(xtn: Value, use: str | None = None) -> JSON | None:
    """XTN as ContactPoint."""
    kind = TELECOM.get(xtn.part(3).upper(), "phone")
    value = xtn.part(4) if kind == "email" and xtn.part(4) else xtn.part(1)
    if not value and xtn.part(7):
        value = " ".join(one for one in (xtn.part(5), xtn.part(6), xtn.part(7)) if one)
    value = value or xtn.part(12) or xtn.part(4)
    if not value:
        return None
    if "@" in value:
        kind = "email"
    said = "mobile" if xtn.part(3).upper() == "CP" else USE_TELECOM.get(xtn.part(2), use)
    return without_empty({"system": kind, "value": value, "use": said})


def gathered(segment: Segment, *numbers: int) -> list[Value]:
    """The repetitions of several fields."""
    return [one for number in numbers for one in segment.all(number)]


def period(start: str | None, end: str | None) -> JSON:
    """A Period, empty where neither is known."""
    return without_empty({"start": start, "end": end})
