"""Takes whole sentences out of an answer of which only the beginning has come."""

from __future__ import annotations

import json
import re
from typing import Any

LONGEST = 40_000
_LIST = re.compile(r'"sentences"\s*:\s*\[')


class Unfolding:
    """Fed with pieces of a JSON object; gives each object of its list ``sentences`` once, as soon
    as it is whole. What is no such object gives nothing."""

    def __init__(self) -> None:
        self._text = ""
        self._at: int | None = None
        self._decoder = json.JSONDecoder()

    def feed(self, piece: str) -> list[dict[str, Any]]:
        """The sentences that this piece completes."""
        if len(self._text) + len(piece) > LONGEST:
            return []
        self._text += piece
        if self._at is None:
            begun = _LIST.search(self._text)
            if begun is None:
                return []
            self._at = begun.end()
        found: list[dict[str, Any]] = []
        while (one := self._next()) is not None:
            found.append(one)
        return found

    def _next(self) -> dict[str, Any] | None:
        place = self._at or 0
        while place < len(self._text) and self._text[place] in ", \t\r\n":
            place += 1
        if place >= len(self._text) or self._text[place] != "{":
            return None
        try:
            one, self._at = self._decoder.raw_decode(self._text, place)
        except json.JSONDecodeError:
            return None
        return one
