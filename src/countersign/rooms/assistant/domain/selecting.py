"""Chooses the sentences that a recommendation quotes: those that name the patient's facts first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from countersign.kit.words import Words

from .assistant import Assistant, Section
from .naming import names, places
from .points import Known, Point, Source, points_of

BESIDE = 2
"""Sentences of further documents in a section, beyond the most of one document."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A quoted sentence with its number in the draft and the facts that made it apply.

    ``marks`` are characters of its words (0-based, end exclusive) that support or name a fact.
    """

    number: int
    point: Point
    facts: tuple[Known, ...]
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its sentences, the most particular to this patient first."""

    title: Words
    chosen: tuple[Chosen, ...]


@dataclass(frozen=True, slots=True)
class _Ranked:
    point: Point
    named: tuple[Known, ...]
    order: int


def choose(
    assistant: Assistant,
    sources: Sequence[Source],
    knowns: Sequence[Known],
    fits: Callable[[str], bool],
) -> tuple[Part, ...]:
    """The parts that have something to quote, in the order of the assistant's sections.

    ``sources`` stand in the order in which they apply; ``fits`` is whether words can speak of
    such a patient at all. What is about no problem of the patient is quoted only where it
    names the result that brought it.
    """
    sources = _as_written(sources)
    number, parts, seen = 0, list[Part](), set[str]()
    for section in assistant.sections:
        chosen: list[Chosen] = []
        for one in _of_section(section, sources, knowns, fits):
            if one.point.words in seen:
                continue
            seen.add(one.point.words)
            number += 1
            chosen.append(_chosen(number, one))
        if chosen:
            parts.append(Part(section.title, tuple(chosen)))
    return tuple(parts)


def _as_written(sources: Sequence[Source]) -> list[Source]:
    """Document by document, the nearest first, each in the order in which it was written."""
    ranks: dict[str, int] = {}
    for one in sources:
        ranks.setdefault(one.document, len(ranks))
    return sorted(sources, key=lambda one: (ranks[one.document], one.start))


def _of_section(
    section: Section,
    sources: Sequence[Source],
    knowns: Sequence[Known],
    fits: Callable[[str], bool],
) -> list[_Ranked]:
    under = [one for one in sources if names(section.headings, one.heading)]
    ranked = sorted(_ranked(under, knowns, fits), key=lambda one: (-len(one.named), one.order))
    taken, kept = Counter[str](), list[_Ranked]()
    for one in ranked:
        document = one.point.source.document
        if taken[document] < section.most and len(kept) < section.most + BESIDE:
            taken[document] += 1
            kept.append(one)
    return kept


def _ranked(
    sources: Sequence[Source], knowns: Sequence[Known], fits: Callable[[str], bool]
) -> Iterable[_Ranked]:
    order = 0
    for source in sources:
        for point in points_of(source):
            order += 1
            named = tuple(one for one in knowns if names(one.words, point.words))
            brought = any(one.reference in source.results for one in named)
            if fits(point.words) and (source.because or brought):
                yield _Ranked(point, named, order)


def _chosen(number: int, one: _Ranked) -> Chosen:
    source, length = one.point.source, one.point.end - one.point.start
    shift = one.point.start - source.start
    marks = [(first - shift, last - shift) for first, last in source.spans]
    marks += [place for known in one.named for place in places(known.words, one.point.words)]
    inside = [(max(0, a), min(length, b)) for a, b in marks]
    facts = _once((*one.named, *source.because))
    return Chosen(number, one.point, facts, _joined((a, b) for a, b in inside if a < b))


def _once(facts: Iterable[Known]) -> tuple[Known, ...]:
    """Each entry of the chart once, under its first name."""
    named: dict[str, Known] = {}
    for one in facts:
        named.setdefault(one.reference, one)
    return tuple(named.values())


def _joined(marks: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(marks):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)
