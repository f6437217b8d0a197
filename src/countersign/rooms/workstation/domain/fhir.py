"""Reads FHIR JSON that may be malformed, and never raises for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from countersign.kit.dates import BadDate, interval
from countersign.kit.json import JSON

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"

_NOTHING: JSON = {}
_NO_ROWS: list[Any] = []
_IDENT = re.compile(r"[A-Za-z0-9.-]{1,64}")
_LONGEST_NAME = 200
_LARGEST = 10**9
_SMALLEST_EXPONENT = -12


def record(value: Any) -> JSON:
    """The value if it is a JSON object, else an empty one that must not be written to."""
    return cast(JSON, value) if isinstance(value, dict) else _NOTHING


def rows(value: Any) -> list[Any]:
    """The value if it is a JSON array, else an empty one that must not be written to."""
    return cast(list[Any], value) if isinstance(value, list) else _NO_ROWS


def text(value: Any) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def number(value: Any) -> Decimal | None:
    """A JSON number as the decimal that was written; None for anything else or unbounded."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, int):
        return Decimal(value) if abs(value) <= _LARGEST else None
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite() or abs(exact) > _LARGEST:
        return None
    return exact if exact == 0 or exact.adjusted() >= _SMALLEST_EXPONENT else None


def codings(concept: Any) -> Iterator[tuple[str, str, str]]:
    """System, code and display of each coding of a CodeableConcept."""
    for item in rows(record(concept).get("coding")):
        coding = record(item)
        yield text(coding.get("system")), text(coding.get("code")), text(coding.get("display"))


def loinc_codes(concept: Any) -> list[str]:
    """The LOINC codes of a CodeableConcept."""
    listed = cast(JSON, concept).get("coding") if isinstance(concept, dict) else None
    if not isinstance(listed, list):
        return []
    found: list[str] = []
    for item in cast(list[Any], listed):
        if isinstance(item, dict):
            coding = cast(JSON, item)
            if coding.get("system") == LOINC:
                found.append(text(coding.get("code")))
    return found


def wording(concept: Any) -> str:
    """What a person reads of a CodeableConcept: its text, a display or a code, cut short."""
    said = text(record(concept).get("text")).strip()
    if said:
        return said[:_LONGEST_NAME]
    found = list(codings(concept))
    shown = next((display for _, _, display in found if display.strip()), "")
    said = shown.strip() or next((code for _, code, _ in found if code.strip()), "")
    return said[:_LONGEST_NAME]


def codes(concept: Any) -> set[str]:
    """The codes of a CodeableConcept whatever their system; for small bound value sets."""
    return {code for _, code, _ in codings(concept)}


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was true: its first instant, the day as written, and how precise it is."""

    at: datetime
    written: str
    timed: bool

    @property
    def day(self) -> str:
        """The date as the sender wrote it, in the sender's own time zone."""
        return self.written[:10]

    @property
    def minute(self) -> str:
        """The date and, where known, the time of day as the sender wrote them."""
        return self.written[:16].replace("T", " ") if self.timed else self.day


def moment(value: Any) -> Moment | None:
    """A FHIR date, dateTime or instant; None when it is absent or malformed."""
    written = text(value)
    if not written:
        return None
    if len(written) in (20, 25) and written[4] == "-" and written[10] == "T":
        try:
            at = datetime.fromisoformat(written)
        except ValueError:
            return None
        return Moment(at, written, True) if at.tzinfo is not None else None
    try:
        return Moment(interval(written).low, written, "T" in written)
    except BadDate:
        return None


def moment_of(now: date | datetime) -> datetime:
    """The present as an aware instant; a bare date means the end of that day in UTC."""
    if isinstance(now, datetime):
        return now if now.tzinfo is not None else now.replace(tzinfo=UTC)
    return datetime(now.year, now.month, now.day, 23, 59, 59, tzinfo=UTC)


def is_future(when: Moment, now: datetime) -> bool:
    """Later than now, with an hour for clocks; a bare date may lead by the widest time zone."""
    return when.at > now and when.at - now > timedelta(hours=1 if when.timed else 14)


def days_between(earlier: datetime, later: datetime) -> int:
    """Whole days, never negative."""
    return max(0, (later - earlier).days)


def reference_to(resource: JSON) -> str:
    """``Type/id/_history/version``, or ``Type/id`` where the version is not known."""
    kind, ident = text(resource.get("resourceType")), text(resource.get("id"))
    version = text(record(resource.get("meta")).get("versionId"))
    if not _IDENT.fullmatch(version):
        return f"{kind}/{ident}"
    return f"{kind}/{ident}/_history/{version}"


def is_models(resource: JSON) -> bool:
    """True for what a model asserted: it must never become the ground of the next answer."""
    meta = record(resource.get("meta"))
    if "security" not in meta:
        return False
    return any(text(record(label).get("code")) == "AIAST" for label in rows(meta["security"]))


def current(chart: Iterable[JSON]) -> list[JSON]:
    """The newest version of each resource that has a type and an id.

    Where one version came twice with different content neither is used: which of the two is
    true cannot be known here.
    """
    found: dict[tuple[str, str], JSON] = {}
    several: dict[tuple[str, str], list[JSON]] = {}
    for item in chart:
        resource = record(item)
        key = (text(resource.get("resourceType")), text(resource.get("id")))
        if not _IDENT.fullmatch(key[1]):
            continue
        if key in found:
            several.setdefault(key, [found[key]]).append(resource)
        elif key[0]:
            found[key] = resource
    for key, versions in several.items():
        newest = _newest(versions)
        if newest is None:
            del found[key]
        else:
            found[key] = newest
    return list(found.values())


def _newest(versions: list[JSON]) -> JSON | None:
    ranked = [(_rank(record(item.get("meta"))), item) for item in versions]
    top = max(rank for rank, _ in ranked)
    first, *others = [item for rank, item in ranked if rank == top]
    try:
        return first if all(item == first for item in others) else None
    except RecursionError:
        return None


def _rank(meta: JSON) -> tuple[int, str]:
    version = text(meta.get("versionId"))
    counted = version.isascii() and version.isdigit() and len(version) < 19
    return int(version) if counted else 0, text(meta.get("lastUpdated"))
