"""Which policies can decide a request at all, by who asks and for what; the rest is not tried.

A Cedar policy decides nothing unless its head fits: the type of the principal and the action.
What does not fit is left out beforehand, which changes no answer (E. Cutler and others, "Cedar:
A New Language for Expressive, Fast, Safe, and Analyzable Authorization", 2024, section on policy
slicing). A head that is not understood here always fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .engine import PolicySet, of_json

KINDS = ("Person", "Client", "System")


class Slices:
    """One set of policies for each kind of principal and each action; equal ones are shared."""

    def __init__(
        self, policies: Sequence[Mapping[str, Any]], within: Mapping[str, frozenset[str]]
    ) -> None:
        """``policies`` in Cedar's own JSON; ``within`` an action with all groups it is in."""
        shared: dict[tuple[int, ...], PolicySet] = {}
        self._sets: dict[tuple[str, str], PolicySet] = {}
        for kind in KINDS:
            for action, groups in within.items():
                fitting = tuple(
                    number
                    for number, policy in enumerate(policies)
                    if _asks(policy["principal"], kind) and _named(policy["action"], action, groups)
                )
                if fitting not in shared:
                    shared[fitting] = _chosen(policies, fitting)
                self._sets[kind, action] = shared[fitting]

    def of(self, kind: str, action: str) -> PolicySet:
        """Every policy that can decide when a principal of this type asks for this action."""
        return self._sets[kind, action]


def _chosen(policies: Sequence[Mapping[str, Any]], numbers: Iterable[int]) -> PolicySet:
    return of_json({f"policy{number}": policies[number] for number in numbers})


def _asks(head: Mapping[str, Any], kind: str) -> bool:
    """Whether the head of a policy can fit a principal of this type."""
    match head:
        case {"op": "is", "entity_type": str(named)}:
            return named == kind
        case {"op": "==", "entity": {"type": str(named)}}:
            return named == kind
        case _:
            return True


def _named(head: Mapping[str, Any], action: str, groups: frozenset[str]) -> bool:
    """Whether the head of a policy can fit this action."""
    match head:
        case {"op": "==", "entity": {"type": "Action", "id": str(named)}}:
            return named == action
        case {"op": "in", "entity": {"type": "Action", "id": str(named)}}:
            return named in groups
        case {"op": "in", "entities": [*several]}:
            return any(one["type"] != "Action" or one["id"] in groups for one in several)
        case _:
            return True
