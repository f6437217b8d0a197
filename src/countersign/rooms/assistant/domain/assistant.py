"""What a department's assistant is: a small file of data, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from countersign.kit.words import Words

T = TypeVar("T")
_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ICD = re.compile(r"[A-Z][0-9][0-9A-Z.]{0,5}|[A-Z]")
_MOST = 60
"""Entries of one list."""
LONGEST = 300


class BadFile(ValueError):
    """Why a file is no assistant; ``place`` names the entry, ``problem`` says it for people."""

    def __init__(self, place: str, problem: Words) -> None:
        super().__init__(f"{place}: {problem.en}")
        self.place = place
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Collection:
    """What it draws on: documents by ICD-10 (beginnings of codes), home, topic or identifier."""

    icd10: tuple[str, ...]
    homes: tuple[str, ...]
    topics: tuple[str, ...]
    documents: tuple[str, ...]

    def holds(self, document: str, home: str, topic: str, icd10: Iterable[str]) -> bool:
        """Whether a document is one of these."""
        return (
            document in self.documents
            or home in self.homes
            or topic in self.topics
            or any(code.startswith(self.icd10) for code in icd10)
        )


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the recommendation; ``headings`` are words in the headings it quotes from.

    At most ``most`` sentences of each document are quoted in it.
    """

    title: Words
    headings: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What should be known of a patient with one of ``problems`` (beginnings of ICD-10 codes;
    none means always): the codes and words by which charts and documents name it, and after how
    many days it counts as old.
    """

    name: Words
    codes: frozenset[str]
    words: tuple[str, ...]
    problems: tuple[str, ...]
    days: int


@dataclass(frozen=True, slots=True)
class DrugClass:
    """Medicines, and the words by which documents name their class."""

    name: Words
    medicines: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assistant:
    """One department's assistant; ``department`` is its code."""

    id: str
    department: str
    title: Words
    lead: Words
    draws_on: Collection
    sections: tuple[Section, ...]
    measures: tuple[Measure, ...]
    classes: tuple[DrugClass, ...]
    questions: tuple[Words, ...]


def parsed(content: object) -> Assistant:
    """The assistant that a file describes. Raises BadFile for anything unknown or missing."""
    given = _Given(content, "")
    assistant = Assistant(
        id=given.text("id", _ID),
        department=given.text("department", _ID),
        title=given.words("title"),
        lead=given.words("lead"),
        draws_on=_collection(given.child("draws_on")),
        sections=given.each("sections", _section),
        measures=given.each("measures", _measure),
        classes=given.each("classes", _drug_class),
        questions=given.each("questions", lambda one: one.as_words()),
    )
    given.done()
    if not assistant.sections:
        raise BadFile("sections", Words("name at least one", "至少需要一项"))
    return assistant


def _collection(given: _Given) -> Collection:
    made = Collection(
        given.texts("icd10", _ICD), given.texts("homes"), given.texts("topics"),
        given.texts("documents"),
    )  # fmt: skip
    given.done()
    if not (made.icd10 or made.homes or made.topics or made.documents):
        raise BadFile("draws_on", Words("name what it draws on", "请写明所依据的文档"))
    return made


def _section(given: _Given) -> Section:
    made = Section(given.words("title"), given.texts("headings"), given.number("most", 3, 1, 20))
    given.done()
    return made


def _measure(given: _Given) -> Measure:
    made = Measure(
        given.words("name"),
        frozenset(given.texts("codes")),
        given.texts("words"),
        given.texts("problems", _ICD),
        given.number("days", 365, 1, 36500),
    )
    given.done()
    return made


def _drug_class(given: _Given) -> DrugClass:
    made = DrugClass(given.words("name"), given.texts("medicines"), given.texts("words"))
    given.done()
    return made


class _Given:
    """One object of the file; every key that was not asked for is refused by ``done``."""

    def __init__(self, content: object, place: str) -> None:
        if not isinstance(content, dict):
            raise BadFile(place or "file", Words("this is no object", "此处应为对象"))
        self._content = cast("Mapping[str, object]", content)
        self._place = place
        self._asked: set[str] = set()

    def done(self) -> None:
        for name in self._content:
            if name not in self._asked:
                raise self._bad(name, Words("nobody knows this entry", "无法识别此项"))

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        return self._one(name, self._take(name), pattern)

    def texts(self, name: str, pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
        return tuple(self._one(name, one, pattern) for one in self._list(name))

    def number(self, name: str, usual: int, least: int, most: int) -> int:
        value = self._take(name, usual)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            whole = Words(
                f"a whole number from {least} to {most}", f"应为 {least} 至 {most} 的整数"
            )
            raise self._bad(name, whole)
        return value

    def words(self, name: str) -> Words:
        return self.child(name).as_words()

    def as_words(self) -> Words:
        made = Words(self.text("en"), self.text("zh"))
        self.done()
        return made

    def child(self, name: str) -> _Given:
        return _Given(self._take(name), self._at(name))

    def each(self, name: str, make: Callable[[_Given], T]) -> tuple[T, ...]:
        return tuple(
            make(_Given(one, f"{self._at(name)}[{number}]"))
            for number, one in enumerate(self._list(name))
        )

    def _list(self, name: str) -> list[object]:
        value = self._take(name, [])
        if not isinstance(value, list) or len(cast("list[object]", value)) > _MOST:
            raise self._bad(name, Words(f"a list of at most {_MOST}", f"应为至多 {_MOST} 项的列表"))
        return cast("list[object]", value)

    def _one(self, name: str, value: object, pattern: re.Pattern[str] | None) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
            raise self._bad(name, Words("words are missing here", "此处缺少文字"))
        if pattern is not None and not pattern.fullmatch(value):
            raise self._bad(name, Words(f"this cannot be “{value}”", f"不能为“{value}”"))
        return value.strip()

    def _take(self, name: str, usual: object = None) -> object:
        self._asked.add(name)
        return self._content.get(name, usual)

    def _bad(self, name: str, problem: Words) -> BadFile:
        return BadFile(self._at(name), problem)

    def _at(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name
