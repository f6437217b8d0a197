"""How a BERT encoder wants its English cut: lower case, without accents, in known pieces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

_PART = re.compile(r"[^\W_]+|[^\w\s]|_")
_LONGEST = 100
"""Characters of a word; a longer one is unknown."""


class WordPiece:
    """Greedy longest-match pieces (Wu et al. 2016, arXiv:1609.08144, section 4.1).

    ``vocabulary`` maps pieces to numbers; those inside a word start with ``##``.
    """

    def __init__(self, vocabulary: Mapping[str, int], *, longest: int) -> None:
        self._known = vocabulary
        self._longest = longest
        self._pieces = lru_cache(maxsize=65536)(self._cut)

    def numbers(self, text: str) -> list[int]:
        """The pieces of a text between the marks of start and end, ``longest`` at most."""
        found: list[int] = []
        for part in _PART.findall(_plain(text)):
            found.extend(self._pieces(part))
            if len(found) >= self._longest - 2:
                break
        return [self._known["[CLS]"], *found[: self._longest - 2], self._known["[SEP]"]]

    def _cut(self, word: str) -> tuple[int, ...]:
        found: list[int] = []
        at = 0
        while at < len(word) <= _LONGEST:
            for end in range(len(word), at, -1):
                piece = self._known.get(("##" if at else "") + word[at:end])
                if piece is not None:
                    found.append(piece)
                    at = end
                    break
            else:
                break
        return tuple(found) if at == len(word) else (self._known["[UNK]"],)


def _plain(text: str) -> str:
    lowered = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in lowered if unicodedata.category(sign) != "Mn")
