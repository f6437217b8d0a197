"""Makes a plan of what a person filled in, with the sets that stand for each kind of work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from countersign.rooms.modelbench.domain.study.plan import BadPlan, Plan
from countersign.rooms.modelbench.domain.study.reading import plan_of
from countersign.rooms.modelbench.domain.study.sets import OWN, SETS

STANDS_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "record": ("imcs-report", OWN),
    "differential": ("mirage-medqa", "rjua"),
    "answer": ("pubmedqa", "mirage-bioasq"),
    "extraction": ("cblue-cdn", "cblue-ctc"),
    "interview": ("cblue-qic", "cblue-qqr"),
}
"""Which sets judge which kind of work, where a plan does not say it itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """One configuration as it stands in the form; an empty model leaves the line out."""

    label: str = ""
    server: str = ""
    address: str = ""
    model: str = ""
    quantisation: str = ""
    hardware: str = ""
    cards: str = "1"
    like: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Everything of the form, as text."""

    title: str = ""
    lines: tuple[Line, ...] = (Line(), Line())
    sets: tuple[str, ...] = ("imcs-report", "mirage-medqa")
    items: str = "200"
    rates: str = "0.25 0.5 1 2 4"
    seconds: str = "30"
    arrivals: str = "poisson"
    recorded: str = ""
    prompt_tokens: str = "800"
    output_tokens: str = "200"
    first: str = "1.5"
    between: str = "60"
    margin: str = "2"
    daily: str = "3000"
    concurrency: str = "4"
    seed: str = "1"


def plan_from_form(form: Form) -> Plan:
    """The plan. ``between`` is in milliseconds and ``margin`` in points. Raises BadPlan."""
    lines = [one for one in form.lines if one.model.strip()]
    given: dict[str, Any] = {
        "title": form.title,
        "seed": _number("seed", form.seed),
        "daily": _number("daily", form.daily),
        "concurrency": _number("concurrency", form.concurrency),
        "service_level": {
            "first_token": _number("first_token", form.first),
            "per_token": _number("per_token", form.between) / 1000,
        },
        "load": {
            "rates": [
                _number("load.rates", one) for one in re.split(r"[\s,;，；]+", form.rates) if one
            ],
            "seconds": _number("seconds", form.seconds),
            "arrivals": form.arrivals,
            "recorded": form.recorded,
            "prompt_tokens": _number("prompt_tokens", form.prompt_tokens),
            "output_tokens": _number("output_tokens", form.output_tokens),
        },
        "configuration": [_configuration(one, place) for place, one in enumerate(lines, 1)],
        "set": [{"name": one, "items": _number("items", form.items)} for one in form.sets],
        "work": works_for(form.sets, _number("margin", form.margin) / 100),
    }
    return plan_of(given, frozenset(SETS))


def works_for(sets: Sequence[str], margin: float) -> list[dict[str, Any]]:
    """The kinds of work that the chosen sets can judge, each with its chosen sets alone."""
    found: list[dict[str, Any]] = []
    for work, names in STANDS_FOR.items():
        chosen = {name: 1.0 for name in names if name in sets}
        if chosen:
            found.append({"name": work, "sets": chosen, "margin": margin})
    return found


def _configuration(one: Line, place: int) -> dict[str, Any]:
    named = re.sub(r"[^a-z0-9]+", "-", (one.label or one.model).lower()).strip("-")[:40]
    return {
        "key": f"c{place}-{named}".rstrip("-"),
        "label": one.label.strip() or one.model.strip(),
        "server": one.server.strip(),
        "address": one.address.strip(),
        "model": one.model.strip(),
        "quantisation": one.quantisation,
        "hardware": one.hardware,
        "cards": _number("cards", one.cards or "1"),
        "like": one.like,
    }


def _number(field: str, text: str) -> float:
    try:
        value = float(text.strip().replace(",", "."))
    except (ValueError, AttributeError):
        raise BadPlan(field=field, problem="must be a number") from None
    return value
