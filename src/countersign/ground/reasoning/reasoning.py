"""Every engine of this part behind one face, each opened when it is first needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Literal

from countersign.kit.json import JSON
from countersign.kit.words import Language, Words

from .candidate import Ranking
from .conditions import CommonConditions, Question
from .diseases import Disease, DiseaseNames
from .finding import Finding
from .findings import Recogniser, explaining_name, from_chart, labels_from, usually_explained
from .fusion import Everyday, fuse
from .joining import twins
from .phenotypes import Person as Course
from .phenotypes import RareDiseases, UnknownTerm

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who the patient is: completed years and administrative sex, None where not known."""

    age: int | None = None
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """Files of the hospital: Chinese labels of HPO terms, Chinese names of rare diseases, and a
    folder with its own common conditions.
    """

    labels: Path | None = None
    diseases: Path | None = None
    conditions: Path | None = None


class Reasoning:
    """One object for a process, safe to use from many threads.

    ``cache`` is a folder in which compiled annotations are kept; without it each process
    compiles them for some seconds when it is first asked about a rare disease.
    """

    def __init__(self, cache: Path | None = None, files: Vocabularies | None = None) -> None:
        self._files = files or Vocabularies()
        self._lock = Lock()
        self._recogniser: Recogniser | None = None
        self._common: CommonConditions | None = None
        self._diseases: DiseaseNames | None = None
        self._twins: Mapping[str, str] | None = None
        self._rare = RareDiseases.open(cache, labels=self._files.labels, names=self._files.diseases)

    def acknowledgement(self) -> Words:
        """The sentence that the terms of use of the HPO require beside what rests on it."""
        return self._rare.acknowledgement()

    def prepare(self) -> None:
        """Opens what takes seconds, so that nobody waits for it later."""
        self._rare.engine()
        self._same()

    def read(self, text: str) -> tuple[Finding, ...]:
        """Findings of a note in Chinese or English, with their places in it."""
        return self._reading().read(text)

    def of_chart(self, resources: Iterable[JSON], today: date) -> tuple[Finding, ...]:
        """Findings of coded problems, results and family history of a chart."""
        return from_chart(resources, today)

    def lookup(self, said: str, language: Language, limit: int = 8) -> tuple[str, ...]:
        """Terms that a person may mean, the nearest first."""
        return tuple(term for term, _ in self._reading().lookup(said, language, limit))

    def label(self, term: str) -> Words:
        """What a term is called, by whichever vocabulary knows it."""
        return self._commons().name(term) or self._reading().label(term) or self._of_ontology(term)

    def disease(self, said: str) -> Disease | None:
        """The disease of either engine that is called so; None where neither knows it."""
        if self._diseases is None:
            common = [
                Disease(one.disease, one.name) for one in self._commons().knowledge.conditions
            ]
            rare = [Disease(*one) for one in self._rare.diseases()]
            # The same disease stands in both catalogues of rare ones under the same name.
            omim = [one for one in rare if one.id.startswith("OMIM:")]
            self._diseases = DiseaseNames(common, omim, rare)
        return self._diseases.find(said)

    def rank(
        self,
        findings: Sequence[Finding],
        person: Person,
        genes: Sequence[str] = (),
        limit: int = 20,
    ) -> Ranking:
        """Common and rare diseases in one list; see ``fuse``.

        Diagnoses that were known before are context for common conditions alone.
        """
        common = self._commons().rank(findings, person.age, person.sex)
        unlisted = self._commons().unlisted(findings, person.age, person.sex)
        course = Course(age=None if person.age is None else float(person.age), sex=person.sex)
        new = [one for one in findings if not one.known]
        try:
            rare = self._rare.rank(new, genes, course, limit)
        except UnknownTerm:
            real = [one for one in new if self._is_of_ontology(one.term)]
            rare = self._rare.rank(real, genes, course, limit)
        everyday = self._everyday()
        return fuse(common, rare, unlisted, limit=limit, same=self._same(), everyday=everyday)

    def next_questions(
        self, findings: Sequence[Finding], person: Person, limit: int = 6
    ) -> tuple[Question, ...]:
        """What would decide among common conditions, the most telling for its burden first."""
        return self._commons().next_questions(findings, person.age, person.sex, limit)

    def _everyday(self) -> Everyday:
        knowledge = self._commons().knowledge
        seen = {one.term: one.background for one in knowledge.entries}
        return Everyday(usually_explained(), seen, knowledge.wider)

    def _same(self) -> Mapping[str, str]:
        """Which rare diseases are common conditions under another number."""
        if self._twins is None:
            conditions = self._commons().knowledge.conditions
            self._twins = twins(
                [Disease(one.disease, one.name) for one in conditions],
                {other: one.disease for one in conditions for other in one.same},
                self._rare.diseases(),
            )
        return self._twins

    def _is_of_ontology(self, term: str) -> bool:
        return not term.startswith("HP:") or term in self._rare.engine().place

    def _of_ontology(self, term: str) -> Words:
        kind, _, rest = term.partition(":")
        if kind == "ICD10":
            return explaining_name(term) or Words(rest, rest)
        if kind == "gene":
            return Words(f"variant in {rest}", f"{rest}基因变异")
        if kind != "HP":
            name = term.removeprefix("local:").replace("-", " ")
            return Words(name, name)
        return Words(self._rare.label(term, "en"), self._rare.label(term, "zh"))

    def _reading(self) -> Recogniser:
        with self._lock:
            if self._recogniser is None:
                file = self._files.labels
                self._recogniser = Recogniser.open(labels_from(file) if file else ())
            return self._recogniser

    def _commons(self) -> CommonConditions:
        with self._lock:
            if self._common is None:
                self._common = CommonConditions.open(self._files.conditions)
            return self._common
