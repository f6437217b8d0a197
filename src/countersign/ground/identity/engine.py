"""The Cedar engine with the few calls that the policy needs, typed."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cedarpy
from cedarpy import Entities, PolicySet, Schema

__all__ = [
    "Answer",
    "Entities",
    "PolicySet",
    "Schema",
    "actions_within",
    "as_json",
    "as_text",
    "ask",
    "ask_all",
    "first_entities",
    "of_json",
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


def of_json(policies: Mapping[str, Any]) -> PolicySet:
    """A set of some of the policies of ``as_json``, by their names there. Raises ValueError."""
    return PolicySet.from_json_str(_set_of(policies))


def as_text(policy: Mapping[str, Any]) -> str:
    """One policy of ``as_json`` as Cedar prints it, without its sentences."""
    bare = {**policy, "annotations": {"id": policy["annotations"]["id"]}}
    return cedarpy.format_policies(cedarpy.policies_from_json_str(_set_of({"policy0": bare})))


def actions_within(schema: Schema) -> dict[str, frozenset[str]]:
    """Each action with itself and every group that it is in, as Cedar understands the schema."""
    return {
        one["uid"]["id"]: frozenset({one["uid"]["id"], *(up["id"] for up in one["parents"])})
        for one in _actions(schema)
    }


def first_entities(schema: Schema) -> Entities:
    """The actions that are in groups. The others need no entity: they equal themselves alone.

    Few entities make each decision quicker: they are copied for each.
    """
    return Entities.from_json_str(json.dumps([one for one in _actions(schema) if one["parents"]]))


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
    return ask_all([(principal, resource)], action, policies, entities)[0]


def ask_all(
    asked: Sequence[tuple[Mapping[str, str], Mapping[str, str]]],
    action: str,
    policies: PolicySet,
    entities: Entities,
) -> list[Answer]:
    """Decisions about the same action, in their order: each a principal and a resource."""
    named = {"type": "Action", "id": action}
    requests = [
        {"principal": dict(principal), "action": named, "resource": dict(resource)}
        for principal, resource in asked
    ]
    return list(map(_answer, cedarpy.is_authorized_batch(requests, policies, entities)))


def _answer(result: cedarpy.AuthzResult) -> Answer:
    named: dict[str, str] = result.diagnostics.id_annotations_by_reason
    rules = tuple(sorted(named[reason] for reason in result.diagnostics.reasons))
    return Answer(result.allowed, rules, bool(result.diagnostics.errors))


def _actions(schema: Schema) -> list[dict[str, Any]]:
    known = json.loads(str(Entities.from_json_str("[]", schema)))
    return [one for one in known if one["uid"]["type"] == "Action"]


def _set_of(policies: Mapping[str, Any]) -> str:
    return json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []})
