"""Takes from a model's reading of a patient's words only what stands in them letter for letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from .telling import BLANK, denied_taken_out

MOST, SHORTEST, LONGEST = 20, 1, 200
STATUSES = ("present", "absent", "uncertain")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a model says that the patient said: ``quote`` at ``start`` of the words."""

    quote: str
    start: int
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Reading:
    """``findings`` name what is there, denied or unsure; ``dangers`` name rules by their id."""

    findings: tuple[Claim, ...] = ()
    dangers: tuple[Claim, ...] = ()


def checked(value: Any, words: str, dangers: Sequence[str]) -> Reading:
    """What of an answer can be held against the patient's ``words``; the rest is dropped.

    A quotation that does not stand in them is no quotation. What the patient denies by the rules
    of ``telling`` cannot be present: it is kept as uncertain, and as a danger not at all.
    """
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else dict[str, Any]()
    left = denied_taken_out(words)
    findings = [_claim(one, words, left) for one in _list(given.get("findings"))]
    alarms = [_claim(one, words, left) for one in _list(given.get("dangers"))]
    return Reading(
        tuple(dict.fromkeys(one for one in findings if one is not None)),
        tuple(
            dict.fromkeys(
                one
                for one in alarms
                if one is not None and one.name in dangers and one.status == "present"
            )
        ),
    )


def _claim(one: Any, words: str, left: str) -> Claim | None:
    given = cast("dict[str, Any]", one) if isinstance(one, dict) else dict[str, Any]()
    quote, name = str(given.get("quote", "")).strip(), str(given.get("name", "")).strip()
    status = str(given.get("status", "present"))
    start = words.find(quote)
    if not SHORTEST <= len(quote) <= LONGEST or start < 0 or not name or status not in STATUSES:
        return None
    if status == "present" and BLANK in left[start : start + len(quote)]:
        status = "uncertain"
    return Claim(quote, start, name, status)


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value)[:MOST] if isinstance(value, list) else []
