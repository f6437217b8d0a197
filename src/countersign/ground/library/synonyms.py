"""Other names of what a question names, from lists that a hospital or a terminology gives."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from .words import fold

_PIECE = re.compile(r"[a-z0-9]+(?:[ .'-][a-z0-9]+)*|[^\x00-\x7f]+")
_LONGEST = 24
"""Characters of the longest name that is looked for without spaces."""


class Synonyms:
    """Groups of names for one thing, such as an entry of HPO or ICD-10 in both languages.

    Names of one character, and names that stand in more than eight groups, say too little and
    are left out.
    """

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        known: dict[str, set[str]] = defaultdict(set)
        met: dict[str, int] = defaultdict(int)
        for group in groups:
            names = {fold(name).strip() for name in group}
            names = {name for name in names if len(name) > 1}
            for name in names:
                met[name] += 1
                known[name] |= names - {name}
        self._others = {
            name: tuple(sorted(others))
            for name, others in known.items()
            if others and met[name] <= 8
        }

    def of(self, question: str) -> tuple[str, ...]:
        """The other names of what the question names; the longest name counts at each place."""
        found: dict[str, None] = {}
        if self._others:
            for match in _PIECE.finditer(fold(question)):
                for name in self._named(match.group()):
                    found.update(dict.fromkeys(self._others[name]))
        return tuple(found)

    def _named(self, piece: str) -> Iterable[str]:
        parts = re.split(r"(?<=[ .'-])|(?=[ .'-])", piece) if piece.isascii() else list(piece)
        at = 0
        while at < len(parts):
            for end in range(min(len(parts), at + _LONGEST), at, -1):
                if (name := "".join(parts[at:end])) in self._others:
                    yield name
                    at = end
                    break
            else:
                at += 1
