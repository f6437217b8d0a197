"""Writes what was signed as a message: ORU^R01 for results, OMP^O09 for orders, else MDM^T02.

HL7 v2.5.1, the version that most receivers read. Only resources of a release are written, with
the name of whoever signed; the patient by the identifiers that other systems know.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from countersign.kit.json import JSON

from .judging import LOCAL
from .mapping.context import KEY
from .mapping.drugs import OWN
from .mapping.tables import REPEATS, SYSTEMS
from .message import escaped

VERSION = "2.5.1"
_RESULTS = ("DiagnosticReport", "Observation")
_NAMES: Mapping[str, str] = {uri: name for name, uri in reversed(list(SYSTEMS.items()))}
_SEXES = {"male": "M", "female": "F", "other": "O", "unknown": "U"}
_STATUS = {"final": "F", "amended": "C", "corrected": "C", "preliminary": "P", "cancelled": "X"}


@dataclass(frozen=True, slots=True)
class Result:
    """What one release says. ``control_id`` is the same however often it is sent, so that the
    receiver recognises a repetition; ``signer`` is the identifier of whoever signed first.
    """

    control_id: str
    at: datetime
    signer: str
    signer_name: str
    patient: JSON
    resources: Sequence[JSON]
    correction: bool = False


def message(result: Result, hospital: str) -> str:
    """The whole message."""
    results = [one for one in result.resources if one["resourceType"] in _RESULTS]
    orders = [one for one in result.resources if one["resourceType"] == "MedicationRequest"]
    kind = "ORU^R01^ORU_R01" if results else "MDM^T02^MDM_T02"
    if orders:
        lines = [_header(result, "OMP^O09^OMP_O09", hospital), _patient(result.patient)]
        lines += [_line("PV1", "1", "N"), *(line for one in orders for line in _order(result, one))]
        return "\r".join(lines) + "\r"
    lines = [_header(result, kind, hospital)]
    if not results:
        lines.append(_line("EVN", "T02", _at(result.at)))
    lines += [_patient(result.patient), _line("PV1", "1", "N")]
    lines += list(_results(result, results) if results else _document(result))
    return "\r".join(lines) + "\r"


def _line(name: str, *fields: str) -> str:
    return "|".join((name, *fields)).rstrip("|")


def _at(when: datetime) -> str:
    return when.strftime("%Y%m%d%H%M%S%z")


def _header(result: Result, kind: str, hospital: str) -> str:
    return _line(
        "MSH", "^~\\&", "COUNTERSIGN", escaped(hospital), "", "", _at(result.at), "", kind,
        result.control_id, "P", VERSION, "", "", "", "", "", "UNICODE UTF-8",
    )  # fmt: skip


def _patient(patient: JSON) -> str:
    numbers = [
        _cx(one)
        for one in cast("list[JSON]", patient.get("identifier", []))
        if one.get("value") and one.get("system") != KEY and one.get("use") != "old"
    ]
    names = cast("list[JSON]", patient.get("name", []))
    born = str(patient.get("birthDate", "")).replace("-", "")
    sex = _SEXES.get(str(patient.get("gender")), "")
    return _line("PID", "1", "", "~".join(numbers), "", "~".join(map(_xpn, names)), "", born, sex)


def _cx(identifier: JSON) -> str:
    system = str(identifier.get("system", ""))
    if system.startswith("urn:oid:"):
        authority = f"&{escaped(system[8:])}&ISO"
    elif system.startswith(f"{LOCAL}:"):
        authority = escaped(system[len(LOCAL) + 1 :])
    else:
        authority = f"&{escaped(system)}&URI" if system and system != LOCAL else ""
    codings = cast("list[JSON]", identifier.get("type", {}).get("coding", [{}]))
    kind = escaped(str(codings[0].get("code", "") if codings else ""))
    return "^".join((escaped(str(identifier["value"])), "", "", authority, kind)).rstrip("^")


def _xpn(name: JSON) -> str:
    given = " ".join(map(str, name.get("given", [])))
    family = str(name.get("family", "") or ("" if given else name.get("text", "")))
    return f"{escaped(family)}^{escaped(given)}".rstrip("^")


def _coded(concept: JSON) -> str:
    """CodeableConcept as CE."""
    codings = cast("list[JSON]", concept.get("coding", []))
    text = str(concept.get("text", ""))
    if not codings:
        return f"^{escaped(text)}"
    first = codings[0]
    system = str(first.get("system", ""))
    name = _NAMES.get(system) or ("L" if system else "")
    display = str(first.get("display", "") or text)
    return "^".join((escaped(str(first.get("code", ""))), escaped(display), name)).rstrip("^")


def _results(result: Result, resources: Sequence[JSON]) -> Iterator[str]:
    status = "C" if result.correction else "F"
    title = next((one for one in resources if one["resourceType"] == "DiagnosticReport"), None)
    code = _coded(cast("JSON", (title or resources[0]).get("code", {})))
    at = _at(result.at)
    yield _line("ORC", "RE", "", escaped(result.control_id))
    yield _line(
        "OBR", "1", "", escaped(result.control_id), code, "", "", at, *[""] * 14, at, "", "",
        status, *[""] * 6, f"{escaped(result.signer)}&{escaped(result.signer_name)}",
    )  # fmt: skip
    place = 0
    for one in resources:
        if one["resourceType"] == "Observation":
            place += 1
            yield _observation(one, place, status, at)
    for line in text_of(result.resources):
        place += 1
        yield _line("OBX", str(place), "TX", "SIGNED^Signed text^L", str(place), escaped(line),
                    *[""] * 5, status, "", "", at)  # fmt: skip


def _observation(one: JSON, place: int, status: str, at: str) -> str:
    kind, value, unit = _value(one)
    flags = [
        str(coding.get("code", ""))
        for each in cast("list[JSON]", one.get("interpretation", []))
        for coding in cast("list[JSON]", each.get("coding", []))
    ]
    ranges = cast("list[JSON]", one.get("referenceRange", []))
    said = str(ranges[0].get("text", "")) if ranges else ""
    taken = re.sub(r"\D", "", str(one.get("effectiveDateTime", ""))[:19]) or at
    own = _STATUS.get(str(one.get("status")), status)
    return _line(
        "OBX", str(place), kind, _coded(cast("JSON", one.get("code", {}))), str(place), value,
        unit, escaped(said), escaped("~".join(flags)).replace("\\R\\", "~"), "", "",
        status if own == "F" else own, "", "", taken,
    )  # fmt: skip


def _value(one: JSON) -> tuple[str, str, str]:
    """Type, value and unit of OBX-2, 5 and 6."""
    if isinstance(quantity := one.get("valueQuantity"), Mapping):
        said = cast("JSON", quantity)
        number, sign = str(said.get("value", "")), said.get("comparator")
        unit = escaped(str(said.get("unit") or said.get("code") or ""))
        return ("SN", f"{escaped(str(sign))}^{number}", unit) if sign else ("NM", number, unit)
    if isinstance(concept := one.get("valueCodeableConcept"), Mapping):
        return "CE", _coded(cast("JSON", concept)), ""
    for name in ("valueString", "valueDateTime", "valueBoolean", "valueInteger"):
        if name in one:
            return "ST", escaped(str(one[name])), ""
    return "ST", "", ""


def _order(result: Result, one: JSON) -> Iterator[str]:
    """A signed order of a drug: ORC, TQ1, RXO and RXR; the same number when it is stopped."""
    dosage = cast("JSON", (one.get("dosageInstruction") or [{}])[0])
    given = cast("JSON", (dosage.get("doseAndRate") or [{}])[0]).get("doseQuantity", {})
    signer = f"{escaped(result.signer)}^{escaped(result.signer_name)}"
    control = "NW" if one.get("status") == "active" else "DC"
    yield _line("ORC", control, f"{escaped(str(one['id']))}^{OWN}", *[""] * 6, _at(result.at), "",
                "", signer)  # fmt: skip
    timing = cast("JSON", dosage.get("timing", {}))
    repeat = cast("JSON", timing.get("repeat", {}))
    pattern = _pattern(repeat)
    words = str(cast("JSON", timing.get("code", {})).get("text", ""))
    yield _line("TQ1", "1", "", pattern or escaped(words))
    unit = escaped(str(given.get("code", "")))
    unit = f"{unit}^{escaped(str(given.get('unit', '')))}^UCUM" if unit else ""
    told = escaped(" / ".join(str(dosage.get("text", "")).splitlines()))
    yield _line(
        "RXO", _coded(cast("JSON", one.get("medicationCodeableConcept", {}))),
        str(given.get("value", "")), "", unit, "", "", f"^{told}",
    )  # fmt: skip
    if "route" in dosage:
        yield _line("RXR", _coded(cast("JSON", dosage["route"])))


def _pattern(repeat: JSON) -> str:
    """A repeat pattern of HL7 table 0335, where there is one."""
    often, every, unit = repeat.get("frequency"), repeat.get("period"), repeat.get("periodUnit")
    for name, said in REPEATS.items():
        if said == (often, every, unit):
            return name
    if often == 1 and unit in ("h", "d", "wk"):
        return f"Q{every}{ {'h': 'H', 'd': 'D', 'wk': 'W'}[str(unit)] }"
    return "ONCE" if repeat.get("count") == 1 else ""


def _document(result: Result) -> Iterator[str]:
    code = "REPLACED" if result.correction else ""
    yield _line(
        "TXA", "1", "CN", "TX", "", "", _at(result.at), "", "",
        f"{escaped(result.signer)}^{escaped(result.signer_name)}", "", "",
        escaped(result.control_id), "", "", "", code, "LA", "", "AV",
    )  # fmt: skip
    for place, line in enumerate(text_of(result.resources), 1):
        yield _line("OBX", str(place), "TX", "SIGNED^Signed text^L", "", escaped(line),
                    *[""] * 5, "F")  # fmt: skip


def text_of(resources: Sequence[JSON]) -> list[str]:
    """The words that were signed: the narrative of what was released, each line once."""
    found: list[str] = []
    for one in resources:
        div = str(cast("dict[str, Any]", one.get("text", {})).get("div", ""))
        for part in re.split(r"</p>|<br\s*/?>", div):
            line = html.unescape(re.sub(r"<[^>]*>", "", part)).strip()
            if line and line not in found:
                found.append(line)
    return found
