"""The FHIR R4 CarePlan that enters the chart when a recommendation is signed."""

from __future__ import annotations

from collections.abc import Sequence

from countersign.kit.json import JSON
from countersign.kit.words import Words

_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
CATEGORY = Words("Recommendation from guideline passages", "依据指南段落的建议")


def care_plan(
    patient: str, title: Words, text: Words, created: str, problems: Sequence[str]
) -> JSON:
    """A proposal (``intent``) that orders nothing; ``problems`` are references to Conditions.

    ``created`` is an R4 dateTime.
    """
    plan: JSON = {
        "resourceType": "CarePlan",
        "language": "zh-CN",
        "status": "active",
        "intent": "proposal",
        "category": [bilingual("text", CATEGORY)],
        **bilingual("title", title),
        **bilingual("description", text),
        "subject": {"reference": f"Patient/{patient}"},
        "created": created,
    }
    if problems:
        plan["addresses"] = [{"reference": one} for one in problems]
    return plan


def bilingual(name: str, words: Words) -> JSON:
    """A string in Chinese with the standard translation extension for English."""
    parts = [
        {"url": "lang", "valueCode": "en"},
        {"url": "content", "valueString": words.en},
    ]
    return {name: words.zh, f"_{name}": {"extension": [{"url": _TRANSLATION, "extension": parts}]}}
