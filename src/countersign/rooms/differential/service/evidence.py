"""What the hospital's own documents say of a diagnosis, within a budget and never in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from countersign.ground.identity import Principal
from countersign.ground.library import Found, Library
from countersign.kit.errors import CountersignError
from countersign.kit.words import Language, Words

QUOTED = 5
"""Candidates for which the library is asked."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """For each candidate the nearest passage or None; ``away`` when the library did not answer."""

    passages: tuple[Found | None, ...]
    away: bool = False


def quoted(
    library: Library, principal: Principal, patient: str, names: Sequence[Words], language: Language
) -> Quoted:
    """The passage that speaks of each name, from documents that the principal may read.

    A passage counts only when its document's title or the passage itself names the diagnosis.
    """
    asked = [name.into(language) for name in names[:QUOTED]]
    if not asked:
        return Quoted(())
    try:
        answers = library.finding.ask_all(principal, asked, 3, patient)
    except CountersignError:
        return Quoted((None,) * len(asked), away=True)
    return Quoted(
        tuple(
            next((one for one in answer.support if _names(one, name)), None)
            for answer, name in zip(answers, names, strict=False)
        )
    )


def _names(found: Found, name: Words) -> bool:
    said = f"{found.document.card.title} {found.hit.passage.text}".lower()
    return name.en.lower() in said or name.zh in said
