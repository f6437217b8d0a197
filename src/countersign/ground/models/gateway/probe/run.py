"""Probes a server: everything that can be found out within the time, and nothing taken on trust."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from countersign.kit.json import JSON, encode

from . import checks
from .asking import Asking
from .port import Post, Reply
from .reading import dig, text_of
from .result import Probed, ProbedModel
from .software import context, software

LISTED, SAID = 200, 2000
"""Models that are taken from a list, and bytes of what the list says of one."""


def probe(
    post: Post,
    chance: random.Random,
    *,
    models: Sequence[str] | None = None,
    most: int = 4,
    seconds: float = 20.0,
    within: float = 180.0,
    clock: Callable[[], float] = time.monotonic,
) -> Probed:
    """What the server is found to be. Whatever it does is a result; nothing is raised.

    ``models`` names those to try, else the first ``most`` of its list; the others are only
    listed. One request takes at most ``seconds``, everything about ``within``.
    """
    began = clock()
    reply = post("GET", "/models", None, seconds)
    listed = _listed(reply)
    if not listed:
        return Probed(problems=(_unlisted(reply),), seconds=clock() - began)
    first = next(iter(listed.values()))
    kind = software(post, reply, first, min(seconds, 5.0))
    tried = [name for name in listed if models is None or name in models][:most]
    found = {
        name: _model(post, name, said, kind, chance, seconds, clock, began + within)
        for name, said in listed.items()
        if name in tried
    }
    every = tuple(
        found.get(name) or ProbedModel(name=name, said=_short(said))
        for name, said in listed.items()
    )
    return Probed(kind, every, (), round(clock() - began, 3))


def _listed(reply: Reply) -> dict[str, JSON]:
    data = dig(reply.value, "data")
    if not isinstance(data, list):
        return {}
    names = [(text_of(one, "id"), one) for one in cast("list[Any]", data)[:LISTED]]
    return {name: cast("JSON", one) for name, one in names if 0 < len(name) <= 300}


def _unlisted(reply: Reply) -> str:
    if reply.why:
        return reply.why
    if reply.status in (401, 403):
        return "key"
    return "no-models" if isinstance(dig(reply.value, "data"), list) else "foreign"


def _short(said: JSON) -> JSON:
    """What the list says of a model, without what is long."""
    kept: JSON = {}
    for name, value in list(said.items())[:40]:
        if isinstance(value, str | int | float | bool) and len(str(value)) <= 300:
            kept[str(name)[:60]] = value
    return kept if len(encode(kept)) <= SAID else {}


def _model(
    post: Post,
    name: str,
    said: JSON,
    kind: str,
    chance: random.Random,
    seconds: float,
    clock: Callable[[], float],
    until: float,
) -> ProbedModel:
    ask = Asking(post, name, seconds, clock, until)
    found: dict[str, Any] = {}
    problems: list[str] = []

    def add(more: Mapping[str, Any]) -> None:
        problems.extend(code for code in more.get("problems", ()) if code not in problems)
        found.update({key: value for key, value in more.items() if key != "problems" and value})
        found.update({key: value for key, value in more.items() if value is False})

    add(checks.plain(ask))
    if "bounded" in found:
        add(checks.stream(ask))
        ask.room = 16 if found.get("reasoning") else 1
        for check in (
            lambda: checks.schema(ask, chance),
            lambda: checks.json_object(ask),
            lambda: checks.tools(ask, chance),
            lambda: checks.logprobs(ask),
            lambda: checks.seeds(ask),
        ):
            add(check())
        stops = found.get("stops") is True
        if size := context(post, ask, name, said, kind, min(seconds, 5.0), stops=stops):
            found["context"] = size
        if ask.spent:
            problems.append("unfinished")
    return ProbedModel(name=name, said=_short(said), problems=tuple(problems), **found)
