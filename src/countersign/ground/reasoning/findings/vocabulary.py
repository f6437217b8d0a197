"""What common findings are called, by the field and by people, in English and in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from countersign.kit.elements import has_chinese
from countersign.kit.words import Language, Words

from .shelf import rows

_CHOICE = re.compile(r"\{([^{}]*)\}")
LIMIT = 12
"""Terms that a lookup returns at most where nothing else is asked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A term with its two labels and whatever else it is called.

    ``lasting`` marks a condition that a history does not end: hypertension of ten years is there.
    """

    term: str
    label: Words
    en: tuple[str, ...]
    zh: tuple[str, ...]
    lasting: bool = False


class Extra(NamedTuple):
    """One label of a term from another list: an ontology's, or one that a hospital keeps."""

    term: str
    label: str


def shipped() -> list[Entry]:
    """The vocabulary that comes with the product, in its own order."""
    return [_entry(cells) for cells in rows("vocabulary")]


def _entry(cells: list[str]) -> Entry:
    term, en, also_en, zh, also_zh, kind = cells
    return Entry(term, Words(en, zh), _all(en, also_en), _all(zh, also_zh), kind == "lasting")


def _all(label: str, also: str) -> tuple[str, ...]:
    phrases = [label, *(phrase for one in also.split("|") if one for phrase in expanded(one))]
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase.strip()))


def expanded(pattern: str) -> Iterator[str]:
    """``{a/b} c`` stands for ``a c`` and ``b c``; ``~`` stays, for the words between two parts."""
    pieces = _CHOICE.split(pattern)
    choices = [piece.split("/") if number % 2 else [piece] for number, piece in enumerate(pieces)]
    for chosen in product(*choices):
        yield "".join(chosen)


class Vocabulary:
    """Labels and lookup over the shipped entries and further labels."""

    def __init__(self, extra: Iterable[Extra] = ()) -> None:
        self.entries: dict[str, Entry] = {entry.term: entry for entry in shipped()}
        self.extra = [one for one in extra if one.label.strip()]
        self._labels: dict[str, Words] = {k: one.label for k, one in self.entries.items()}
        self._add_labels()
        self._names = sorted(
            (name.replace("~", "").lower(), term) for name, term in self.phrases() if name
        )

    def _add_labels(self) -> None:
        said: dict[str, dict[Language, str]] = {}
        for term, label in self.extra:
            said.setdefault(term, {}).setdefault(
                "zh" if has_chinese(label) else "en", label.strip()
            )
        for term, labels in said.items():
            en, zh = labels.get("en"), labels.get("zh")
            self._labels.setdefault(term, Words(en or zh or term, zh or en or term))

    def phrases(self) -> Iterator[tuple[str, str]]:
        """Every phrase with its term; what the product ships comes last, and so wins."""
        for term, label in self.extra:
            yield label.strip(), term
        for entry in self.entries.values():
            for phrase in (*entry.en, *entry.zh):
                yield phrase, entry.term

    def label(self, term: str) -> Words | None:
        """What the term is called; None where it is not known."""
        known = self._labels.get(term)
        if known is None and term.startswith("local:") and len(term) > len("local:"):
            name = term.removeprefix("local:").replace("-", " ")
            return Words(name, name)
        return known

    def lasting(self, term: str) -> bool:
        """Whether a history of it means that it is still there."""
        return term in self.entries and self.entries[term].lasting

    def lookup(self, said: str, language: Language, limit: int = LIMIT) -> list[tuple[str, str]]:
        """Terms whose name begins with, or else holds, what was typed: (term, label).

        Names that are equal come first, then those that begin with it, the shortest first.
        """
        typed = said.strip().lower()
        if not typed or limit < 1:
            return []
        ranked = sorted(
            (0 if name == typed else 1 if name.startswith(typed) else 2, len(name), name, term)
            for name, term in self._names
            if typed in name
        )
        terms = list(dict.fromkeys(term for *_, term in ranked))[:limit]
        return [(term, self._labels[term].into(language)) for term in terms]

    def terms(self) -> Mapping[str, Words]:
        """All that are known, with their labels."""
        return self._labels
