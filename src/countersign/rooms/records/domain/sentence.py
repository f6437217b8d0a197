"""A sentence of a draft with the facts that it renders, and a section made of such sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .fact import Fact, Link


@dataclass(frozen=True, slots=True)
class Sentence:
    """``facts`` are all that the sentence says; ``by`` is ``template`` or ``model``."""

    text: str
    facts: tuple[Fact, ...]
    by: str = "template"

    def __post_init__(self) -> None:
        if not self.facts:
            raise ValueError("a sentence renders facts")

    @property
    def links(self) -> tuple[Link, ...]:
        """Every source of the sentence, once, in the order of the facts."""
        return tuple(dict.fromkeys(link for fact in self.facts for link in fact.links))


def once(sentences: Iterable[Sentence]) -> list[Sentence]:
    """What several sources say in the same words is said once, with all of its facts."""
    found: dict[str, Sentence] = {}
    for one in sentences:
        said = found.get(one.text)
        found[one.text] = one if said is None else Sentence(one.text, (*said.facts, *one.facts))
    return list(found.values())
