"""Binds the sentences that a language model wrote to the words that they rest on, or drops them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from .drugs import Drugs
from .support import Fault, check_sentence

MOST_SENTENCES = 40
MOST_QUOTES = 8
"""Quotes of one sentence that are looked at."""
LONGEST = 1200
"""Characters of one sentence or quote."""
SHORTEST = 4
"""Characters of a quote; fewer stand in any text."""

_AROUND = " \t\r\n“”\"'「」『』《》…."

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "maxItems": MOST_SENTENCES,
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "maxLength": LONGEST},
                    "quotes": {
                        "type": "array",
                        "maxItems": MOST_QUOTES,
                        "items": {
                            "type": "object",
                            "properties": {
                                "source": {"type": "string", "maxLength": 8},
                                "words": {"type": "string", "maxLength": LONGEST},
                            },
                            "required": ["source", "words"],
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["text", "quotes"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
"""The form in which a model is asked to answer."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence as a model wrote it; ``quotes`` are pairs of a source's name and its words."""

    text: str
    quotes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (0-based, end exclusive) of the source called ``source``."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A sentence with the places that it rests on, and with what speaks against it.

    ``spans`` are the quotes that stand word for word in their source. Each of ``faults`` has
    what the sentence says there.
    """

    text: str
    spans: tuple[Span, ...]
    faults: tuple[tuple[Fault, str], ...]

    @property
    def supported(self) -> bool:
        """Whether every quote stands where it is said to and the sentence agrees with them."""
        return not self.faults


def claims_of(value: Mapping[str, Any]) -> tuple[Claim, ...]:
    """The sentences of an answer in the form of ``SCHEMA``; what has another form is left out."""
    found: list[Claim] = []
    for one in _each(value.get("sentences"), MOST_SENTENCES):
        text, quotes = one.get("text"), _each(one.get("quotes"), MOST_QUOTES)
        if isinstance(text, str) and text.strip() and len(text) <= LONGEST:
            named = [(str(q.get("source", "")), str(q.get("words", ""))) for q in quotes]
            found.append(Claim(" ".join(text.split()), tuple(named)))
    return tuple(found)


def bind(
    claims: Sequence[Claim], sources: Mapping[str, str], drugs: Drugs | None = None
) -> tuple[Bound, ...]:
    """Each claim held against ``sources``, from a name to its whole text.

    A quote that does not stand word for word in the source it names is a fault, however many
    others do; so is a sentence that says more than its quotes (``check_sentence``).
    """
    known = drugs or Drugs()
    return tuple(_bound(one, sources, known) for one in claims)


def _bound(claim: Claim, sources: Mapping[str, str], drugs: Drugs) -> Bound:
    spans: list[Span] = []
    faults: list[tuple[Fault, str]] = []
    for name, said in claim.quotes:
        key, words = name.strip().strip("[]【】"), said.strip(_AROUND)[:LONGEST]
        place = sources[key].find(words) if key in sources and len(words) >= SHORTEST else -1
        if place < 0:
            faults.append((Fault.INVENTED, said))
        else:
            spans.append(Span(key, place, place + len(words)))
    quoted = [sources[one.source][one.start : one.end] for one in spans]
    faults += check_sentence(claim.text, quoted, drugs).faults
    return Bound(claim.text, tuple(dict.fromkeys(spans)), tuple(dict.fromkeys(faults)))


def _each(value: object, most: int) -> list[dict[str, Any]]:
    """The objects of a list, at most so many."""
    if not isinstance(value, list):
        return []
    listed = cast("list[object]", value)[:most]
    return [cast("dict[str, Any]", one) for one in listed if isinstance(one, dict)]
