"""Answers a question with passages that its asker may see, and says so when there are none."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Literal

from countersign.ground.db import WHOLE, Scope
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.ground.ledger import (
    Entry,
    Event,
    EventKind,
    Ledger,
    LedgerUnavailable,
    Receipt,
    Returned,
)
from countersign.ground.vault import HOUSE, Sealed
from countersign.kit.clock import Clock

from .card import Shelved
from .helped import Helped, lifted
from .identifiers import without_identifiers
from .index import Filling, Index
from .looking import Looked
from .passage import Hit
from .permission import EVERYWHERE, keeper_scope, reader_scope
from .relevance import supports
from .rows import Rows
from .understanding import language_of

LONGEST = 500
"""Characters of a question."""

PATIENCE = 4.0
"""Seconds after which further questions of the same moment are answered by words alone."""

KEPT_DAYS = 180
"""Days for which a question without an answer is kept for the curators."""

_HOUSE = Facts.house("library")


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with the document it stands in. ``helped`` counts the colleagues who found it
    helpful for the same question.
    """

    hit: Hit
    document: Shelved
    helped: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question brought. ``support`` are passages that speak of what was asked, ``near``
    what came nearest without doing so; ``documents`` and ``passages`` were looked through.
    ``aided`` says which of ``meaning`` and ``reranking`` took part in the order, ``without``
    which should have and did not.
    """

    question: str
    support: tuple[Found, ...]
    near: tuple[Found, ...]
    documents: int
    passages: int
    filling: Filling
    receipt: Receipt | None
    aided: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that found nothing, without who asked and about whom."""

    question: str
    language: str
    times: int
    last: date


