"""Reads the parts that FHIR resources share: concepts, quantities, dates, labels."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from countersign.kit.elements import first, has_chinese, objects, text
from countersign.kit.json import JSON
from countersign.kit.words import Language


def concept(value: Any, language: Language) -> str:
    """What a CodeableConcept says in a language, or in any, or its code."""
    one = first(value)
    codings = objects(one.get("coding"))
    said = [text(one.get("text")), *(text(coding.get("display")) for coding in codings)]
    said = [words for words in said if words]
    wanted = [words for words in said if has_chinese(words) == (language == "zh")]
    codes = [text(coding.get("code")) for coding in codings]
    return next(iter([*wanted, *said, *codes]), "")


def codes(value: Any, *systems: str) -> list[str]:
    """The codes of a CodeableConcept, of certain systems when some are named."""
    return [
        text(coding.get("code"))
        for one in objects(value)
        for coding in objects(one.get("coding"))
        if coding.get("code") and (not systems or coding.get("system") in systems)
    ]


def number(value: Any) -> Decimal | None:
    """A JSON number as a Decimal, keeping its written precision."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value))
    return None


def when(resource: JSON, *names: str) -> str:
    """The first date among the named elements; of a Period its start."""
    for name in names:
        value = resource.get(name)
        if isinstance(value, str) and value:
            return value
        start = text(first(value).get("start"))
        if start:
            return start
    return ""


def labels(resource: JSON) -> set[str]:
    """The security labels and tags of a resource, by code."""
    meta = first(resource.get("meta"))
    both: Iterable[JSON] = [*objects(meta.get("security")), *objects(meta.get("tag"))]
    return {text(coding.get("code")) for coding in both}


def link(resource: JSON) -> str:
    """``Type/id`` of a resource."""
    return f"{text(resource.get('resourceType'))}/{text(resource.get('id'))}"


TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def translated(resource: JSON, name: str, language: Language) -> str:
    """A text element, or its standard translation where one in ``language`` is there."""
    for extension in objects(resource.get(f"_{name}", {}).get("extension")):
        parts = {part.get("url"): part for part in objects(extension.get("extension"))}
        spoken = parts.get("lang", {}).get("valueCode")
        if extension.get("url") == TRANSLATION and spoken == language and "content" in parts:
            return text(parts["content"].get("valueString"))
    return text(resource.get(name))
