"""Sentences that may be quoted: lines of a passage, or sentences of a long line, in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from countersign.kit.words import Words

LONG = 160
"""Characters from which a line is taken apart."""
_LINE = re.compile(r".*", re.DOTALL)
_SENTENCE = re.compile(
    r".+?(?:[。！？](?:\s?\[[^\]]{1,60}\])*|[.!?](?:\s?\[[^\]]{1,60}\])*(?=\s+[A-Z])|$)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Known:
    """Something known of the patient: a problem, medicine or result with its chart reference.

    ``words`` are those by which documents name it.
    """

    kind: str
    label: Words
    reference: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that applies, as it stands in its document.

    ``start`` (0-based) is where ``text`` begins in the version whose text has the SHA-256
    ``sha256``; ``spans`` are characters of ``text`` that support; ``because`` are the problems
    that it is about, ``results`` the references of abnormal results that brought it.
    """

    document: str
    version: str
    sha256: str
    start: int
    text: str
    title: str
    headings: tuple[str, ...]
    language: str
    reviewed: bool
    spans: tuple[tuple[int, int], ...]
    because: tuple[Known, ...]
    results: frozenset[str] = frozenset()

    @property
    def heading(self) -> str:
        """The one that stands directly above it."""
        return self.headings[-1] if self.headings else self.title


@dataclass(frozen=True, slots=True)
class Point:
    """Characters ``start`` to ``end`` (end exclusive) of the version of its source."""

    source: Source
    start: int
    end: int

    @property
    def words(self) -> str:
        """What stands there, word for word."""
        first = self.start - self.source.start
        return self.source.text[first : first + self.end - self.start]

    @property
    def place(self) -> tuple[str, str, int, int]:
        """Names it exactly."""
        return self.source.document, self.source.version, self.start, self.end


def points_of(source: Source) -> Iterator[Point]:
    """The lines of a passage that say something; those of long ones sentence by sentence."""
    at = source.start
    for line in source.text.split("\n"):
        for found in _SENTENCE.finditer(line) if len(line) > LONG else (_LINE.match(line),):
            said = found.group().strip() if found else ""
            if found and said:
                first = at + found.start() + found.group().index(said)
                yield Point(source, first, first + len(said))
        at += len(line) + 1
