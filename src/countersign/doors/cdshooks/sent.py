"""Judges what a workstation sent along: what cannot be read, is impossible or not ours is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, cast

from countersign.ground.chart import Limits, check_limits, validate
from countersign.kit.dates import interval
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON, encode
from countersign.kit.words import Words

LOINC: Final = "http://loinc.org"
SMALL = Limits(bytes=1024 * 1024, values=60_000, depth=32, text=65_536)
"""One resource on the way of a card; what is larger belongs into the chart by another door."""

AHEAD = timedelta(days=1)
"""How far in the future a result may lie before it is impossible: time zones differ."""

_NEVER = timedelta(days=366 * 130)
"""Nobody is older; the oldest age that was proved is 122 years."""

Known = frozenset[tuple[str, str, str]]
"""Results of the chart, as ``same`` names them."""


def resource(said: object, kind: str) -> JSON | None:
    """A resource of this type that is FHIR R4, or None for whatever else was sent."""
    if not isinstance(said, dict) or cast("JSON", said).get("resourceType") != kind:
        return None
    found = cast("JSON", said)
    raw = encode(found)
    try:
        check_limits(raw, SMALL)
    except CountersignError:
        return None
    return None if validate(found, SMALL, raw) else found


def results(said: object) -> tuple[list[JSON], int]:
    """The results in a search's bundle, and how many of its entries cannot be read."""
    bundle = cast("JSON", said) if isinstance(said, dict) else {}
    entries: object = bundle.get("entry", [])
    if bundle.get("resourceType") != "Bundle" or not isinstance(entries, list):
        return [], 1
    found = [
        cast("JSON", one).get("resource") if isinstance(one, dict) else None
        for one in cast("list[object]", entries)[:200]
    ]
    read = [resource(one, "Observation") for one in found if _type(one) != "OperationOutcome"]
    return [one for one in read if one is not None], read.count(None)


def orders(given: Iterable[JSON], theirs: str, ours: str) -> tuple[list[JSON], tuple[Words, ...]]:
    """The orders that can be judged, about our patient; and what is left out, and why."""
    kept: list[JSON] = []
    unread = foreign = 0
    for one in given:
        order = resource(one, str(one.get("resourceType", "")))
        if order is None:
            unread += 1
            continue
        name = "subject" if "subject" in order else "patient"
        if _reference(order.get(name)) != f"Patient/{theirs}":
            foreign += 1
            continue
        kept.append({**order, name: {"reference": f"Patient/{ours}"}})
    limits: list[Words] = []
    if unread:
        limits.append(
            Words(
                f"{unread} of the orders could not be read as FHIR R4 and are not considered.",
                f"{unread} 项医嘱无法按 FHIR R4 读取，未予考虑。",
            )
        )
    if foreign:
        limits.append(
            Words(
                f"{foreign} of the orders are about another patient and are not considered.",
                f"{foreign} 项医嘱属于其他患者，未予考虑。",
            )
        )
    return kept, tuple(limits)


def limits_of(
    sent: Iterable[JSON], unread: int, known: Known, born: str, now: datetime
) -> tuple[Words, ...]:
    """What of the results that the workstation holds is not in these cards, and why.

    Cards rest on our own chart alone. ``known`` are the chart's results.
    """
    impossible = foreign = unknown = 0
    for one in sent:
        if not possible(one, born, now):
            impossible += 1
        elif not _loinc(one):
            foreign += 1
        elif not same(one) & known:
            unknown += 1
    counted = (
        (
            unread,
            "{n} of the results that the workstation sent could not be read as FHIR R4.",
            "工作站发送的 {n} 项结果无法按 FHIR R4 读取。",
        ),
        (
            impossible,
            "{n} of the results that the workstation sent have an impossible value or date.",
            "工作站发送的 {n} 项结果的数值或日期不可能成立。",
        ),
        (
            foreign,
            "{n} of the results that the workstation sent bear no LOINC code and are not read.",
            "工作站发送的 {n} 项结果没有 LOINC 编码，无法识别。",
        ),
        (
            unknown,
            "The workstation holds {n} results that this chart does not have yet: not considered.",
            "工作站有 {n} 项结果尚未进入本系统病历：未予考虑。",
        ),
    )
    return tuple(Words(en.format(n=n), zh.format(n=n)) for n, en, zh in counted if n)


def same(one: JSON) -> frozenset[tuple[str, str, str]]:
    """By what the same result is known in two systems: each code, its moment and its value."""
    quantity = cast("Mapping[str, Any]", one.get("valueQuantity", {}))
    value = quantity.get("value", one.get("valueString", ""))
    moment = _moment(one)
    codings = cast("list[JSON]", cast("JSON", one.get("code", {})).get("coding", []))
    return frozenset(
        (str(coding.get("code", "")), moment.isoformat() if moment else "", _number(value))
        for coding in codings
        if coding.get("system") == LOINC
    )


def possible(one: JSON, born: str, now: datetime) -> bool:
    """Whether a result can be true of somebody born then: no future, and no
    amount that no laboratory could have measured.
    """
    moment = _moment(one)
    if "effectiveDateTime" in one and moment is None:
        return False
    if moment is not None and not now - _NEVER < moment <= now + AHEAD:
        return False
    if moment is not None and born and moment < _start(born, moment) - AHEAD:
        return False
    value = cast("Mapping[str, Any]", one.get("valueQuantity", {})).get("value")
    if value is None:
        return True
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        return False
    number = Decimal(str(value))
    return number.is_finite() and -1000 < number < Decimal(10) ** 9


def _number(value: object) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return format(Decimal(value).normalize(), "f")
    return str(value)


def _moment(one: JSON) -> datetime | None:
    try:
        return interval(str(one.get("effectiveDateTime", one.get("issued", "")))).low
    except CountersignError:
        return None


def _start(born: str, otherwise: datetime) -> datetime:
    try:
        return interval(born).low
    except CountersignError:
        return otherwise


def _loinc(one: JSON) -> bool:
    codings = cast("list[JSON]", cast("JSON", one.get("code", {})).get("coding", []))
    return any(coding.get("system") == LOINC for coding in codings)


def _reference(said: object) -> str:
    text = str(cast("JSON", said).get("reference", "")) if isinstance(said, dict) else ""
    return "/".join(text.split("/")[-2:])


def _type(said: object) -> str:
    return str(cast("JSON", said).get("resourceType", "")) if isinstance(said, dict) else ""
