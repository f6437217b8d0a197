"""Passages that colleagues found helpful for the same question stand a little higher.

A verdict counts where it was said: for the document it was about, within the permission that it
had then, for whoever may read that today (docs/decisions/0092).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import Scope
from countersign.ground.identity import Principal

from .pairs import bare
from .passage import Passage
from .rows import Rows

MOST = 3
"""Places by which a passage is moved up at the most: one for each colleague."""

T = TypeVar("T")
Place = tuple[str, str, int]
"""Document, reach, and the hash of a passage's words."""


class Helped:
    """Neither a question nor a passage stands in its table: both are keyed hashes."""

    def __init__(self, rows: Rows, *, counts: bool = True) -> None:
        self._rows = rows
        self._counts = counts

    def say(
        self, connection: Connection[DictRow], feedback: str, actor: str, said: tuple[str, Passage]
    ) -> None:
        """Writes down for which question a passage helped; the database refuses another reach."""
        question, passage = said
        if not self._counts or not bare(question):
            return
        document, reach, words = self.place(passage)
        connection.execute(
            "insert into library.helped (feedback, document, reach, question, passage, actor)"
            " values (%s, %s, %s, %s, %s, %s)",
            (feedback, document, reach, self._question(question), words, actor),
        )

    def colleagues(
        self, principal: Principal, question: str, reaches: frozenset[str]
    ) -> Mapping[Place, int]:
        """How many others found which passages helpful for this question, within these reaches."""
        if not self._counts or not bare(question) or not reaches:
            return {}
        rows = self._rows.within(Scope(reaches=reaches)).rows(
            "select document, reach, passage, count(distinct actor) as others from library.helped"
            " where reach = any(%s) and question = %s and actor <> %s"
            " group by document, reach, passage",
            (sorted(reaches), self._question(question), principal.actor),
        )
        return {(row["document"], row["reach"], row["passage"]): row["others"] for row in rows}

    def place(self, passage: Passage) -> Place:
        """The same for the same words of a document, whichever version they stand in."""
        words = self._rows.vault.blind("library.helped.passage", bare(passage.text))
        return passage.document, passage.reach, words

    def _question(self, question: str) -> int:
        return self._rows.vault.blind("library.helped.question", bare(question))


def lifted(some: Sequence[T], helped: Sequence[int]) -> list[T]:
    """Those in order, each moved up by one place for each colleague, by MOST at the most.

    ``helped`` counts the colleagues of each. Without any the order stays as it is.
    """

    def at(place: int) -> tuple[float, int]:
        places = min(helped[place], MOST)
        return (place - places - 0.5 if places else place), place

    return [some[place] for place in sorted(range(len(some)), key=at)]
