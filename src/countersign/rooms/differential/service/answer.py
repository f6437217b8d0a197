"""One answer: the candidates with what moved them, what would decide, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from countersign.ground.library import Found
from countersign.ground.reasoning import Candidate, Weight
from countersign.ground.signoff import Opened
from countersign.kit.words import Words
from countersign.rooms.differential.inference import Conclusion, Deciding

SHOWN = 10
"""Candidates on the page; cannot-miss ones are shown beyond it."""

SPEAKS = 1.5
"""From this likelihood ratio on a finding is named beside a condition that must not be missed."""

NAMED = 3

_CHINESE: Sequence[tuple[str, str]] = (
    (r"common conditions ([^\s:,;]+)", r"常见病表 \1"),
    (r"expert band, unreviewed", "专家档次，未经审核"),
    (r"expert band", "专家档次"),
    (r"every rare disease alike: prevalences are not in the annotations",
     "各罕见病一律相等：注释中没有患病率"),
    (r"all rare diseases (\S+) of visits, assumed", r"罕见病合计占就诊的 \1（假定）"),
    (r"HPO annotations (\S+)", r"HPO 注释 \1"),
)  # fmt: skip


def sourced(source: str) -> Words:
    """Where a number is from, as the engines name it; names of publications stay as they are."""
    said = source
    for pattern, words in _CHINESE:
        said = re.sub(pattern, words, said)
    return Words(source, said.replace("; ", "；"))


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate as the page shows it; ``number`` is its rank, counted from 1."""

    number: int
    candidate: Candidate
    pro: tuple[Weight, ...]
    contra: tuple[Weight, ...]
    passage: Found | None
    own: bool
    """Whether it is what the physician had thought of before."""
    speaks: tuple[str, ...] = ()
    """Terms of what is present and speaks most for it; none where only all together do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is shown once its receipt is durable; ``own_rank`` is None where it is not listed.

    ``must_not_miss`` are those that something present speaks for, the likeliest first; ``silent``
    names the others that must not be missed.
    """

    rows: tuple[Row, ...]
    must_not_miss: tuple[Row, ...]
    silent: tuple[Words, ...]
    deciding: tuple[Deciding, ...]
    unanswerable: Words | None
    impression: str
    own_rank: int | None
    library_away: bool
    opened: Opened


def rows_of(
    conclusion: Conclusion,
    passages: tuple[Found | None, ...],
    impression: str,
    silenced: Container[str] = frozenset(),
) -> tuple[Row, ...]:
    """Every candidate in order, its weights parted into for and against, the strongest first.

    What hardly moves the odds (a ratio between 0.9 and 1.1) is left out. Terms in ``silenced``
    (absent, or a diagnosis known before) are never named as what speaks for a condition.
    """
    own = impression.strip().lower()
    found: list[Row] = []
    for place, one in enumerate(conclusion.ranking.candidates):
        by_force = sorted(one.weights, key=lambda weight: weight.ratio, reverse=True)
        found.append(
            Row(
                place + 1,
                one,
                tuple(weight for weight in by_force if weight.ratio >= 1.1),
                tuple(weight for weight in reversed(by_force) if weight.ratio <= 0.9),
                passages[place] if place < len(passages) else None,
                bool(own) and named(one, own),
                tuple(
                    weight.term
                    for weight in by_force
                    if weight.ratio >= SPEAKS and weight.term not in silenced
                )[:NAMED],
            )
        )
    return tuple(found)


def named(candidate: Candidate, own: str) -> bool:
    """Whether a physician's own words (in lower case) name this diagnosis."""
    en, zh = candidate.name.en.lower(), candidate.name.zh.lower()
    return any(len(name) > 1 and (name in own or own in name) for name in (en, zh))
