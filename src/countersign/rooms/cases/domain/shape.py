"""Reads the few parts of FHIR resources that a case is made of, and no free text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

from countersign.kit.dates import BadDate, interval
from countersign.kit.elements import first, has_chinese, objects
from countersign.kit.json import JSON
from countersign.kit.words import Words

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
Coded = tuple[str, str, str]
"""System, code, display of the first coding that has a code."""


def codes(value: Any) -> set[str]:
    """All codes of a CodeableConcept or of a list of them, whatever their system."""
    return {
        str(coding["code"])
        for one in objects(value)
        for coding in objects(one.get("coding"))
        if coding.get("code")
    }


def coding(value: Any) -> JSON | None:
    """The first coding with a code; None for a concept of free text, which no case keeps."""
    for one in objects(value):
        for found in objects(one.get("coding")):
            if isinstance(found.get("code"), str) and found["code"]:
                return found
    return None


def called(value: Any, found: JSON) -> Words:
    """What a code is called: its display and its translation, or the code itself.

    The ``text`` of a concept counts only where it is the translation of the display of a
    code, as it is where systems write one language beside the other.
    """
    code = str(found["code"])
    display = found.get("display")
    names = [display if isinstance(display, str) and display.strip() else code]
    names += [one for one in _translations(found) if one.strip()]
    text = first(value).get("text")
    if isinstance(text, str) and text.strip() and len(text) <= SHORT:
        names.append(text)
    chinese = next((one for one in names if has_chinese(one)), names[0])
    english = next((one for one in names if not has_chinese(one)), names[0])
    return Words(english, chinese)


SHORT = 40
"""Characters of a concept's text that can be the name of a code; longer is somebody's prose."""


def _translations(found: JSON) -> list[str]:
    said: list[str] = []
    for extension in objects(first(found.get("_display")).get("extension")):
        if extension.get("url") != TRANSLATION:
            continue
        parts = objects(extension.get("extension"))
        said += [str(part["valueString"]) for part in parts if part.get("valueString")]
    return said


def number(value: Any) -> float | None:
    """A finite JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    found = float(value)
    return found if abs(found) < float("inf") else None


def day(resource: JSON, *names: str) -> date | None:
    """The first day among the named elements; of a Period its start, or its end if asked for
    as ``name.end``.
    """
    for name in names:
        element, _, part = name.partition(".")
        value = resource.get(element)
        if isinstance(value, dict):
            value = cast("JSON", value).get(part or "start")
        if isinstance(value, str) and value:
            try:
                return interval(value).low.date()
            except BadDate:
                continue
    return None
