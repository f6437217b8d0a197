"""Reads HL7 v2 in its encoding with delimiters, tolerantly: what is absent reads as empty.

HL7 v2.8.2 chapter 2, 2.5 to 2.7. A segment may end with CR, LF or both; unknown and Z segments are
kept; nothing that a sender writes makes reading fail but a message without MSH.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

DELETED = '""'
"""What a sender writes into a field whose content is to be deleted (2.5.3)."""

MOST_SEGMENTS = 20_000
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_ENDS = re.compile(r"\r\n|\r|\n")


class NotAMessage(Exception):
    """It does not begin with MSH and its delimiters, or holds too many segments."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """MSH-1 and MSH-2: field, component, repetition, escape, subcomponent."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def encoding(self) -> str:
        """MSH-2."""
        return f"{self.component}{self.repetition}{self.escape}{self.subcomponent}"


STANDARD = Delimiters()


@dataclass(frozen=True, slots=True)
class Value:
    """One repetition of a field, or one component of it."""

    raw: str
    by: Delimiters = field(default=STANDARD, repr=False)

    def part(self, component: int, subcomponent: int = 1) -> str:
        """A component (from 1) as text, unescaped and without blanks around it."""
        parts = self.raw.split(self.by.component)
        if component > len(parts):
            return ""
        inner = parts[component - 1].split(self.by.subcomponent)
        if subcomponent > len(inner):
            return ""
        return unescaped(inner[subcomponent - 1], self.by).strip()

    def component(self, number: int) -> Value:
        """A component whose subcomponents are read as components: how a CX holds an HD."""
        parts = self.raw.split(self.by.component)
        inner = parts[number - 1] if number <= len(parts) else ""
        return Value(inner.replace(self.by.subcomponent, self.by.component), self.by)

    @property
    def text(self) -> str:
        """The whole as text: delimiters stay where a sender forgot to escape them."""
        return unescaped(self.raw, self.by).strip()

    def __bool__(self) -> bool:
        return self.raw.strip(f"{self.by.component}{self.by.subcomponent} ") not in ("", DELETED)


@dataclass(frozen=True, slots=True)
class Segment:
    """``fields[0]`` is the name; numbers are those of the standard, of MSH too."""

    fields: tuple[str, ...]
    by: Delimiters = field(default=STANDARD, repr=False)

    @property
    def name(self) -> str:
        return self.fields[0]

    def field(self, number: int) -> str:
        """The field as it is written; empty where there is none."""
        return self.fields[number] if number < len(self.fields) else ""

    def all(self, number: int) -> list[Value]:
        """The repetitions that say something."""
        found = [Value(one, self.by) for one in self.field(number).split(self.by.repetition)]
        return [one for one in found if one]

    def first(self, number: int) -> Value:
        """The first repetition that says something, or an empty one."""
        found = self.all(number)
        return found[0] if found else Value("", self.by)

    def get(self, number: int, component: int = 1, subcomponent: int = 1) -> str:
        """A component of the first repetition as text."""
        return self.first(number).part(component, subcomponent)

    def text(self, number: int) -> str:
        """The field as text, with all its repetitions."""
        return "\n".join(one.text for one in self.all(number))

    def deleted(self, number: int) -> bool:
        """Whether the sender says that the content is to be deleted."""
        return self.field(number).strip() == DELETED


@dataclass(frozen=True, slots=True)
class Message:
    """``segments`` in their order, MSH first."""

    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        return self.segments[0]

    @property
    def kind(self) -> str:
        """MSH-9.1, such as ADT."""
        return self.header.get(9, 1)

    @property
    def event(self) -> str:
        """MSH-9.2, such as A01; before version 2.3 senders may say it in EVN-1 alone."""
        return self.header.get(9, 2) or (self.segment("EVN").get(1) if self.kind else "")

    @property
    def version(self) -> str:
        return self.header.get(12)

    @property
    def control_id(self) -> str:
        return self.header.get(10)

    @property
    def sender(self) -> str:
        """MSH-3 and MSH-4, by which duplicates are recognised."""
        return f"{self.header.get(3)}|{self.header.get(4)}"

    def all(self, *names: str) -> Iterator[Segment]:
        """The segments of these names in their order."""
        return (one for one in self.segments if one.name in names)

    def segment(self, name: str) -> Segment:
        """The first of that name, or an empty one."""
        return next(self.all(name), Segment((name,), self.header.by))


def parse(text: str) -> Message:
    """The message in ``text``. Raises NotAMessage."""
    lines = [line for line in _ENDS.split(text.lstrip("\ufeff\r\n")) if line.strip()]
    if not lines or not lines[0].startswith("MSH") or len(lines) > MOST_SEGMENTS:
        raise NotAMessage
    by = _delimiters(lines[0])
    separator = by.field
    rest = lines[0][4:].split(separator)
    segments = [Segment(("MSH", separator, *rest), by)]
    for line in lines[1:]:
        name, *fields = line.split(separator)
        if _NAME.fullmatch(name.strip()):
            segments.append(Segment((name.strip(), *fields), by))
        else:
            # A line break that a sender left in a text: it belongs to the segment before.
            segments[-1] = _continued(segments[-1], line)
    return Message(tuple(segments))


def _continued(segment: Segment, line: str) -> Segment:
    *before, last = segment.fields
    first, *fields = line.split(segment.by.field)
    return Segment((*before, f"{last}\n{first}", *fields), segment.by)


def _delimiters(line: str) -> Delimiters:
    signs = line[3:4] + line[4:].split(line[3:4], 1)[0] if len(line) > 3 else ""
    used = signs[:5]
    if len(used) < 2 or len(set(used)) != len(used) or any(sign.isalnum() for sign in used):
        raise NotAMessage
    # MSH-2 may leave off from its end what a message does not use (2.14.9.2).
    rest = [one for one in "~\\&" if one not in used]
    return Delimiters(*used, *(rest + ["\x00", "\x01", "\x02"])[: 5 - len(used)])


_ESCAPED: Mapping[str, str] = {"F": "field", "S": "component", "R": "repetition", "E": "escape",
                               "T": "subcomponent"}  # fmt: skip
_BREAKS = frozenset({".br", ".sp", ".ce", ".in", ".ti", ".sk"})


def unescaped(text: str, by: Delimiters = STANDARD) -> str:
    """Text with its escape sequences (2.7) read; those that are not known are left out."""
    if by.escape not in text:
        return text
    sign = re.escape(by.escape)
    pattern = f"{sign}([^{sign}\r\n]{{0,200}}){sign}"
    return re.sub(pattern, lambda found: _sequence(found[1], by), text)


def _sequence(inner: str, by: Delimiters) -> str:
    if inner in _ESCAPED:
        return str(getattr(by, _ESCAPED[inner]))
    if inner[:1] == "X" and re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", inner):
        return bytes.fromhex(inner[1:]).decode("utf-8", "replace")
    if inner[:3].lower() in _BREAKS:
        return "\n"
    return ""  # highlighting, character sets within a text, what a site invented


def escaped(text: str, by: Delimiters = STANDARD) -> str:
    """Text as it may stand in a field."""
    said = "".join(_escape(sign, by) for sign in text)
    return (
        said.replace("\r\n", "\n").replace("\r", "\n").replace("\n", f"{by.escape}.br{by.escape}")
    )


def _escape(sign: str, by: Delimiters) -> str:
    for letter, name in _ESCAPED.items():
        if sign == getattr(by, name):
            return f"{by.escape}{letter}{by.escape}"
    return "" if sign < " " and sign not in "\r\n\t" else sign
