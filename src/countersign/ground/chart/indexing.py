"""What a resource can be found by: words (hashed before they are stored) and one clinical date."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, cast

from countersign.kit.dates import BadDate, Interval, interval
from countersign.kit.json import JSON

from .names import beginnings
from .parameters import CLINICAL, Parameter, parameters

FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, tzinfo=UTC)
"""Stand for the open ends of a period."""

_NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")


@dataclass(frozen=True, slots=True)
class Index:
    """``words`` are ``parameter=value``; ``low`` and ``high`` bound the clinical date."""

    words: tuple[str, ...]
    low: datetime | None
    high: datetime | None


def index(resource: JSON, zone: tzinfo = UTC) -> Index:
    """The index of a valid resource; ``zone`` is that of dates which name none."""
    low, high = clinical_date(resource, zone)
    return Index(tuple(words_of(resource)), low, high)


def words_of(resource: JSON, names: Collection[str] | None = None) -> set[str]:
    """The words of all parameters, or of the named ones alone."""
    words: set[str] = set()
    for parameter in parameters(str(resource["resourceType"])).values():
        name = parameter.name
        if names is not None and name not in names:
            continue
        for value in values(resource, parameter):
            words.update(f"{name}={word}" for word in _words(parameter, value))
            if parameter.kind == "string":
                words.update(f"{name}:exact={text}" for text in texts(value))
    return words


def values(resource: JSON, parameter: Parameter) -> Iterator[Any]:
    """Everything that stands at the parameter's elements."""
    for path in parameter.paths:
        if path.partition(".")[0] in resource:
            yield from at(resource, path.split("."))


def texts(value: Any) -> Iterator[str]:
    """The strings of a name, an address or a plain string."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        node = cast("JSON", value)
        for part in (*_NAME_PARTS, *_ADDRESS_PARTS[1:]):
            found = node.get(part)
            if isinstance(found, list):
                yield from (one for one in cast("list[Any]", found) if isinstance(one, str))
            elif isinstance(found, str):
                yield found


def at(value: Any, path: list[str]) -> Iterator[Any]:
    """The values at a path of element names; lists on the way are walked through."""
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from at(item, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from at(value[path[0]], path[1:])


def clinical_date(resource: JSON, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """The interval of the type's clinical date, both None where there is none."""
    rule = CLINICAL.get(str(resource["resourceType"]))
    for element in rule.elements if rule else ():
        found = _interval(resource, element, zone)
        if found is not None:
            return _kept(found.low, FIRST), _kept(found.high, LAST)
    return None, None


def _kept(moment: datetime, otherwise: datetime) -> datetime:
    """In UTC; a moment whose zone leads out of the calendar becomes the calendar's end."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return otherwise


def _interval(resource: JSON, element: str, zone: tzinfo) -> Interval | None:
    if element == "start-end":
        return _period(resource, zone)
    for value in at(resource, element.split(".")):
        if isinstance(value, dict):
            return _period(cast("JSON", value), zone)
        try:
            return interval(str(value), zone)
        except BadDate:
            return None
    return None


def _period(period: JSON, zone: tzinfo) -> Interval | None:
    try:
        low = interval(str(period["start"]), zone).low if "start" in period else FIRST
        high = interval(str(period["end"]), zone).high if "end" in period else LAST
    except BadDate:
        return None
    if "start" not in period and "end" not in period:
        return None
    return Interval(low, high)


def _words(parameter: Parameter, value: Any) -> Iterable[str]:
    if parameter.kind == "token":
        return _token(parameter.name, value)
    if parameter.kind == "reference":
        return _reference(value)
    if parameter.kind == "birth":
        return _birth(value)
    return {word for text in texts(value) for word in beginnings(text)}


def _token(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        node = cast("JSON", value)
        if "coding" in node or "text" in node and "system" not in node:
            for coding in cast("list[Any]", node.get("coding", [])):
                yield from _token(name, coding)
        elif name in ("phone", "email") and node.get("system") != name:
            return
        else:
            code, system = node.get("code", node.get("value")), node.get("system")
            if isinstance(code, str):
                yield code
                yield f"{system}|{code}" if isinstance(system, str) else f"|{code}"
            if isinstance(system, str):
                yield f"{system}|"


def _reference(value: Any) -> Iterator[str]:
    reference = cast("JSON", value).get("reference") if isinstance(value, dict) else None
    if not isinstance(reference, str) or reference.startswith("#"):
        return
    plain = reference.partition("/_history/")[0]
    yield plain
    if "/" in plain and "://" not in plain:
        yield plain.rpartition("/")[2]


def _birth(value: Any) -> Iterator[str]:
    """The year, the month and the day; the last one known is marked as the last."""
    parts = str(value).split("-")
    for end in range(1, len(parts) + 1):
        yield "-".join(parts[:end])
    yield f"{value}."
