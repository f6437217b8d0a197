"""Carries what an earlier record says into the sections of another kind, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .fact import Fact, Kind, Link
from .kinds import RecordKind, Section

_DIAGNOSIS = re.compile(r"诊断|diagnos", re.IGNORECASE)
_STORY = re.compile(r"现病史|病情|主诉|入院情况|present illness|complaint|course|condition", re.I)
_BEFORE = ("admission_diagnosis", "before")
"""Where another kind asks for a diagnosis that was made earlier."""


def carried(sections: Sequence[tuple[str, str]], kind: RecordKind, source: str) -> Iterator[Fact]:
    """One fact for each (title, text): in the section of that title, or of that sense.

    What no section of this kind has a place for is a fact without one, which the draft lists as
    left out. A chief complaint goes to the narrative where there is no section for it.
    """
    for title, text in sections:
        place = kind.section(title) or _of_sense(title, kind)
        bare = " ".join(text.split("\n"))
        yield Fact(Kind.NOTE, bare, (Link(source),), name=title, section=place.id if place else "")


def _of_sense(title: str, kind: RecordKind) -> Section | None:
    if _DIAGNOSIS.search(title):
        asked = [one for one in kind.sections if one.id in _BEFORE]
        named = [one for one in kind.sections if one.render == "diagnosis"]
        return next(iter((*asked, *named)), None)
    if _STORY.search(title):
        return next((one for one in kind.sections if one.render == "present"), None)
    return None
