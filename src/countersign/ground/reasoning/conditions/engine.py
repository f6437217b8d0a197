"""The face of common conditions: rank them for one patient, and say what to ask next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from countersign.ground.reasoning.candidate import Candidate, Ranking, Weight
from countersign.ground.reasoning.finding import Finding
from countersign.kit.words import Words

from . import asking, limits
from .asking import Question
from .context import in_context
from .knowledge import Condition, Knowledge, Learnt, Sex
from .known import TEMPER, Known, chances, known, likelihoods, posterior
from .reading import Folder, read, shipped
from .tables import Array, Tables, build

SHOWN = 10
"""Candidates that are shown whatever they are; what must not be missed comes on top."""

MISSING = 5
SUPPORT = 1.5
"""From this likelihood ratio on, a present finding keeps a condition that must not be missed."""


@dataclass(frozen=True)
class CommonConditions:
    """Pure once opened: the same findings in any order give the same answer.

    Probabilities are of one condition as the main reason of this visit, and sum to 1 with that of
    "none of the listed conditions"; the shares behind them are mostly an expert's bands, so they
    order and compare, and are not measured rates. Ages are in years.
    """

    tables: Tables

    @classmethod
    def open(cls, folder: Folder | None = None) -> CommonConditions:
        """The shipped knowledge, or a hospital's own in a folder laid out the same way."""
        return cls(build(shipped() if folder is None else read(folder)))

    @property
    def knowledge(self) -> Knowledge:
        """The entries, tests, conditions and sources behind the answers."""
        return self.tables.knowledge

    def rank(
        self,
        findings: Iterable[Finding],
        age_years: float | None = None,
        sex: Sex | None = None,
        limit: int = SHOWN,
    ) -> Ranking:
        """The ``limit`` likeliest conditions, and every one that must not be missed and that a
        present, specific finding speaks for or that the findings together make likelier. Known
        diagnoses are context: see ``in_context``."""
        given = tuple(findings)
        knowing = CommonConditions(in_context(self.tables, given))
        return knowing._rank(given, age_years, sex, limit)

    def _rank(
        self, findings: Iterable[Finding], age_years: float | None, sex: Sex | None, limit: int
    ) -> Ranking:
        state = known(self.tables, findings)
        priors = self.tables.priors(age_years, sex)
        logs = likelihoods(self.tables, state)
        probability = posterior(priors, logs)
        if not state.said:
            return Ranking((), limits.nothing(state.foreign))
        order = [int(column) for column in np.argsort(-probability[:-1], kind="stable")]
        grave = self._grave(state, priors, probability)
        kept = set(order[:limit]) | grave
        shown = [column for column in order if column in kept and priors[column] > 0]
        moved = self._missing(state, probability, shown)
        chance = chances(self.tables, state.status)
        candidates = tuple(
            replace(
                self._candidate(column, state, priors, chance, probability),
                missing=moved[column],
                supported=column in grave,
            )
            for column in shown
        )
        silent = tuple(
            self.knowledge.conditions[column].name
            for column in order
            if self.knowledge.conditions[column].cannot_miss
            and priors[column] > 0
            and column not in grave
        )
        return Ranking(candidates, limits.unanswerable(self.tables, state, probability), silent)

    def next_questions(
        self,
        findings: Iterable[Finding],
        age_years: float | None = None,
        sex: Sex | None = None,
        limit: int = 5,
        kinds: Iterable[Learnt] = ("ask", "examine", "test"),
    ) -> tuple[Question, ...]:
        """What would decide, the most telling for its cost and burden first.

        ``kinds`` restricts it, for example to ``("ask",)`` before the visit.
        """
        given = tuple(findings)
        tables, state = in_context(self.tables, given), known(self.tables, given)
        probability = posterior(tables.priors(age_years, sex), likelihoods(tables, state))
        return asking.questions(tables, state, probability, kinds, limit)

    def question(self, term: str) -> Words | None:
        """The question in plain words that settles a finding; None for a term not known here."""
        row = self.tables.row.get(term)
        return None if row is None else self.knowledge.entries[row].question

    def name(self, term: str) -> Words | None:
        """What a finding is called; None for a term not known here."""
        row = self.tables.row.get(term)
        return None if row is None else self.knowledge.entries[row].name

    def unlisted(
        self,
        findings: Iterable[Finding],
        age_years: float | None = None,
        sex: Sex | None = None,
    ) -> float:
        """The probability that none of the listed conditions is the cause."""
        given = tuple(findings)
        tables, state = in_context(self.tables, given), known(self.tables, given)
        return float(posterior(tables.priors(age_years, sex), likelihoods(tables, state))[-1])

    def _grave(self, state: Known, priors: Array, probability: Array) -> set[int]:
        chance = chances(self.tables, state.status)
        specific = [
            row
            for row, entry in enumerate(self.knowledge.entries)
            if state.status[row] == 1 and not entry.unspecific and row not in state.context
        ]
        kept: set[int] = set()
        for column, condition in enumerate(self.knowledge.conditions):
            if not condition.cannot_miss or priors[column] <= 0:
                continue
            ratios = chance[specific, column] / chance[specific, -1]
            if (ratios >= SUPPORT).any() or probability[column] >= priors[column]:
                kept.add(column)
        return kept

    def _missing(
        self, state: Known, probability: Array, shown: list[int]
    ) -> dict[int, tuple[str, ...]]:
        _, each = asking.singly(probability, chances(self.tables, state.status))
        each[state.status != 0] = 0.0
        found: dict[int, tuple[str, ...]] = {}
        for column in shown:
            best = [int(row) for row in np.argsort(-each[:, column], kind="stable")[:MISSING]]
            found[column] = tuple(
                self.knowledge.entries[row].term for row in best if each[row, column] > 0
            )
        return found

    def _candidate(
        self, column: int, state: Known, priors: Array, chance: Array, probability: Array
    ) -> Candidate:
        """Without what is missing, which is weighed for all at once."""
        condition = self.knowledge.conditions[column]
        return Candidate(
            disease=condition.disease,
            name=condition.name,
            probability=float(probability[column]),
            prior=float(priors[column]),
            prior_source=f"common conditions {self.knowledge.version}, expert band",
            weights=self._weights(column, state, priors, chance),
            missing=(),
            cannot_miss=condition.cannot_miss,
        )

    def _weights(
        self, column: int, state: Known, priors: Array, chance: Array
    ) -> tuple[Weight, ...]:
        """The ratio of each stated finding against all others who come, the most telling first."""
        others = priors.copy()
        others[column] = 0.0
        others /= others.sum()
        found: list[Weight] = []
        for row in state.said:
            entry = self.knowledge.entries[row]
            here, there = float(chance[row, column]), float(chance[row] @ others)
            present = state.status[row] == 1
            ratio = here / there if present else (1 - here) / (1 - there)
            condition = self.knowledge.conditions[column]
            why = limits.why(entry, condition, here, there, present)
            source = f"common conditions {self.knowledge.version}: {_basis(condition, entry.id)}"
            found.append(Weight(entry.term, ratio**TEMPER, why, source))
        found.sort(key=lambda weight: (-abs(np.log(weight.ratio)), weight.term))
        return tuple(found)


def _basis(condition: Condition, name: str) -> str:
    return condition.measured.get(name, "expert band, unreviewed")
