"""A model's card: what it is for, what not, what it was made of and how well it does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from countersign.kit.json import JSON
from countersign.kit.words import Words

from .errors import IncompleteCard

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")


class ModelKind(StrEnum):
    """What sort of thing proposes."""

    RULES = "rules"
    STATISTICAL = "statistical"
    LANGUAGE = "language"
    SPEECH = "speech"
    PROMPT = "prompt"
    VISION = "vision"
    RETRIEVAL = "retrieval"


@dataclass(frozen=True, slots=True)
class ModelRef:
    """One registered version; ``digest`` is the SHA-256 of what runs, in hexadecimal."""

    name: str
    version: str
    digest: str

    @property
    def label(self) -> str:
        """``name@version``, as the ledger names it."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Data that the model came from, or the statement that it came from none."""

    name: Words
    licence: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement of one group of patients, such as sensitivity "0.91 (0.88–0.93)"."""

    group: Words
    measure: Words
    value: str
    on: Words


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """What was not measured, and why."""

    group: Words
    why: Words


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule or a method comes from; ``date`` is that of the edition used."""

    citation: str
    date: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All of it must be filled in, in both languages. Raises IncompleteCard.

    ``owner`` is the post or department that answers for the model.
    """

    name: str
    version: str
    kind: ModelKind
    title: Words
    intended_use: Words
    not_for: Words
    data: tuple[Dataset, ...]
    performance: tuple[Measured | NotMeasured, ...]
    limits: tuple[Words, ...]
    owner: str
    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        for what, good in (
            ("its name is lower-case letters, digits and -", _NAME.fullmatch(self.name)),
            ("its version is letters, digits, . + and -", _VERSION.fullmatch(self.version)),
            ("it says what data it came from", self.data),
            ("each data set has its licence", all(_said(one.licence) for one in self.data)),
            ("it says how well it does, or why that is not known", self.performance),
            ("each measurement has its value", all(_said(value) for value in self._values())),
            ("it says what it cannot do", self.limits),
            ("it has an owner", _said(self.owner)),
            ("it has its sources", self.sources),
            (
                "each source has its citation and date",
                all(_said(one.citation) and _said(one.date) for one in self.sources),
            ),
        ):
            if not good:
                raise IncompleteCard(name=self.name, what=f"it is not so that {what}")

    def _values(self) -> list[str]:
        return [one.value for one in self.performance if isinstance(one, Measured)]

    def as_json(self) -> JSON:
        """The card as it is stored."""
        return {
            "name": self.name,
            "version": self.version,
            "kind": str(self.kind),
            "title": self.title.as_json(),
            "intended_use": self.intended_use.as_json(),
            "not_for": self.not_for.as_json(),
            "data": [{"name": one.name.as_json(), "licence": one.licence} for one in self.data],
            "performance": [_performance(one) for one in self.performance],
            "limits": [one.as_json() for one in self.limits],
            "owner": self.owner,
            "sources": [
                {"citation": one.citation, "date": one.date, "url": one.url} for one in self.sources
            ],
        }

    @staticmethod
    def from_json(stored: JSON) -> ModelCard:
        """The card that ``as_json`` gave."""
        return ModelCard(
            name=stored["name"],
            version=stored["version"],
            kind=ModelKind(stored["kind"]),
            title=Words(**stored["title"]),
            intended_use=Words(**stored["intended_use"]),
            not_for=Words(**stored["not_for"]),
            data=tuple(Dataset(Words(**one["name"]), one["licence"]) for one in stored["data"]),
            performance=tuple(_read_performance(one) for one in stored["performance"]),
            limits=tuple(Words(**one) for one in stored["limits"]),
            owner=stored["owner"],
            sources=tuple(Source(**one) for one in stored["sources"]),
        )


def _said(text: str) -> bool:
    return bool(text.strip())


def _performance(one: Measured | NotMeasured) -> dict[str, Any]:
    if isinstance(one, NotMeasured):
        return {"group": one.group.as_json(), "why": one.why.as_json()}
    return {
        "group": one.group.as_json(),
        "measure": one.measure.as_json(),
        "value": one.value,
        "on": one.on.as_json(),
    }


def _read_performance(stored: dict[str, Any]) -> Measured | NotMeasured:
    group = Words(**stored["group"])
    if "why" in stored:
        return NotMeasured(group, Words(**stored["why"]))
    return Measured(group, Words(**stored["measure"]), stored["value"], Words(**stored["on"]))
