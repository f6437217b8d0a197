"""Kinds of records as hospitals define them: sections, what each takes, and what must be there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

from .fact import Kind

RENDERS = ("chief", "present", "history", "diagnosis", "treatment", "plain")
SIGNERS = ("physician", "nurse")
RISKS = ("low", "medium", "high")
_ID = re.compile(r"^[a-z][a-z_]{0,30}$")
MOST_SECTIONS = 40


class BadKind(CountersignError):
    code = "records.bad_kind"
    status = 422
    message = "This file makes no kind of record: {problem}. Correct it, or take it away."

    def __init__(self, problem: Words) -> None:
        super().__init__(problem=problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Section:
    """``takes`` are facts that are rendered here; ``aliases`` begin a line of key facts."""

    id: str
    title: Words
    render: str
    takes: tuple[Kind, ...]
    aliases: tuple[str, ...]
    required: bool
    hint: Words | None = None


@dataclass(frozen=True, slots=True)
class RecordKind:
    """``signers`` is ``physician`` or ``nurse``; ``loinc`` is the document's type code."""

    id: str
    title: Words
    signers: str
    risk: str
    loinc: str
    source: str
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """The section that this id, title or alias means; None for another word."""
        wanted = name.strip().lower()
        for one in self.sections:
            if wanted in (one.id, one.title.zh, one.title.en.lower(), *one.aliases):
                return one
        return None


def parsed(content: Mapping[str, Any]) -> RecordKind:
    """A kind from its file. Raises BadKind with what is wrong."""
    try:
        sections = tuple(_section(one) for one in content["section"])
        made = RecordKind(
            _text(content, "id"),
            Words(_text(content, "en"), _text(content, "zh")),
            _text(content, "signers"),
            _text(content, "risk"),
            _text(content, "loinc"),
            _text(content, "source"),
            sections,
        )
    except KeyError as missing:
        name = str(missing.args[0])
        raise BadKind(problem=Words(f"“{name}” is missing", f"缺少“{name}”")) from None
    except (TypeError, ValueError):
        raise BadKind(problem=Words("a value has the wrong form", "有值的格式不对")) from None
    _check(made)
    return made


def _check(made: RecordKind) -> None:
    names = [one.id for one in made.sections]
    wrong = (
        not _ID.match(made.id)
        or not 0 < len(names) <= MOST_SECTIONS
        or len(set(names)) < len(names)
        or not all(_ID.match(name) for name in names)
    )
    if wrong:
        raise BadKind(problem=Words("an id is missing or stands twice", "标识缺失或重复"))
    if made.signers not in SIGNERS or made.risk not in RISKS:
        raise BadKind(problem=Words("signers or risk is unknown", "签署人或风险等级无法识别"))
    if any(one.render not in RENDERS for one in made.sections):
        raise BadKind(
            problem=Words("a section is rendered in no known way", "有栏目的呈现方式无法识别")
        )


def _section(content: Mapping[str, Any]) -> Section:
    hint = cast("Mapping[str, Any] | None", content.get("hint"))
    return Section(
        _text(content, "id"),
        Words(_text(content, "en"), _text(content, "zh")),
        _text(content, "render"),
        tuple(Kind(str(one)) for one in content["takes"]),
        tuple(str(one).lower() for one in content["aliases"]),
        bool(content["required"]),
        Words(_text(hint, "en"), _text(hint, "zh")) if hint else None,
    )


def _text(content: Mapping[str, Any], name: str) -> str:
    found = content[name]
    if not isinstance(found, str) or not found.strip() or len(found) > 300:
        raise ValueError(name)
    return found.strip()
