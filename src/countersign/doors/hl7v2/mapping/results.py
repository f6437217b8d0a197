"""OBR and OBX of results: DiagnosticReport with its Observations."""

from __future__ import annotations

import base64
import binascii
import re

from countersign.doors.hl7v2.message import Segment, Value
from countersign.kit.json import JSON

from .context import Context, without_empty
from .datatypes import concept, instant, moment, number, person
from .orders import Group, reference, remarks
from .tables import OBSERVATION, REPORT, TERMINOLOGY, system

INTERPRETATION = f"{TERMINOLOGY}/v3-ObservationInterpretation"
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)?(?:\.\d+)?")
_SIDE = r"[+-]?\d+(?:\.\d+)?"
_BETWEEN = re.compile(rf"({_SIDE})\s*(?:-|--|~|～|–)\s*({_SIDE})")
_ONE_SIDE = re.compile(rf"(<|<=|≤|>|>=|≥)\s*({_SIDE})")
_COMPARATORS = {"<", "<=", ">", ">="}


def report(group: Group, context: Context, visit: str | None, order: str | None) -> list[JSON]:
    """The DiagnosticReport of an order, and the Observations that it points to before it."""
    obr = group.obr
    base = f"OBR|{group.key}|{obr.get(4)}"
    taken: dict[str, int] = {}
    observations: list[JSON] = []
    for obx, notes in group.results:
        if obx.get(2) == "RP":
            context.note("OBX-5", "pointer")
        if obx.get(2) in ("ED", "RP"):
            continue
        key = f"{base}|{obx.get(3) or obx.get(3, 2)}|{obx.get(4)}"
        taken[key] = taken.get(key, 0) + 1
        if taken[key] > 1:
            key = f"{key}|{taken[key]}"
        made = observation(obx, notes, key, obr, context, visit)
        if made is not None:
            if order is not None:
                made["basedOn"] = [{"reference": f"ServiceRequest/{order}"}]
            observations.append(made)
    code = concept(obr.first(4))
    if code is None:
        context.note("OBR-4", "missing")
        return observations
    made = context.entry(
        "DiagnosticReport",
        base,
        without_empty(
            {
                "identifier": group.identifiers,
                "basedOn": [{"reference": f"ServiceRequest/{order}"}] if order else [],
                "status": REPORT.get(obr.get(25), "unknown"),
                "category": [one] if (one := _section(obr)) else [],
                "code": code,
                "subject": context.subject,
                "encounter": reference(context, visit),
                "effectiveDateTime": moment(obr.get(7), context, "OBR-7"),
                "issued": instant(obr.get(22), context, "OBR-22"),
                "resultsInterpreter": [one] if (one := person(_interpreter(obr))) else [],
                "result": [{"reference": f"Observation/{one['id']}"} for one in observations],
                "presentedForm": [
                    form
                    for obx, _ in group.results
                    if obx.get(2) == "ED" and (form := attachment(obx, context))
                ],
            }
        ),
    )
    return [*observations, made]


def _interpreter(obr: Segment) -> Value:
    """NDL: its first component is a CNN, whose parts stand as subcomponents."""
    return obr.first(32).component(1)


def _section(obr: Segment) -> JSON | None:
    code = obr.get(24)
    if not code:
        return None
    return {"coding": [{"system": f"{TERMINOLOGY}/v2-0074", "code": code}]}


def observation(
    obx: Segment,
    notes: list[Segment],
    key: str,
    obr: Segment | None,
    context: Context,
    visit: str | None,
) -> JSON | None:
    """OBX as Observation."""
    code = concept(obx.first(3))
    if code is None:
        context.note("OBX-3", "missing")
        return None
    at = obx.get(14) or (obr.get(7) if obr else "")
    return context.entry(
        "Observation",
        key,
        without_empty(
            {
                "status": OBSERVATION.get(obx.get(11), "unknown"),
                "category": [one] if (one := _category(obr)) else [],
                "code": code,
                "subject": context.subject,
                "encounter": reference(context, visit),
                "effectiveDateTime": moment(at, context, "OBX-14"),
                "performer": [one for value in obx.all(16) if (one := person(value))],
                **value_of(obx, context),
                "interpretation": [
                    {"coding": [{"system": INTERPRETATION, "code": one}]}
                    for value in obx.all(8)
                    if (one := value.part(1).upper())
                ],
                "referenceRange": reference_range(obx),
                "method": concept(obx.first(17)),
                "bodySite": concept(obx.first(20)),
                "note": remarks(notes),
            }
        ),
    )


def _category(obr: Segment | None) -> JSON | None:
    """What the laboratory answers is a laboratory result; pictures and the rest name themselves."""
    section = obr.get(24) if obr else ""
    if section and section not in _LABORATORY:
        return None
    if obr is None:
        return None
    name = f"{TERMINOLOGY}/observation-category"
    return {"coding": [{"system": name, "code": "laboratory"}]}


