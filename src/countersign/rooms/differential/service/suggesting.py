"""Asks a language model what else to consider, and holds its answer against what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from countersign.ground.chart import PatientChart
from countersign.ground.identity import Principal
from countersign.ground.library import Drugs, Found, check_sentence
from countersign.ground.models import Asked, Asking, Prompt, Ready, Said
from countersign.ground.reasoning import Candidate, Disease, Finding, Holder, Person, Status
from countersign.ground.shell import Floor
from countersign.kit.json import JSON
from countersign.kit.words import Language, Words

from .drafting import Label, told
from .evidence import quoted

MOST = 8
"""Candidates of a model that are looked at."""
LONGEST = 120
"""Characters of the name of one."""
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Further:
    """A candidate that a language model named.

    ``known`` is the disease that the knowledge base has under this name, ``rank`` its place in
    the weighed list (None: not among those shown), ``passage`` what the library says of it.
    ``pro`` and ``contra`` are findings of this patient that the model named for and against
    it; ``wording`` its sentence, where those findings support every word of it.
    """

    name: str
    known: Disease | None
    rank: int | None
    passage: Found | None
    pro: tuple[Finding, ...]
    contra: tuple[Finding, ...]
    wording: str

    @property
    def unchecked(self) -> bool:
        """Whether neither the knowledge base nor the library knows it."""
        return self.known is None and self.passage is None


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the model added; ``baseless`` are names for which it gave no finding of the patient."""

    further: tuple[Further, ...]
    baseless: tuple[str, ...]
    said: Said
    library_away: bool


class Suggesting:
    """One object for a process; ``prompt`` asks for the form that ``_read`` reads."""

    def __init__(self, floor: Floor, prompt: Prompt) -> None:
        self._engines = floor.reasoning
        self._library = floor.library
        self._gateway: Asking = floor.gateway
        self._prompt = prompt
        self._drugs = Drugs()

    def ready(self) -> Ready | None:
        """Who would be asked now; None where the weighed list is the whole answer."""
        return self._gateway.ready(self._prompt.work)

    def suggest(
        self,
        principal: Principal,
        chart: PatientChart,
        person: Person,
        findings: Sequence[Finding],
        ranked: Sequence[Candidate],
        language: Language,
    ) -> Suggested:
        """Candidates beside ``ranked``, which the model is not shown and cannot change.

        It is told findings, age and sex: no name, no number and no text of the note. Raises what
        ``Asking.ask`` raises.
        """
        patient = chart.summary.id
        said = self._gateway.ask(
            Asked(
                prompt=self._prompt,
                values=_values(self._engines.label, findings, person, language),
                by=principal,
                inputs=tuple(dict.fromkeys(_references(chart, findings))),
                patient=patient,
                seconds=SECONDS,
            )
        )
        read = _read(said.value or {}, findings)
        names = [Words(one.name, one.name) for one in read]
        quotes = quoted(self._library, principal, patient, names, language)
        further: list[Further] = []
        for place, one in enumerate(read):
            known = self._engines.disease(one.name)
            passage = quotes.passages[place] if place < len(quotes.passages) else None
            rank = _rank(ranked, known, one.name)
            wording = one.wording if self._supported(one) else ""
            further.append(Further(one.name, known, rank, passage, one.pro, one.contra, wording))
        return Suggested(
            tuple(one for one in further if one.pro),
            tuple(one.name for one in further if not one.pro),
            said,
            quotes.away,
        )

    def _supported(self, one: _Read) -> bool:
        """Whether the sentence says nothing beyond its findings and its own name."""
        findings = (*one.pro, *one.contra)
        told_all = [told(self._engines.label, finding) for finding in findings]
        sources = [one.name, *(words.en for words in told_all), *(words.zh for words in told_all)]
        return bool(one.wording) and check_sentence(one.wording, sources, self._drugs).supported


@dataclass(frozen=True, slots=True)
class _Read:
    name: str
    pro: tuple[Finding, ...]
    contra: tuple[Finding, ...]
    wording: str


def _values(
    label: Label, findings: Sequence[Finding], person: Person, language: Language
) -> dict[str, str]:
    unknown = Words("not known", "不详").into(language)
    sexes = {"male": Words("male", "男"), "female": Words("female", "女")}
    return {
        "age": str(person.age) if person.age is not None else unknown,
        "sex": sexes[person.sex].into(language) if person.sex else unknown,
        "findings": "\n".join(
            f"{number}. {told(label, one).into(language)}"
            for number, one in enumerate(findings, start=1)
        ),
        "language": Words("English", "中文").into(language),
    }


def _read(value: JSON, findings: Sequence[Finding]) -> list[_Read]:
    """What has the form that was asked for; numbers of no finding are left out."""
    listed = value.get("candidates")
    found: dict[str, _Read] = {}
    for one in cast("list[object]", listed)[:MOST] if isinstance(listed, list) else []:
        given = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
        name = " ".join(str(given.get("name", "")).split())
        if not 1 < len(name) <= LONGEST:
            continue
        pro = [
            one
            for one in _numbered(given.get("for"), findings)
            if one.status is not Status.ABSENT or one.holder is Holder.FAMILY
        ]
        contra = _numbered(given.get("against"), findings)
        wording = " ".join(str(given.get("wording", "")).split())[:400]
        found.setdefault(name.casefold(), _Read(name, tuple(pro), tuple(contra), wording))
    return list(found.values())


def _numbered(value: object, findings: Sequence[Finding]) -> list[Finding]:
    numbers = cast("list[object]", value) if isinstance(value, list) else []
    return [
        findings[one - 1]
        for one in dict.fromkeys(n for n in numbers if isinstance(n, int))
        if 1 <= one <= len(findings)
    ]


def _rank(ranked: Sequence[Candidate], known: Disease | None, name: str) -> int | None:
    return next(
        (
            place
            for place, one in enumerate(ranked, start=1)
            if (known is not None and one.disease == known.id)
            or name.casefold() in (one.name.en.casefold(), one.name.zh.casefold())
        ),
        None,
    )


def _references(chart: PatientChart, findings: Sequence[Finding]) -> list[str]:
    own = [one.versioned for one in chart.of("Patient")[:1]]
    places = [one.place for one in findings if one.place is not None]
    return [*own, *(one.source for one in places if one.source != "text")]
