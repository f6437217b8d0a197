"""Reads the parameters of a search; what it does not know is an error, never ignored."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from countersign.kit.words import Words

from .compartment import OWNER
from .dates import DateTest, birth_words, date_test
from .errors import BadParameter, UnknownParameter
from .names import PREFIX, normal
from .parameters import CLINICAL, COMMON, Parameter, parameters
from .shape import resource_model

Parameters = Mapping[str, str | Sequence[str]] | Sequence[tuple[str, str]]
"""What stands after the question mark of a FHIR search, repeated names kept."""

IDENTIFIER = re.compile(r"[A-Za-z0-9.-]{1,64}")
MOST, USUAL = 200, 50
_VALUES, _DAYS = 100, 10
_SPLIT = re.compile(r"(?<!\\),")

Sort = Literal["", "date", "at"]


@dataclass(frozen=True, slots=True)
class Group:
    """One repetition of a parameter: any of its words, or (``no``) none of them."""

    parameter: str
    words: frozenset[str]
    no: bool = False
    starts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A search as the chart understands it; the groups and the tests must all hold.

    ``patients`` restricts to these owners, ``ids`` to these identifiers; ``dates`` and
    ``written`` are lists of alternatives; ``after`` is the id that the page begins behind.
    """

    type: str
    patients: frozenset[str] | None = None
    ids: frozenset[str] | None = None
    groups: tuple[Group, ...] = ()
    dates: tuple[tuple[DateTest, ...], ...] = ()
    written: tuple[tuple[DateTest, ...], ...] = ()
    sort: Sort = ""
    descending: bool = False
    count: int = USUAL
    after: str | None = None
    names: tuple[str, ...] = field(default=(), compare=False)


@dataclass(slots=True)
class _Reading:
    patients: frozenset[str] | None = None
    ids: frozenset[str] | None = None
    groups: list[Group] = field(default_factory=list[Group])
    dates: list[tuple[DateTest, ...]] = field(default_factory=list[tuple[DateTest, ...]])
    written: list[tuple[DateTest, ...]] = field(default_factory=list[tuple[DateTest, ...]])
    sort: Sort = ""
    descending: bool = False
    count: int = USUAL
    after: str | None = None
    names: set[str] = field(default_factory=set[str])


def read(kind: str, asked: Parameters, now: datetime) -> Query:
    """The query. Raises UnknownParameter with the list of known ones, BadParameter."""
    if resource_model(kind) is None:
        raise UnknownParameter(type=kind[:40], parameter="", known="no such resource type")
    reading = _Reading()
    for name, value in _pairs(asked):
        if len(value) > 4096 or "\0" in value:
            raise BadParameter(parameter=name[:40], reason="it is too long or not text")
        _read_one(kind, name, value, now, reading)
        reading.names.add(name)
    return Query(
        kind,
        reading.patients,
        reading.ids,
        tuple(reading.groups),
        tuple(reading.dates),
        tuple(reading.written),
        reading.sort,
        reading.descending,
        reading.count,
        reading.after,
        tuple(sorted(reading.names)),
    )


def known(kind: str) -> tuple[str, ...]:
    """Every parameter by which a type can be searched, for errors and capabilities."""
    names = {*parameters(kind), *COMMON}
    names.update(CLINICAL[kind].names if kind in CLINICAL else ())
    names.update(("patient", "subject") if kind in OWNER else ())
    return tuple(sorted(names))


def cursor(identifier: str) -> str:
    """What a next page begins behind, as other systems see it."""
    return base64.urlsafe_b64encode(identifier.encode()).decode().rstrip("=")


def _pairs(asked: Parameters) -> list[tuple[str, str]]:
    if isinstance(asked, Mapping):
        return [
            (name, one)
            for name, value in asked.items()
            for one in ([value] if isinstance(value, str) else value)
        ]
    return list(asked)


def _read_one(kind: str, name: str, value: str, now: datetime, reading: _Reading) -> None:
    base, _, modifier = name.partition(":")
    if name in COMMON:
        _common(kind, name, value, now, reading)
    elif base in ("patient", "subject") and kind in OWNER and modifier in ("", "Patient"):
        reading.patients = _both(reading.patients, _patients(name, value))
    elif kind in CLINICAL and name in CLINICAL[kind].names:
        reading.dates.append(_dates(name, value, now))
    elif base in parameters(kind):
        reading.groups.append(_group(parameters(kind)[base], modifier, value, now))
    else:
        raise UnknownParameter(type=kind, parameter=name[:40], known=", ".join(known(kind)))


