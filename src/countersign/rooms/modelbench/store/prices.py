"""Reads price lists: the shipped assumptions, and what the hospital wrote in their place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, cast

from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.study.pricing import HardwarePrice, Prices

SHIPPED = Path(__file__).parent.parent / "prices" / "assumed.toml"
LONGEST = 300
NUMBERS = ("energy", "pue", "people", "place", "host_watts", "busiest")
LIMITS = {"pue": (1.0, 5.0), "busiest": (1 / 24, 1.0), "years": (0.5, 20.0)}
MOST = 1e12


class BadPrices(CountersignError):
    code = "study.bad_prices"
    status = 422
    message = "The price list cannot be used: {field} must be {wanted}. Correct it and save again."


@cache
def shipped_prices() -> Prices:
    """Assumptions of ours, each marked as one."""
    return prices_of(tomllib.loads(SHIPPED.read_text(encoding="utf-8")))


def prices_of(given: Mapping[str, Any]) -> Prices:
    """A price list from what a file, a form or the table holds. Raises BadPrices."""
    rows = given.get("hardware", [])
    if not isinstance(rows, list):
        raise BadPrices(field="hardware", wanted=Words("a list", "列表"))
    found = [_hardware(row) for row in cast("list[Any]", rows)]
    if len({one.key for one in found}) != len(found) or len(found) > 100:
        raise BadPrices(
            field="hardware",
            wanted=Words("a list in which no key stands twice", "代号不重复的列表"),
        )
    numbers = {name: _number(given, name) for name in NUMBERS}
    return Prices(
        currency=_text(given, "currency") or "CNY",
        hardware={one.key: one for one in found},
        noted=_text(given, "noted"),
        source=_text(given, "source"),
        **numbers,
    )


def prices_json(prices: Prices) -> JSON:
    """What is kept; ``prices_of`` reads it back."""
    said = asdict(prices)
    said["hardware"] = list(said["hardware"].values())
    return said


def _hardware(row: Any) -> HardwarePrice:
    if not isinstance(row, dict):
        raise BadPrices(field="hardware", wanted=Words("a list of tables", "表的列表"))
    given = cast("dict[str, Any]", row)
    key = _text(given, "key")
    if not key:
        raise BadPrices(field="hardware", wanted=Words("named by a key each", "各有代号"))
    return HardwarePrice(
        key=key,
        label=_text(given, "label") or key,
        purchase=_number(given, "purchase"),
        years=_number(given, "years"),
        watts=_number(given, "watts"),
        noted=_text(given, "noted"),
        source=_text(given, "source"),
        assumed=bool(given.get("assumed", True)),
    )


def _number(given: Mapping[str, Any], name: str) -> float:
    low, high = LIMITS.get(name, (0.0, MOST))
    try:
        value = float(given.get(name, ""))
    except (TypeError, ValueError, OverflowError):
        value = float("nan")
    if not low <= value <= high:
        raise BadPrices(
            field=name,
            wanted=Words(f"a number from {low:g} to {high:g}", f"{low:g} 至 {high:g} 的数"),
        )
    return value


def _text(given: Mapping[str, Any], name: str) -> str:
    found = given.get(name, "")
    if not isinstance(found, str) or len(found) > LONGEST or not found.isprintable():
        raise BadPrices(
            field=name,
            wanted=Words(f"a text of at most {LONGEST} signs", f"至多 {LONGEST} 个字符的文本"),
        )
    return found.strip()
