"""Builds the rules of a pack from their rows, refuses what no rule can be, applies changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from countersign.kit.drugs import SUBSTANCES
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

from .drugs import Classes, DrugClass
from .rule import Kind, Level, Rule, Source, When

_TEXT = ("title", "says", "instead")
_NUMBERS = frozenset(
    name.name for name in fields(When) if "below" in name.name or "above" in name.name
) | {"age_from"}
_FLAGS = frozenset({"same", "both", "pregnant", "lactating", "liver"})
_LISTS = frozenset({"disease", "words", "routes"})
_OWN = frozenset({"id", "kind", "level", "drugs", "with", "allergic", "source", "fires", "silent"})
_KNOWN = _OWN | _NUMBERS | _FLAGS | _LISTS | frozenset(_TEXT)
LONGEST = 600
"""Signs of one sentence of a rule."""


class BadRule(CountersignError):
    code = "medication.bad_rule"
    status = 422
    message = "This is no rule: {problem}"


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules by id, the classes that they speak of, and their sources.

    ``version`` changes with every change; ``days`` say for how long a value counts as today's.
    ``broken`` are local rules that this version of the software cannot read any more.
    """

    rules: Mapping[str, Rule]
    classes: Classes
    sources: Mapping[str, Source]
    days: Mapping[str, int]
    version: str = "0"
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One version of one rule: its level set, or a local rule put in (``content``)."""

    number: int
    rule: str
    level: str
    content: Mapping[str, Any] | None = None


def pack(
    classes: Mapping[str, Mapping[str, Any]],
    sources: Mapping[str, Mapping[str, Any]],
    rules: Iterable[Mapping[str, Any]],
    days: Mapping[str, int],
) -> Pack:
    """Raises BadRule for a rule that cannot be read, and for two of one id."""
    known = Classes({name: _class(name, row) for name, row in classes.items()})
    cited = {name: _cited(row) for name, row in sources.items()}
    made: dict[str, Rule] = {}
    for row in rules:
        rule = read_rule(row, known, cited)
        if rule.id in made:
            raise BadRule(problem=Words(f"two are called {rule.id}", f"有两条规则同名 {rule.id}"))
        made[rule.id] = rule
    return Pack(made, known, cited, days)


def changed(base: Pack, changes: Sequence[Change]) -> Pack:
    """The pack with the pharmacy's changes in their order.

    A local rule that cannot be read any more is left out and named: it must not stop the others.
    """
    rules, broken = dict(base.rules), list[str]()
    for change in sorted(changes, key=lambda one: one.number):
        if change.content is not None:
            try:
                made = read_rule(change.content, base.classes, base.sources)
            except BadRule:
                broken.append(change.rule)
                continue
            rules[change.rule] = replace(made, level=Level(change.level), local=True)
        elif change.rule in rules:
            rules[change.rule] = replace(rules[change.rule], level=Level(change.level))
    newest = max((one.number for one in changes), default=0)
    version = f"{base.version}+{newest}" if newest else base.version
    return replace(base, rules=rules, version=version, broken=tuple(broken))


def read_rule(row: Mapping[str, Any], classes: Classes, sources: Mapping[str, Source]) -> Rule:
    """One rule from its row. Raises BadRule, saying what is wrong with it."""
    odd = sorted(set(row) - _KNOWN)
    if odd:
        raise BadRule(problem=Words(f"nothing is called {odd[0]}", f"没有名为 {odd[0]} 的项"))
    identity = str(row.get("id", ""))
    if not identity or not identity.replace("-", "").isalnum() or len(identity) > 64:
        raise BadRule(problem=Words("its name has letters, digits and -", "名称只含字母、数字和 -"))
    said = {name: _words(row, name) for name in _TEXT}
    try:
        kind, level = Kind(row.get("kind")), Level(row.get("level", "inform"))
        source = _source(row["source"], sources)
    except (KeyError, TypeError, ValueError):
        raise BadRule(
            problem=Words("it needs a kind, a level and a source", "须有类别、级别和来源")
        ) from None
    when = _when(row, classes)
    if not when.same and not row.get("drugs"):
        raise BadRule(problem=Words("it names no drug", "未指明药物"))
    fires, silent = tuple(row.get("fires", ())), tuple(row.get("silent", ()))
    if not fires or not silent:
        raise BadRule(
            problem=Words(
                "it needs an example that fires and one that does not",
                "须有触发和不触发的示例各一",
            )
        )
    drugs = _tokens(row.get("drugs", ()), classes)
    return Rule(
        identity, kind, level, drugs, when, said["title"], said["says"], said["instead"], source,
        fires, silent, raw=row,
    )  # fmt: skip


def _cited(row: Mapping[str, Any]) -> Source:
    missing = row.get("unconfirmed")
    unconfirmed = Words(*missing) if missing else None
    return Source(row["cite"], row["published"], row.get("checked", ""), unconfirmed)


def _source(given: Any, sources: Mapping[str, Source]) -> Source:
    """A source of the pack by its name, or one of its own with citation and date."""
    if isinstance(given, str):
        return sources[given]
    cite, published = str(given["cite"]).strip(), str(given["published"]).strip()
    if not cite or not published[:4].isdecimal():
        raise ValueError
    return Source(cite[:LONGEST], published[:10])


def _class(name: str, row: Mapping[str, Any]) -> DrugClass:
    members = {
        one.name for one in SUBSTANCES.values() if any(one.in_class(c) for c in row.get("atc", ()))
    }
    return DrugClass(
        name,
        Words(row["en"], row["zh"]),
        tuple(row.get("names", ())),
        frozenset(members | {SUBSTANCES[also].name for also in row.get("also", ())}),
    )


def _words(row: Mapping[str, Any], name: str) -> Words:
    try:
        en, zh = (str(part).strip()[:LONGEST] for part in row[name])
        return Words(en, zh)
    except (KeyError, TypeError, ValueError):
        raise BadRule(
            problem=Words(f"its {name} is missing in one language", f"缺少一种语言的 {name}")
        ) from None


def _when(row: Mapping[str, Any], classes: Classes) -> When:
    given: dict[str, Any] = {}
    for name in _NUMBERS & set(row):
        number = row[name]
        if isinstance(number, bool) or not isinstance(number, int | float) or number <= 0:
            raise BadRule(problem=Words(f"{name} is no number above 0", f"{name} 须为大于0的数"))
        given[name] = float(number)
    for name in _FLAGS & set(row):
        given[name] = row[name] is True
    for name in _LISTS & set(row):
        given[name] = tuple(str(one) for one in row[name])
    return When(
        other=_tokens(row.get("with", ()), classes),
        allergic=_tokens(row.get("allergic", ()), classes),
        **given,
    )


def _tokens(names: Iterable[str], classes: Classes) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for name in names:
        try:
            found |= classes.tokens(name)
        except KeyError:
            raise BadRule(
                problem=Words(f"no drug or class is called {name}", f"没有名为 {name} 的药物或类别")
            ) from None
    return found
