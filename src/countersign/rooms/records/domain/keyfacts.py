"""Reads the lines that a physician types: a section's short name and what belongs there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from countersign.kit.allergies import denies, without_denials

from .durations import lasting
from .fact import KEY, Fact, Kind, Link, Status
from .kinds import RecordKind, Section
from .said import Lexicon, outermost

_NAMED = re.compile(r"^\s*(?P<name>[A-Za-z_ ]{1,40}|[一-鿿、]{1,12})\s*[:：]\s*(?P<value>.+?)\s*$")
_SHORT = re.compile(r"^\s*(?P<name>[A-Za-z]{1,6}|[一-鿿]{2,6})\s+(?P<value>.+?)\s*$")
_DENIED = re.compile(r"^(?:无|否认|没有|未见|no |denies |without )", re.IGNORECASE)
_NOT = re.compile(r"(?:无|否认|没有|未|不)[^，。；;,、]{0,4}$")
_SPLIT = re.compile(r"[；;、\n]+")
_ALLERGY = re.compile(r"过敏|allerg", re.IGNORECASE)
_TO = re.compile(r"对(?P<zh>[^，。；;]{1,20}?)过敏|allergic to (?P<en>[^,.;]{2,40})", re.IGNORECASE)


def read(text: str, kind: RecordKind, lexicon: Lexicon) -> tuple[Fact, ...]:
    """Every line becomes at least one fact; what no section is named for goes to the narrative."""
    facts: list[Fact] = []
    place = 0
    for line in text.split("\n"):
        if line.strip():
            section, begin = _section(line, kind)
            value = line[begin:].strip()
            start = place + line.index(value, begin) if value else place
            if value:
                facts += _facts(value, start, section, kind, lexicon)
        place += len(line) + 1
    return tuple(facts)


def _section(line: str, kind: RecordKind) -> tuple[Section | None, int]:
    for pattern in (_NAMED, _SHORT):
        match = pattern.match(line)
        section = kind.section(match["name"]) if match else None
        if match and section:
            return section, match.start("value")
    return None, 0


def _facts(
    value: str, start: int, section: Section | None, kind: RecordKind, lexicon: Lexicon
) -> Iterator[Fact]:
    whole = (Link(KEY, start, start + len(value)),)
    if section is None:
        yield from _loose(value, start, kind, lexicon)
    elif section.render == "chief":
        yield from _chief(value, start, lexicon)
    elif Kind.ALLERGY in section.takes and _ALLERGY.search(value):
        yield from _allergy(value, whole, section)
    elif section.render == "diagnosis":
        for part, link in _parts(value, start):
            unsure = part.endswith(("?", "？"))
            status = Status.UNSURE if unsure else Status.PRESENT
            name = part.rstrip("?？")
            if name:
                yield Fact(Kind.DIAGNOSIS, name, (link,), status, name, section.id)
    elif section.render == "treatment":
        for part, link in _parts(value, start):
            yield Fact(Kind.ADVICE, part, (link,), section=section.id)
    else:
        yield Fact(Kind.NOTE, value, whole, section=section.id)


def _chief(value: str, start: int, lexicon: Lexicon) -> Iterator[Fact]:
    found = _symptoms(value, start, lexicon, "chief")
    since = lasting(value)
    link = (Link(KEY, start, start + len(value)),)
    if found:
        yield from found
    else:
        bare = value
        yield Fact(Kind.SYMPTOM, bare, link, name=bare, section="chief", english=bare)
        return
    if since:
        yield Fact(Kind.ONSET, since, link)


def _loose(value: str, start: int, kind: RecordKind, lexicon: Lexicon) -> Iterator[Fact]:
    told = next((one.id for one in kind.sections if one.render == "present"), kind.sections[0].id)
    found = _symptoms(value, start, lexicon, "present")
    covered = sum(link.end - link.start for fact in found for link in fact.links)
    # A line that is little more than names of symptoms is read; any other stands as it was typed.
    if found and covered * 2 >= len(value):
        yield from found
        since = lasting(value)
        if since:
            yield Fact(Kind.ONSET, since, (Link(KEY, start, start + len(value)),))
        return
    yield Fact(Kind.NOTE, value, (Link(KEY, start, start + len(value)),), section=told)


def _symptoms(value: str, start: int, lexicon: Lexicon, section: str) -> list[Fact]:
    facts: list[Fact] = []
    seen: set[str] = set()
    end = -1
    longest_first = sorted(outermost(lexicon.mentions(value)), key=lambda m: (m.start, -m.end))
    for one in longest_first:
        if one.name in seen or one.start < end:
            continue
        seen.add(one.name)
        end = one.end
        denied = bool(_NOT.search(value[: one.start])) or bool(_DENIED.match(value))
        link = Link(KEY, start + one.start, start + one.end)
        status = Status.ABSENT if denied else Status.PRESENT
        facts.append(Fact(Kind.SYMPTOM, one.name, (link,), status, one.name, section))
    return facts


def _allergy(value: str, whole: tuple[Link, ...], section: Section) -> Iterator[Fact]:
    named = _TO.search(value)
    if denies(value):
        yield Fact(Kind.ALLERGY, "过敏史", whole, Status.ABSENT, "过敏", english="allergies")
        rest = without_denials(value).strip(" ，。；;,.")
        if len(rest) > 2:
            yield Fact(Kind.NOTE, value, whole, section=section.id)
    elif named:
        name = (named["zh"] or named["en"]).strip()
        yield Fact(Kind.ALLERGY, name, whole, Status.PRESENT, name)
        if len(value) - len(named[0]) > 3:
            yield Fact(Kind.NOTE, value, whole, section=section.id)
    else:
        yield Fact(Kind.NOTE, value, whole, section=section.id)


def _parts(value: str, start: int) -> Iterator[tuple[str, Link]]:
    place = 0
    for part in _SPLIT.split(value):
        at = value.index(part, place)
        bare = part.strip(" 。.")
        if bare:
            begin = start + at + part.index(bare)
            yield bare, Link(KEY, begin, begin + len(bare))
        place = at + len(part)
