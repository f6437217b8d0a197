"""Deciding for many at once answers as deciding one by one."""

from __future__ import annotations

from random import Random

import pytest

from countersign.ground.identity import Action, Policy, PolicyBroken
from countersign.ground.identity.rules import FOLDER, kept, read, understood, written
from ground.identity.requests import a_principal, narrowed, some_facts
from ground.identity.world import World


@pytest.mark.parametrize("action", (Action.CHART_READ, Action.FHIR_READ, Action.DRAFT_DECIDE))
def test_many_at_once_are_decided_as_one_by_one(shared_world: World, action: Action) -> None:
    chance, policy = Random(str(action)), shared_world.policy
    asked = [(narrowed(chance, a_principal(chance)), some_facts(chance)) for _ in range(1_200)]
    together = policy.decide_all(asked, action)
    assert together == [policy.decide(who, action, facts) for who, facts in asked]
    assert {one.allowed for one in together} == {True, False}
    assert policy.decide_all([], action) == []


def test_policies_of_the_past_are_read_as_they_were_kept(world: World) -> None:
    book = read(FOLDER)
    assert understood(kept(written(book.texts))).digest == book.digest
    policy = Policy(world.ledger)
    assert policy.adopt(world.pool)
    stricter = dict(book.texts)
    stricter["local.cedar"] = (
        '@id("nobody")\n@en("Nobody reads.")\n@zh("任何人不得阅读。")\n'
        'forbid (principal, action in Action::"record_read", resource);\n'
    )
    newer = Policy(world.ledger, book=understood(stricter))
    assert newer.adopt(world.pool)
    assert newer.digest != policy.digest
    before = newer.formerly(world.pool, policy.digest)
    assert before.digest == policy.digest and before.rule("nobody") is None
    assert newer.formerly(world.pool, newer.digest) is newer
    with pytest.raises(PolicyBroken):
        newer.formerly(world.pool, "00" * 32)