class Finding:
    """Searches the library for people."""

    def __init__(
        self,
        rows: Rows,
        index: Index,
        ledger: Ledger,
        policy: Policy,
        returned: Returned,
        clock: Clock,
        helped: Helped,
    ) -> None:
        self._rows = rows
        self._index = index
        self._ledger = ledger
        self._policy = policy
        self._returned = returned
        self._clock = clock
        self._helped = helped

    def ask(self, principal: Principal, question: str, limit: int = 10) -> Answer:
        """The passages for a question. Raises Forbidden.

        The question is limited to the asker's reaches before anything is compared; what is
        found is then held against the database, so that what was withdrawn a moment ago is
        not shown.
        """
        question = " ".join(question.split())[:LONGEST]
        answer = self._answers(principal, [question], limit, None, lift=True)[0]
        if question:
            self._keep(principal, question, len(answer.support))
        return answer

    def ask_all(
        self, principal: Principal, questions: Sequence[str], limit: int, patient: str | None = None
    ) -> list[Answer]:
        """Many questions under one receipt; none of them is kept. Raises Forbidden.

        ``patient`` is whose chart asks. What colleagues found helpful counts in ``ask`` alone:
        what is asked for a chart or a model comes in the order of the search.
        """
        return self._answers(principal, questions, limit, patient)

    def _answers(
        self,
        principal: Principal,
        questions: Sequence[str],
        limit: int,
        patient: str | None,
        *,
        lift: bool = False,
    ) -> list[Answer]:
        self._policy.require(principal, Action.LIBRARY_ASK, _HOUSE)
        reaches = reader_scope(self._policy, principal, self._rows.reaches(WHOLE)).reaches
        looked = self._looked(questions, reaches, 2 * limit)
        hits = [one.hits for one in looked]
        known = self._findable(reaches, {one.passage.document for some in hits for one in some})
        found = [
            [
                Found(one, known[one.passage.document])
                for one in some
                if one.passage.document in known
                and known[one.passage.document].version == one.passage.version
            ]
            for some in hits
        ]
        if lift:
            found = [
                self._lifted(principal, question, some, reaches)
                for question, some in zip(questions, found, strict=True)
            ]
        found = [some[:limit] for some in found]
        support = [
            [one for one in some if supports(question, one.hit, one.document.card.title)]
            for question, some in zip(questions, found, strict=True)
        ]
        shown = {one.hit.passage.id: one for some in found for one in some}
        receipt = self._record(principal, list(shown.values()), sum(map(len, support)), patient)
        searched, filling = self._index.within(reaches), self._index.filling
        return [
            Answer(
                question,
                tuple(good),
                tuple(one for one in some if one not in good),
                *searched,
                filling,
                receipt,
                one.aided,
                one.without,
            )
            for some, good, question, one in zip(found, support, questions, looked, strict=True)
        ]

    def _lifted(
        self, principal: Principal, question: str, some: list[Found], reaches: frozenset[str]
    ) -> list[Found]:
        said = self._helped.colleagues(principal, question, reaches)
        if not said:
            return some
        counts = [said.get(self._helped.place(one.hit.passage), 0) for one in some]
        told = [replace(one, helped=count) for one, count in zip(some, counts, strict=True)]
        return lifted(told, counts)

    def _looked(
        self, questions: Sequence[str], reaches: frozenset[str], limit: int
    ) -> list[Looked]:
        """Servers are asked for the first questions only, so that nobody waits for them all."""
        until = time.monotonic() + PATIENCE
        return [
            self._index.look(one, reaches, limit, aided=time.monotonic() < until)
            if one
            else Looked([])
            for one in questions
        ]

    def _findable(self, reaches: frozenset[str], documents: set[str]) -> dict[str, Shelved]:
        """Those that are published and valid today, by the database's own rules."""
        if not documents:
            return {}
        today = self._today()
        known = self._rows.some(Scope(reaches=reaches), documents)
        return {name: one for name, one in known.items() if one.valid(today)}

    def unanswered(self, principal: Principal) -> list[Unanswered]:
        """What people of this curator's departments asked and found nothing for, the most frequent
        first; of people without a department every curator is told. Raises Forbidden.
        """
        self._policy.require(principal, Action.LIBRARY_KEEP, _HOUSE)
        rows = self._rows.within(keeper_scope(self._policy, principal)).rows(
            "select day, language, suite, key_id, box from library.asked where found = 0"
            " order by id desc limit 2000"
        )
        grouped: dict[str, Unanswered] = {}
        for row in rows:
            box = Sealed(row["suite"], row["key_id"], row["box"])
            text = self._rows.vault.open(HOUSE, box, f"library/asked/{row['day']}").decode()
            text = without_identifiers(text)  # what was kept before all of them were known
            before = grouped.get(text.lower())
            times = before.times + 1 if before else 1
            last = before.last if before else row["day"]
            grouped[text.lower()] = Unanswered(text, row["language"], times, last)
        return sorted(grouped.values(), key=lambda one: (-one.times, one.question))

    def forget(self) -> int:
        """Deletes questions past their time; returns how many went."""
        rows = self._rows.within(WHOLE).rows(
            "with gone as (delete from library.asked where day < house.today() - %s returning 1)"
            " select count(*) as n from gone",
            (KEPT_DAYS,),
        )
        return rows[0]["n"]

    def _record(
        self, principal: Principal, found: Sequence[Found], support: int, patient: str | None
    ) -> Receipt | None:
        """One event, which commits to every passage that was shown."""
        entries = [
            Entry(
                "Passage",
                one.hit.passage.id,
                one.document.number,
                sha256(one.hit.passage.text.encode()).hexdigest(),
                "",
            )
            for one in found
        ]
        event = Event(
            EventKind.LIBRARY_SEARCHED,
            principal.actor,
            patient,
            commits={"returned": self._returned.commit(entries)},
            detail={"count": len(found), "support": support},
        )
        try:
            return self._ledger.record(event)
        except LedgerUnavailable:
            self._ledger.record_soon(event)
            return None

    def _keep(self, principal: Principal, question: str, found: int) -> None:
        """For the curators of the asker's departments, without who asked and whom it may name."""
        day = self._rows.within(WHOLE).rows("select house.today() as day")[0]["day"]
        said = without_identifiers(question)
        box = self._rows.vault.seal(HOUSE, said.encode(), f"library/asked/{day}")
        departments = sorted(principal.departments) or [EVERYWHERE]
        self._rows.within(WHOLE).rows(
            "insert into library.asked (day, language, found, departments, suite, key_id, box)"
            " values (%s, %s, %s, %s, %s, %s, %s) returning id",
            (day, _language(question), found, departments, box.suite, box.key_id, box.box),
        )

    def _today(self) -> date:
        return self._rows.within(WHOLE).rows("select house.today() as day")[0]["day"]


def _language(text: str) -> Literal["zh", "en"]:
    return "zh" if language_of(text) == "zh" else "en"
