"""Reads the Cedar files once, with the sentence that explains each rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from countersign.kit.words import Words

from .engine import PolicySet, Schema, as_json, as_text, parse
from .errors import PolicyBroken

FOLDER = Path(__file__).parent / "policies"
SCHEMA = "schema.cedar"
_FILE = re.compile(r"^// ([\w-]+\.cedar)\n", re.MULTILINE)

NOTHING_PERMITS = "nothing-permits"
FAILED = "rule-failed"
SCOPE_LACKS = "scope-lacks"
OTHER_REASONS: Mapping[str, Words] = {
    NOTHING_PERMITS: Words(
        "No rule allows it; what no rule allows is forbidden.",
        "没有任何规则允许；凡未允许者一律禁止。",
    ),
    SCOPE_LACKS: Words(
        "No scope of this system or app names it.",
        "该系统或应用的授权范围未包含此项。",
    ),
    FAILED: Words(
        "A rule could not be evaluated, so nothing was allowed.",
        "有规则无法求值，因此不予允许。",
    ),
}
"""Reasons that are not a rule of the files."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy: its identifier, its effect, its reason, the file it stands in and its text."""

    id: str
    effect: Literal["permit", "forbid"]
    words: Words
    file: str
    text: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The parsed policies, and each by itself in Cedar's own JSON (``heads``).

    ``digest`` is the SHA-256 (hex) of all files in order.
    """

    policies: PolicySet
    heads: tuple[Mapping[str, Any], ...]
    schema: Schema
    rules: tuple[Rule, ...]
    texts: Mapping[str, str]
    digest: str


def read(folder: Path = FOLDER) -> RuleBook:
    """Parses and validates every ``*.cedar`` file of a folder.

    Raises PolicyBroken for a file that does not parse, a word that the schema does not
    know, and a rule without an identifier of its own or without a reason in both languages.
    """
    found = sorted(folder.glob("*.cedar"))
    return understood({path.name: path.read_text(encoding="utf-8") for path in found})


def written(texts: Mapping[str, str]) -> str:
    """The files as one text, in the form in which they are kept."""
    return "".join(f"// {name}\n{text}" for name, text in texts.items())


def kept(text: str) -> dict[str, str]:
    """The files of a text that ``written`` made."""
    parts = _FILE.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def understood(texts: Mapping[str, str]) -> RuleBook:
    """The files by name, parsed and validated. Raises PolicyBroken as ``read``."""
    try:
        schema = Schema.from_str(texts.get(SCHEMA, ""))
        files = {name: text for name, text in texts.items() if name != SCHEMA}
        single = [(name, policy) for name, text in files.items() for policy in _single(name, text)]
        rules = tuple(_rule(name, policy) for name, policy in single)
        policies = parse("\n".join(files.values()), schema)
    except ValueError as problem:
        raise PolicyBroken(problem=str(problem)[:400]) from problem
    if len({rule.id for rule in rules}) < len(rules) or not rules:
        raise PolicyBroken(problem="two rules share an identifier, or there is none")
    whole = "".join(f"{name}\n{text}\n" for name, text in texts.items())
    heads = tuple(policy for _, policy in single)
    return RuleBook(policies, heads, schema, rules, texts, sha256(whole.encode()).hexdigest())


def _single(file: str, text: str) -> list[dict[str, Any]]:
    content = as_json(text)
    if content["templates"] or content["templateLinks"]:
        raise PolicyBroken(problem=f"{file} holds a template")
    return list(content["staticPolicies"].values())


def _rule(file: str, policy: dict[str, Any]) -> Rule:
    notes: dict[str, str] = policy.get("annotations", {})
    if not all((notes.get(name) or "").strip() for name in ("id", "en", "zh")):
        raise PolicyBroken(problem=f"a rule of {file} lacks @id, @en or @zh")
    words = Words(notes["en"], notes["zh"])
    return Rule(notes["id"], policy["effect"], words, file, as_text(policy))
