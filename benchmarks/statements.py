"""Sentences in which findings are marked with what the sentence says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.shared import part
from countersign.ground.reasoning import Finding, Holder, Status

FILE = Path(__file__).with_name("statements.txt")
SIGN = {Status.PRESENT: "+", Status.ABSENT: "-", Status.UNCERTAIN: "?"}
NOBODYS, UNSCORED = "0", "~"
_MARK = re.compile(r"\[([^\[\]|]+)\|([-+?0~])([fp]*)\]")


@dataclass(frozen=True)
class Mark:
    """``said`` is +, - or ?, with f for the family's and p for what is over; 0 for nobody's."""

    start: int
    end: int
    said: str


@dataclass(frozen=True)
class Statement:
    """A sentence without its marks, and the marks by their places."""

    text: str
    marks: tuple[Mark, ...]

    @property
    def seen(self) -> bool:
        """Whether the rules may be changed for it; the other half is only measured on."""
        return part(self.text, 2) == 0


def statements() -> Iterator[Statement]:
    """All of them, in the order of the file."""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield marked(line)


def marked(line: str) -> Statement:
    """``no [fever|-]`` as its text and its marks."""
    text, marks, at = "", [], 0
    for found in _MARK.finditer(line):
        text += line[at : found.start()]
        if found[2] != UNSCORED:
            marks.append(Mark(len(text), len(text) + len(found[1]), found[2] + found[3]))
        text += found[1]
        at = found.end()
    return Statement(text + line[at:], tuple(marks))


def said(finding: Finding) -> str:
    """A finding as a mark says it."""
    family = "f" if finding.holder is Holder.FAMILY else ""
    return SIGN[finding.status] + family + ("p" if finding.past else "")


def judged(
    statement: Statement, findings: tuple[Finding, ...]
) -> Iterator[tuple[Mark, str | None]]:
    """Each mark with what was read there, None where nothing was."""
    for mark in statement.marks:
        over = [
            one
            for one in findings
            if one.place and one.place.start < mark.end and mark.start < one.place.end
        ]
        yield mark, said(over[0]) if over else None
