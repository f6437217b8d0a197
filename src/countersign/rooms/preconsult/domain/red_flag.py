"""Dangers that interrupt the questions, found by rules that a physician can read and sign."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from countersign.kit.words import Words

from .telling import denied_taken_out, past_taken_out

LONGEST = 4000
"""Characters that are read; a page takes no more in one answer."""

INFANT_DAYS, NEWBORN_DAYS, CHILD_YEARS = 365, 90, 15


class BadRedFlag(ValueError):
    """A rule that cannot be read; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from, and when that was published."""

    cite: str
    published: str


@dataclass(frozen=True, slots=True)
class RedFlag:
    """One danger. ``ask`` is how it is asked, ``now`` what the patient is told to do at once.

    It is there when every expression of one of ``when`` is found, or one of ``findings`` (terms of
    ``ground/reasoning``) is present. ``past`` makes what is long past count as well.
    """

    id: str
    title: Words
    ask: Words
    now: Words
    source: Source
    when: tuple[tuple[re.Pattern[str], ...], ...]
    findings: frozenset[str] = frozenset()
    past: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What is known of the patient beside the words; None where it is not known."""

    days: int | None = None
    pregnant: bool | None = None

    def marks(self) -> str:
        """The marks that rules may name: [newborn], [infant], [child], [pregnant]."""
        found: list[str] = []
        if self.days is not None:
            limits = (("newborn", NEWBORN_DAYS), ("infant", INFANT_DAYS))
            found += [name for name, limit in limits if self.days < limit]
            if self.days < CHILD_YEARS * 365:
                found.append("child")
        if self.pregnant:
            found.append("pregnant")
        return "".join(f"[{name}]" for name in found)


@dataclass(frozen=True, slots=True)
class RedFlags:
    """The rules of one version; ``found`` reads a patient's words."""

    version: str
    flags: tuple[RedFlag, ...]

    def found(
        self, text: str, about: About | None = None, present: Collection[str] = ()
    ) -> tuple[RedFlag, ...]:
        """Every danger that the words speak of, in the order of the rules.

        ``present`` are the terms of what the patient has now, as it was read or answered.

        Chinese and English are read; words of other languages find nothing, which is why every
        patient is asked about each danger as well.
        """
        told = denied_taken_out(text[:LONGEST])
        marks = (about or About()).marks()
        now = f"{past_taken_out(told)}\n{marks}"
        ever = f"{told}\n{marks}"
        return tuple(
            flag
            for flag in self.flags
            if not flag.findings.isdisjoint(present)
            or _speaks(flag, _first_person(ever) if flag.past else now)
        )

    def one(self, id: str) -> RedFlag | None:
        """The rule of this name."""
        return next((flag for flag in self.flags if flag.id == id), None)


def read_flags(content: Mapping[str, Any]) -> RedFlags:
    """The rules of a parsed file. Raises BadRedFlag."""
    sources = {
        name: Source(one["cite"], one["published"]) for name, one in content["sources"].items()
    }
    classes = {name: f"(?:{words})" for name, words in content.get("classes", {}).items()}
    flags = tuple(_flag(one, sources, classes) for one in content["flag"])
    if len({flag.id for flag in flags}) != len(flags):
        raise BadRedFlag("two rules have the same name")
    return RedFlags(content["version"], flags)


def _flag(
    one: Mapping[str, Any], sources: Mapping[str, Source], classes: Mapping[str, str]
) -> RedFlag:
    try:
        return RedFlag(
            id=one["id"],
            title=_words(one["title"]),
            ask=_words(one["ask"]),
            now=_words(one["now"]),
            source=sources[one["source"]],
            when=tuple(_when(line, classes) for line in one["when"]),
            findings=frozenset(one.get("findings", ())),
            past=one.get("past", False),
        )
    except (KeyError, TypeError, re.error) as problem:
        raise BadRedFlag(f"{one.get('id', '?')}: {problem}") from None


def _when(
    line: Mapping[str, Sequence[str]], classes: Mapping[str, str]
) -> tuple[re.Pattern[str], ...]:
    """Expressions of one language, or of both; ``{name}`` is a class of words. Raises KeyError."""
    ((_, expressions),) = line.items()
    whole = [_CLASS.sub(lambda found: classes[found[1]], one) for one in expressions]
    return tuple(re.compile(one, re.IGNORECASE) for one in whole)


def _words(said: Mapping[str, str]) -> Words:
    return Words(said["en"], said["zh"])


def _speaks(flag: RedFlag, text: str) -> bool:
    return any(all(one.search(text) for one in line) for line in flag.when)


_CLASS = re.compile(r"\{([a-z_]+)\}")
_SOMEBODY_ELSE = re.compile(
    r"(?:我的{0,1}|有个)(?:朋友|同事|邻居|同学)[^，。；,.;]*|\ba (?:friend|neighbour)\b[^,.;]*",
    re.IGNORECASE,
)


def _first_person(text: str) -> str:
    return _SOMEBODY_ELSE.sub("", text)