def _common(kind: str, name: str, value: str, now: datetime, reading: _Reading) -> None:
    if name == "_id":
        reading.ids = _both(reading.ids, frozenset(_identifiers(name, value)))
    elif name == "_lastUpdated":
        reading.written.append(_dates(name, value, now))
    elif name == "_count":
        if not value.isdecimal() or not value.isascii() or len(value) > 9:
            raise BadParameter(parameter=name, reason="write a whole number")
        reading.count = min(int(value), MOST)
    elif name == "_sort":
        reading.sort, reading.descending = _sort(kind, value)
    elif name == "_cursor":
        reading.after = _after(value)


def _sort(kind: str, value: str) -> tuple[Sort, bool]:
    key = value.removeprefix("-")
    if key == "_lastUpdated":
        return "at", value != key
    if kind in CLINICAL and key in ("date", *CLINICAL[kind].names):
        return "date", value != key
    raise BadParameter(parameter="_sort", reason="sort by date or _lastUpdated")


def _after(value: str) -> str:
    try:
        text = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except (ValueError, binascii.Error):
        text = ""
    if not IDENTIFIER.fullmatch(text):
        raise BadParameter(parameter="_cursor", reason="use the link of the page before")
    return text


def _dates(name: str, value: str, now: datetime) -> tuple[DateTest, ...]:
    return tuple(date_test(name, one, now) for one in _alternatives(name, value))


def _patients(name: str, value: str) -> frozenset[str]:
    return frozenset(_identifiers(name, value, prefix="Patient/"))


def _identifiers(name: str, value: str, prefix: str = "") -> list[str]:
    found = [one.removeprefix(prefix) for one in _alternatives(name, value)]
    for one in found:
        if not IDENTIFIER.fullmatch(one):
            raise BadParameter(parameter=name, reason="write the identifier of a resource")
    return found


def _group(parameter: Parameter, modifier: str, value: str, now: datetime) -> Group:
    name, alternatives = parameter.name, _alternatives(parameter.name, value)
    if parameter.kind == "birth":
        if len(alternatives) > _DAYS:
            raise BadParameter(
                parameter=name,
                reason=Words(f"write at most {_DAYS} dates", f"至多写 {_DAYS} 个日期"),
            )
        now = now.astimezone(UTC)
        tests = [date_test(name, one, now) for one in alternatives]
        words = {word for test in tests for word in birth_words(test, now)}
        return _any(name, words, modifier, allowed=("",))
    if parameter.kind == "string":
        if modifier == "exact":
            return Group(name, frozenset(f"{name}:exact={one}" for one in alternatives))
        starts = tuple(normal(one) for one in alternatives)
        if not all(starts):
            raise BadParameter(parameter=name, reason="write at least one character")
        words = {one[:PREFIX].rstrip() for one in starts}
        group = _any(name, words, modifier, allowed=("",))
        return replace(group, starts=starts if max(map(len, starts)) > PREFIX else ())
    if parameter.kind == "reference":
        prefix = f"{modifier}/" if modifier else ""
        return _any(name, {prefix + one for one in alternatives}, "")
    return _any(name, set(alternatives), modifier)


def _any(
    name: str, words: set[str], modifier: str, allowed: tuple[str, ...] = ("", "not")
) -> Group:
    if modifier not in allowed:
        raise BadParameter(parameter=f"{name}:{modifier[:20]}", reason="no such modifier here")
    return Group(name, frozenset(f"{name}={word}" for word in words), no=modifier == "not")


def _alternatives(name: str, value: str) -> list[str]:
    parts = [one.replace("\\,", ",").replace("\\|", "|") for one in _SPLIT.split(value)]
    found = [one.strip() for one in parts if one.strip()]
    if not found or len(found) > _VALUES:
        raise BadParameter(parameter=name, reason="it is empty or has too many values")
    return found


def _both(known_: frozenset[str] | None, more: frozenset[str]) -> frozenset[str]:
    return more if known_ is None else known_ & more
