"""Reads a plan from what a TOML file or a form gives, and writes it down again to be kept."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar, cast

from countersign.kit.json import JSON
from countersign.kit.words import Words

from .plan import (
    LONGEST,
    MOST_CONFIGURATIONS,
    MOST_ITEMS,
    Arrivals,
    BadPlan,
    Configuration,
    Load,
    Plan,
    ServiceLevel,
    SetChoice,
    WorkRule,
)

_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_FILE = re.compile(r"[A-Za-z0-9._-]{0,100}")
T = TypeVar("T")


def plan_of(given: Mapping[str, Any], known_sets: frozenset[str]) -> Plan:
    """The plan that ``given`` writes down. Raises BadPlan naming the field."""
    _only(given, "the plan", _PLAN)
    configurations = _configurations(given)
    sets = tuple(_set(one, known_sets) for one in _tables(given, "set"))
    _distinct([one.name for one in sets], "set")
    load = _load(_table(given, "load"))
    if not sets and not load.rates:
        raise BadPlan(field="the plan", problem="names neither a set nor a load")
    return Plan(
        title=_text(given, "title", "", needed=True),
        configurations=configurations,
        sets=sets,
        load=load,
        level=_level(_table(given, "service_level")),
        works=_works(given, sets),
        seed=_whole(given, "seed", 1, 0, 2**31 - 1),
        daily=_whole(given, "daily", 3000, 1, 10_000_000),
        concurrency=_whole(given, "concurrency", 4, 1, 256),
        temperature=_number(given, "temperature", 0.0, 0.0, 2.0),
        answer_tokens=_whole(given, "answer_tokens", 512, 1, 32_768),
        answer_seconds=_number(given, "answer_seconds", 120.0, 0.1, 3600.0),
    )


def written(plan: Plan) -> JSON:
    """The inverse of ``plan_of``: what is kept, and what ``plan_of`` reads to the same plan."""
    said = asdict(plan)
    said["configuration"] = said.pop("configurations")
    said["set"] = said.pop("sets")
    said["work"] = [{**one, "sets": dict(one["sets"])} for one in said.pop("works")]
    said["service_level"] = said.pop("level")
    said["load"] = {**said["load"], "arrivals": str(plan.load.arrivals)}
    return said


_PLAN = frozenset(
    {one.name for one in fields(Plan)} - {"configurations", "sets", "works", "level"}
    | {"configuration", "set", "work", "service_level"}
)


def _configurations(given: Mapping[str, Any]) -> tuple[Configuration, ...]:
    found = tuple(_configuration(one) for one in _tables(given, "configuration"))
    if not 1 <= len(found) <= MOST_CONFIGURATIONS:
        raise BadPlan(
            field="configuration",
            problem=Words(
                f"must be there 1 to {MOST_CONFIGURATIONS} times",
                f"须出现 1 至 {MOST_CONFIGURATIONS} 次",
            ),
        )
    _distinct([one.key for one in found], "configuration.key")
    return found


def _configuration(given: Mapping[str, Any]) -> Configuration:
    _only(given, "configuration", {one.name for one in fields(Configuration)})
    key = _text(given, "key", "", needed=True)
    if not _KEY.fullmatch(key):
        raise BadPlan(field="configuration.key", problem="may have small letters, digits and ._-")
    server, address = _text(given, "server", ""), _text(given, "address", "").rstrip("/")
    if bool(server) == bool(address):
        raise BadPlan(
            field=f"configuration {key}", problem="needs a server or an address, not both"
        )
    if address and not _ADDRESS.fullmatch(address):
        raise BadPlan(field=f"configuration {key}", problem="has an address that is none")
    return Configuration(
        key=key,
        label=_text(given, "label", key),
        model=_text(given, "model", "", needed=True),
        server=server,
        address=address,
        quantisation=_text(given, "quantisation", ""),
        hardware=_text(given, "hardware", ""),
        cards=_whole(given, "cards", 1, 1, 4096),
        like=_text(given, "like", ""),
    )


def _set(given: Mapping[str, Any], known: frozenset[str]) -> SetChoice:
    _only(given, "set", {"name", "items"})
    name = _text(given, "name", "", needed=True)
    if name not in known:
        raise BadPlan(
            field="set.name",
            problem=Words(f"names {name}, an unknown set", f"所指 {name} 不是已知题集"),
        )
    return SetChoice(name, _whole(given, "items", 200, 0, MOST_ITEMS))


def _load(given: Mapping[str, Any]) -> Load:
    _only(given, "load", {one.name for one in fields(Load)})
    rates = tuple(_is_number("load.rates", one, 0.001, 10_000) for one in _list(given, "rates"))
    if len(rates) > 50 or list(rates) != sorted(set(rates)):
        raise BadPlan(field="load.rates", problem="must rise, in at most 50 steps")
    arrivals = _text(given, "arrivals", Arrivals.POISSON)
    if arrivals not in set(Arrivals):
        raise BadPlan(field="load.arrivals", problem="is none of poisson, bursty, recorded")
    recorded = _text(given, "recorded", "")
    if not _FILE.fullmatch(recorded) or recorded.startswith("."):
        raise BadPlan(field="load.recorded", problem="must be the plain name of a file")
    return Load(
        rates=rates,
        seconds=_number(given, "seconds", 30.0, 0.5, 3600.0),
        arrivals=Arrivals(arrivals),
        recorded=recorded,
        prompt_tokens=_whole(given, "prompt_tokens", 512, 1, 1_000_000),
        output_tokens=_whole(given, "output_tokens", 128, 1, 100_000),
    )


def _level(given: Mapping[str, Any]) -> ServiceLevel:
    _only(given, "service_level", {one.name for one in fields(ServiceLevel)})
    return ServiceLevel(
        _number(given, "first_token", 1.5, 0.001, 3600),
        _number(given, "per_token", 0.06, 0.0001, 60),
        _number(given, "answered", 0.99, 0.0, 1.0),
    )


def _works(given: Mapping[str, Any], sets: tuple[SetChoice, ...]) -> tuple[WorkRule, ...]:
    names = {one.name for one in sets}
    found: list[WorkRule] = []
    for one in _tables(given, "work"):
        _only(one, "work", {"name", "sets", "margin", "least"})
        name = _text(one, "name", "", needed=True)
        weights = {
            key: _is_number(f"work {name}", weight, 0.0001, 1000)
            for key, weight in _table(one, "sets").items()
        }
        if not weights or not weights.keys() <= names:
            raise BadPlan(field=f"work {name}", problem="must weigh sets of this plan")
        margin, least = _number(one, "margin", 0.02, 0.0, 1.0), _number(one, "least", 0.0, 0.0, 1.0)
        found.append(WorkRule(name, weights, margin, least))
    _distinct([one.name for one in found], "work")
    return tuple(found)


def _only(given: Mapping[str, Any], where: str, known: frozenset[str] | set[str]) -> None:
    for name in given:
        if name not in known:
            raise BadPlan(
                field=where,
                problem=Words(
                    f"has {str(name)[:40]}, which is not known", f"含有未知项 {str(name)[:40]}"
                ),
            )


def _distinct(names: list[str], field: str) -> None:
    if len(set(names)) != len(names):
        raise BadPlan(field=field, problem="is there twice")


def _tables(given: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = _list(given, name)
    for one in found:
        if not isinstance(one, Mapping):
            raise BadPlan(field=name, problem="must be tables")
    return cast("list[Mapping[str, Any]]", found)


def _table(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name, {})
    if not isinstance(found, Mapping):
        raise BadPlan(field=name, problem="must be a table")
    return cast("Mapping[str, Any]", found)


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    found = given.get(name, [])
    if not isinstance(found, list | tuple):
        raise BadPlan(field=name, problem="must be a list")
    return list(cast("list[Any]", found))


def _text(given: Mapping[str, Any], name: str, default: str, *, needed: bool = False) -> str:
    found = given.get(name, default)
    if not isinstance(found, str) or len(found) > LONGEST or not found.isprintable():
        raise BadPlan(
            field=name,
            problem=Words(
                f"must be a text of at most {LONGEST} signs", f"须为至多 {LONGEST} 个字符的文本"
            ),
        )
    if needed and not found.strip():
        raise BadPlan(field=name, problem="is missing")
    return found.strip()


def _number(given: Mapping[str, Any], name: str, default: float, low: float, high: float) -> float:
    return _is_number(name, given.get(name, default), low, high)


def _is_number(name: str, found: object, low: float, high: float) -> float:
    try:
        value = float(cast("float", found)) if not isinstance(found, bool | str) else math.nan
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not low <= value <= high:
        raise BadPlan(
            field=name,
            problem=Words(f"must be a number from {low} to {high}", f"须为 {low} 至 {high} 的数"),
        )
    return value


def _whole(given: Mapping[str, Any], name: str, default: int, low: int, high: int) -> int:
    value = _number(given, name, default, low, high)
    if value != int(value):
        raise BadPlan(field=name, problem="must be a whole number")
    return int(value)