_LABORATORY = frozenset(
    ("LAB", "BG", "BLB", "CH", "CP", "CG", "HM", "IMM", "MB", "MCB", "MYC", "OSL", "SP", "SR", "TX")
    + ("VR", "HLA")
)
"""Of table 0074, the sections that are laboratories."""


def value_of(obx: Segment, context: Context) -> JSON:
    """OBX-5 by the type that OBX-2 names; what is not of that type stays as text."""
    values, kind = obx.all(5), obx.get(2)
    if not values:
        return {"dataAbsentReason": _absent("unknown")} if obx.get(11) in ("X", "N") else {}
    if kind == "NM":
        return _numeric(obx, values, context)
    if kind == "SN":
        return _structured(obx, values[0], context)
    if kind in ("CE", "CWE", "CNE", "CF", "IS", "ID"):
        said = concept(values[0])
        return {"valueCodeableConcept": said} if said else {}
    if kind in ("DT", "TS", "DTM"):
        at = moment(values[0].part(1), context, "OBX-5")
        return {"valueDateTime": at} if at else {"valueString": values[0].text}
    if kind == "TM" and (match := _TIME.fullmatch(values[0].part(1))):
        return {"valueTime": f"{match[1]}:{match[2]}:{match[3] or '00'}"}
    return {"valueString": "\n".join(one.text for one in values)}


def _absent(code: str) -> JSON:
    return {"coding": [{"system": f"{TERMINOLOGY}/data-absent-reason", "code": code}]}


def _numeric(obx: Segment, values: list[Value], context: Context) -> JSON:
    found = [quantity(one.part(1), obx) for one in values]
    if any(one is None for one in found):
        # A laboratory that writes "<0.5" or "haemolysed" as a number: kept as it is written.
        context.note("OBX-5", "not-a-number")
        return {"valueString": "\n".join(one.text for one in values)}
    if len(found) == 1:
        return {"valueQuantity": found[0]}
    code = concept(obx.first(3))
    return {"component": [{"code": code, "valueQuantity": one} for one in found]}


def quantity(text: str, obx: Segment) -> JSON | None:
    """A number with the unit of OBX-6; None where it is none."""
    value = number(text)
    if value is None:
        return None
    units = obx.first(6)
    unit, named = units.part(1), system(units.part(3))
    coded = named == "http://unitsofmeasure.org"
    return without_empty(
        {
            "value": value,
            "unit": (units.part(2) or unit) if coded else unit or units.part(2),
            "system": named if coded else None,
            "code": unit if coded else None,
        }
    ) | {"value": value}


def _structured(obx: Segment, sn: Value, context: Context) -> JSON:
    """SN: comparator, number, separator, number."""
    sign, first, between, second = (sn.part(one) for one in (1, 2, 3, 4))
    low, high = quantity(first, obx), quantity(second, obx)
    if low is not None and not second and not between:
        if sign in _COMPARATORS:
            low["comparator"] = sign
        return {"valueQuantity": low}
    if low is not None and high is not None and between == "-":
        return {"valueRange": {"low": low, "high": high}}
    if low is not None and high is not None and between in (":", "/"):
        return {"valueRatio": {"numerator": low, "denominator": high}}
    if low is not None and between == "+" and not second:
        return {"valueString": f"{first}+"}
    context.note("OBX-5", "not-a-number")
    return {"valueString": " ".join(one for one in (sign, first, between, second) if one)}


def reference_range(obx: Segment) -> list[JSON]:
    """OBX-7 as text, and as numbers where it is a range of numbers."""
    text = obx.text(7)
    if not text:
        return []
    found: JSON = {"text": text}
    if match := _BETWEEN.fullmatch(text):
        found["low"], found["high"] = quantity(match[1], obx), quantity(match[2], obx)
    elif match := _ONE_SIDE.fullmatch(text):
        found["high" if match[1] in "<=≤" else "low"] = quantity(match[2], obx)
    return [without_empty(found)]


def attachment(obx: Segment, context: Context) -> JSON | None:
    """ED as Attachment: its data in base64, as FHIR has them too."""
    value = obx.first(5)
    kind, subtype, encoding = (value.part(one) for one in (2, 3, 4))
    if encoding.upper() != "BASE64":
        data = base64.b64encode(value.part(5).encode()).decode()
    else:
        data = re.sub(r"\s+", "", value.part(5))
        try:
            base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            context.note("OBX-5", "not-base64")
            return None
    if not data:
        return None
    named = {"application": "application", "text": "text", "image": "image", "audio": "audio"}
    first = named.get(kind.lower(), "application")
    media = f"{first}/{subtype.lower() or 'octet-stream'}"
    title = obx.get(3, 2) or obx.get(3)
    return without_empty({"contentType": media, "data": data, "title": title})
