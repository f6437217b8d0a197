"""The Cedar engine with the few calls that the policy needs, typed."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cedarpy
from cedarpy import Entities, PolicySet, Schema

__all__ = [
    "Answer",
    "Entities",
    "PolicySet",
    "Schema",
    "as_json",
    "ask",
    "first_entities",
    "parse",
    "with_added",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """``rules`` are the ``@id`` of the policies that decided; ``failed`` if any gave an error."""

    allowed: bool
    rules: tuple[str, ...]
    failed: bool


def parse(text: str, schema: Schema) -> PolicySet:
    """Raises ValueError when ``text`` does not parse or uses a word unknown to the schema."""
    policies = PolicySet.from_str(text)
    verdict = cedarpy.validate_policies(text, schema)
    if not verdict.validation_passed:
        raise ValueError("; ".join(str(error) for error in verdict.errors))
    return policies


def as_json(text: str) -> dict[str, Any]:
    """The policies as Cedar's own JSON. Raises ValueError."""
    return json.loads(cedarpy.policies_to_json_str(text))


def first_entities(entities: str, schema: Schema) -> Entities:
    """These entities and the actions of the schema with their groups."""
    return Entities.from_json_str(entities, schema)


def with_added(entities: Entities, more: str) -> Entities:
    """A new set; ``entities`` stay as they were and are not parsed again."""
    return entities.with_added_json_str(more)


def ask(
    principal: Mapping[str, str],
    action: str,
    resource: Mapping[str, str],
    policies: PolicySet,
    entities: Entities,
) -> Answer:
    """One decision."""
    request = {
        "principal": dict(principal),
        "action": {"type": "Action", "id": action},
        "resource": dict(resource),
    }
    result = cedarpy.is_authorized(request, policies, entities)
    named: dict[str, str] = result.diagnostics.id_annotations_by_reason
    rules = tuple(sorted(named[reason] for reason in result.diagnostics.reasons))
    return Answer(result.allowed, rules, bool(result.diagnostics.errors))
