"""What is found and quoted: a piece of one version's text, and who may see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters ``start`` to ``end`` (0-based, end exclusive) of one version's text.

    ``headings`` is the path above it, outermost first; ``page`` counts from 1 where the source
    has pages; ``reach`` names who may see it; ``language`` is ``zh`` or ``en``.
    """

    id: str
    document: str
    version: str
    ordinal: int
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    page: int | None
    language: str
    reach: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score (higher is nearer) and the characters of it that support.

    ``before`` is whether it answered past questions like the one asked.
    """

    passage: Passage
    score: float
    spans: tuple[tuple[int, int], ...]
    before: bool = False
