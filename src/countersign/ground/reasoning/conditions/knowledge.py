"""What is written down about common conditions: findings, tests, frequencies and their sources."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, Protocol

from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

BANDS: Mapping[str, float] = {
    "almost always": 0.9,
    "very common": 0.75,
    "common": 0.5,
    "occasional": 0.2,
    "rare": 0.05,
    "hardly ever": 0.005,
}
"""P(finding | condition) of each band: an expert's bands, unless ``measured`` says otherwise."""

AGES = (0.0, 1.0, 12.0, 18.0, 40.0, 65.0)
"""Lower ends, in years, of the six age groups that ``ages`` has a multiplier for."""

Learnt = Literal["ask", "examine", "test"]
Sex = Literal["female", "male"]


class KnowledgeInvalid(CountersignError):
    """A file of the knowledge base cannot be used as it is."""

    code = "reasoning.knowledge"
    status = 500
    message = "The knowledge of common conditions is not valid: {reason}. Correct the file."


@dataclass(frozen=True, slots=True)
class Test:
    """What a test asks of the patient: bands from 1 (little) to 4, and minutes to its result."""

    id: str
    name: Words
    cost: int
    burden: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding that the knowledge base knows: ``id`` is its name in the files, ``term`` HPO's.

    ``background`` is its share among patients who come for something else; ``narrows`` the finding
    of which it is a kind; ``lasting`` marks what counts although it is past (smoking, diabetes).
    """

    id: str
    term: str
    name: Words
    learnt: Learnt
    background: float
    question: Words
    test: str | None = None
    narrows: str | None = None
    lasting: bool = False
    unspecific: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """``frequency`` is a rough count in 10,000 first visits, times the multiplier of the age.

    ``findings`` are P(finding | condition), from ``bands`` unless ``measured`` names a source.
    """

    id: str
    disease: str
    name: Words
    frequency: float
    ages: tuple[float, ...]
    findings: Mapping[str, float]
    bands: Mapping[str, str]
    measured: Mapping[str, str]
    sources: tuple[str, ...]
    sex: Sex | None = None
    cannot_miss: bool = False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything in the files, checked; ``version`` names it in receipts and sources.

    ``wider`` gives, for HPO terms without a row of their own, the nearest ones above them that
    have one: who has focal seizures has seizures.
    """

    version: str
    entries: tuple[Entry, ...]
    tests: Mapping[str, Test]
    conditions: tuple[Condition, ...]
    sources: Mapping[str, Words]
    wider: Mapping[str, tuple[str, ...]]


class Folder(Protocol):
    """A folder of files, on disk or in the package."""

    def joinpath(self, *descendants: str) -> Any:
        """What lies in it under that name."""
        ...


@lru_cache(maxsize=1)
def shipped() -> Knowledge:
    """The knowledge base that the product ships."""
    return read(files("countersign.ground.reasoning.conditions").joinpath("knowledge"))


def read(folder: Folder) -> Knowledge:
    """The files of a folder laid out like ours; ``KnowledgeInvalid`` names the first fault."""
    try:
        about = _load(folder, "about.json")
        entries = tuple(map(_entry, _load(folder, "findings.json")))
        tests = {told["id"]: _test(told) for told in _load(folder, "tests.json")}
        groups = sorted(file.name for file in folder.joinpath("conditions").iterdir())
        told = [row for name in groups for row in _load(folder, "conditions", name)]
        conditions = tuple(map(_condition, told))
        sources = {key: _words(value) for key, value in about["sources"].items()}
        wider = {term: tuple(up) for term, up in _load(folder, "wider.json")["wider"].items()}
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise KnowledgeInvalid(reason=f"{type(error).__name__} {error}") from error
    found = Knowledge(about["version"], entries, tests, conditions, sources, wider)
    for fault in faults(found):
        raise KnowledgeInvalid(reason=fault)
    return found


def faults(knowledge: Knowledge) -> Iterable[str]:
    """What does not fit together, one sentence each."""
    known = {entry.id for entry in knowledge.entries}
    yield from _twice("finding", (entry.id for entry in knowledge.entries))
    yield from _twice("term", (entry.term for entry in knowledge.entries))
    yield from _twice("condition", (condition.id for condition in knowledge.conditions))
    yield from _twice("disease", (condition.disease for condition in knowledge.conditions))
    for entry in knowledge.entries:
        if not 0 < entry.background < 1:
            yield f"the background of {entry.id} is not between 0 and 1"
        if entry.narrows is not None and entry.narrows not in known:
            yield f"{entry.id} narrows {entry.narrows}, which is not a finding"
        if (entry.learnt == "test") != (entry.test in knowledge.tests):
            yield f"{entry.id} is learnt from a test that is not listed"
    terms = {entry.term for entry in knowledge.entries}
    for term, up in knowledge.wider.items():
        if term in terms or not up or not set(up) <= terms:
            yield f"{term} must lead to findings that are listed, and not be one itself"
    for condition in knowledge.conditions:
        for name in set(condition.findings) - known:
            yield f"{condition.id} names {name}, which is not a finding"
        for source in set(condition.sources) - set(knowledge.sources):
            yield f"{condition.id} names the source {source}, which is not listed"
        if len(condition.ages) != len(AGES) or min(condition.ages) < 0:
            yield f"{condition.id} needs {len(AGES)} age multipliers of 0 or more"
        if not condition.sources or condition.frequency <= 0:
            yield f"{condition.id} needs a source and a frequency"


def _twice(kind: str, names: Iterable[str]) -> Iterable[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"the {kind} {name} is listed twice"
        seen.add(name)


def _load(folder: Folder, *names: str) -> Any:
    return json.loads(folder.joinpath(*names).read_text(encoding="utf-8"))


def _words(told: Mapping[str, str]) -> Words:
    return Words(told["en"], told["zh"])


def _test(told: Mapping[str, Any]) -> Test:
    return Test(told["id"], _words(told["name"]), told["cost"], told["burden"], told["minutes"])


def _entry(told: Mapping[str, Any]) -> Entry:
    return Entry(
        id=told["id"],
        term=told["term"],
        name=_words(told["name"]),
        learnt=told["learnt"],
        background=told["background"],
        question=_words(told["question"]),
        test=told.get("test"),
        narrows=told.get("narrows"),
        lasting=told.get("lasting", False),
        unspecific=told.get("unspecific", False),
    )


def _condition(told: Mapping[str, Any]) -> Condition:
    bands: dict[str, str] = told["findings"]
    measured: dict[str, Any] = told.get("measured", {})
    shares = {name: BANDS[band] for name, band in bands.items()}
    shares |= {name: float(value["share"]) for name, value in measured.items()}
    if not set(measured) <= set(bands):
        raise ValueError(f"{told['id']}: what is measured must also have a band")
    return Condition(
        id=told["id"],
        disease=told["disease"],
        name=_words(told["name"]),
        frequency=told["frequency"],
        ages=tuple(told["ages"]),
        findings=shares,
        bands=bands,
        measured={name: value["source"] for name, value in measured.items()},
        sources=tuple(dict.fromkeys([*told["sources"], *(v["source"] for v in measured.values())])),
        sex=told.get("sex"),
        cannot_miss=told.get("cannot_miss", False),
    )
