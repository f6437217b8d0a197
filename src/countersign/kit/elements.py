"""Reads the elements of JSON that another system wrote, whatever they turn out to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from .json import JSON


def objects(value: Any) -> list[JSON]:
    """The JSON objects in ``value``, whatever it is: an object, a list, or nothing."""
    if isinstance(value, dict):
        return [cast("JSON", value)]
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [cast("JSON", item) for item in items if isinstance(item, dict)]
    return []


def first(value: Any) -> JSON:
    """The first object in ``value``, or an empty one."""
    found = objects(value)
    return found[0] if found else {}


def text(value: Any) -> str:
    """``value`` when it is text, else an empty string."""
    return value if isinstance(value, str) else ""


def codings(value: Any) -> Iterator[tuple[str, str]]:
    """System and code of each coding of one coded element, or of a list of them."""
    for one in objects(value):
        for coding in objects(one.get("coding")):
            yield text(coding.get("system")), text(coding.get("code"))


def has_chinese(words: str) -> bool:
    """Whether there is a CJK unified ideograph in the text."""
    return any("\u4e00" <= sign <= "\u9fff" for sign in words)
