"""Leaving out policies that cannot decide changes no decision and no reason."""

from __future__ import annotations

from random import Random

import pytest

from countersign.ground.identity import Action, Policy, Principal
from countersign.ground.identity.engine import Answer, actions_within, ask, of_json, with_added
from countersign.ground.identity.entities import (
    ASKED,
    each_role,
    facts_json,
    principal_json,
    uid,
)
from countersign.ground.identity.slices import KINDS, Slices
from ground.identity.requests import a_principal, an_action, narrowed, some_facts
from ground.identity.world import World


def whole(policy: Policy, principal: Principal, action: Action, facts: str) -> Answer:
    """The answer of all policies together."""
    entities = with_added(with_added(policy._base, principal_json(principal)), facts)
    return ask(uid(principal), str(action), ASKED, policy._book.policies, entities)


def test_a_slice_decides_as_all_policies_do_and_for_the_same_reasons(shared_world: World) -> None:
    chance, policy = Random(20261125), shared_world.policy
    for _ in range(400):
        principal = narrowed(chance, a_principal(chance))
        for _ in range(5):
            action, facts = an_action(chance, principal), some_facts(chance)
            expected = whole(policy, principal, action, facts_json(principal, facts))
            found = policy.decide(principal, action, facts)
            assert found.allowed == expected.allowed
            assert found.reasons == (expected.rules or ("nothing-permits",))


def test_every_action_has_its_slice_and_every_policy_is_in_one(shared_world: World) -> None:
    book = shared_world.policy._book
    within = actions_within(book.schema)
    assert set(within) - {"clinical", "looking", "record_read", "record_write", "decisions"} == set(
        Action
    )
    slices = Slices(book.heads, within, each_role())
    everything = frozenset[str]().union(*each_role().values())
    every = "\n".join(
        str(slices.of(kind, action, everything)) for kind in KINDS for action in within
    )
    assert all(f'@id("{rule.id}")' in every for rule in book.rules)


@pytest.mark.parametrize(
    "head",
    (
        {"principal": {"op": "All"}, "action": {"op": "All"}},
        {"principal": {"op": "in", "entity": {"type": "Role", "id": "x"}}, "action": {"op": "?"}},
        {"principal": {"op": "unheard"}, "action": {"op": "in", "entity": {"type": "Other"}}},
        {"principal": {}, "action": {"op": "in", "entities": [{"type": "Other", "id": "x"}]}},
    ),
)
def test_a_head_that_is_not_understood_is_never_left_out(
    shared_world: World, head: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[object] = []
    monkeypatch.setattr(
        "countersign.ground.identity.slices.of_json", lambda some: kept.extend(some) or of_json({})
    )
    Slices([{**head, "effect": "forbid"}], {"chart_read": frozenset({"chart_read"})}, {})
    assert kept == ["policy0"]
