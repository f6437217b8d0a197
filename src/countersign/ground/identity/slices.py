"""Which policies can decide a request at all, by who asks and for what; the rest is not tried.

A Cedar policy decides nothing unless its head fits: the type of the principal, the role that it
is in, and the action. What does not fit is left out beforehand, which changes no answer (J. W.
Cutler and others, "Cedar: A New Language for Expressive, Fast, Safe, and Analyzable
Authorization", 2024, on policy slicing). A head that is not understood here always fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from .engine import PolicySet, of_json

KINDS = ("Person", "Client", "System")
USUAL = 3
"""Roles of one person for which slices are made at the start; those of others as they come."""


class Slices:
    """One set of policies for each kind of principal, action and roles; equal ones are shared."""

    def __init__(
        self,
        policies: Sequence[Mapping[str, Any]],
        within: Mapping[str, frozenset[str]],
        roles: Mapping[str, frozenset[str]],
    ) -> None:
        """``policies`` in Cedar's own JSON; ``within`` an action, and ``roles`` a role, each with
        itself and all groups that it is in.
        """
        self._policies = policies
        self._asked = {
            (kind, action): [
                (number, _role(policy["principal"]))
                for number, policy in enumerate(policies)
                if _asks(policy["principal"], kind) and _named(policy["action"], action, groups)
            ]
            for kind in KINDS
            for action, groups in within.items()
        }
        self._mentioned = {
            asked: frozenset(role for _, role in fitting if role is not None)
            for asked, fitting in self._asked.items()
        }
        self._shared: dict[tuple[int, ...], PolicySet] = {}
        self._sets: dict[tuple[str, str, frozenset[str]], PolicySet] = {}
        usual = [one for count in range(USUAL + 1) for one in combinations(sorted(roles), count)]
        for held in {frozenset[str]().union(*(roles[role] for role in one)) for one in usual}:
            for kind, action in self._asked:
                self.of(kind, action, held)

    def of(self, kind: str, action: str, held: frozenset[str]) -> PolicySet:
        """Every policy that can decide when a principal of this type, who is in these roles and
        groups, asks for this action.
        """
        key = (kind, action, held & self._mentioned[kind, action])
        found = self._sets.get(key)
        if found is None:
            found = self._sets[key] = self._made(*key)
        return found

    def _made(self, kind: str, action: str, held: frozenset[str]) -> PolicySet:
        fitting = tuple(
            number for number, role in self._asked[kind, action] if role is None or role in held
        )
        if fitting not in self._shared:
            self._shared[fitting] = _chosen(self._policies, fitting)
        return self._shared[fitting]


def _chosen(policies: Sequence[Mapping[str, Any]], numbers: Iterable[int]) -> PolicySet:
    return of_json({f"policy{number}": policies[number] for number in numbers})


def _role(head: Mapping[str, Any]) -> str | None:
    """The one role or group that a person must be in for this head to fit; None for any."""
    match head:
        case {
            "op": "is",
            "entity_type": "Person",
            "in": {"entity": {"type": "Role", "id": str(named)}},
        }:
            return named
        case _:
            return None


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
