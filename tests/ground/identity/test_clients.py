"""Other systems hold a token that is stored as a hash, ends, and can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.ground.db import DbRole
from countersign.ground.identity import (
    Action,
    BadValue,
    Clients,
    Facts,
    Forbidden,
    NotFound,
    Principal,
    Role,
)
from countersign.kit.ids import new_id
from ground.identity.world import INSTALLER, START, World

NEXT_YEAR = START + timedelta(days=365)
READ = {"system/*.read"}


def test_a_token_makes_a_principal_with_scopes_and_departments(world: World) -> None:
    world.department("icu")
    issued = world.clients.issue("Laboratory", READ, {"icu"}, NEXT_YEAR, by=INSTALLER)
    principal = world.clients.principal_for(issued.token)
    assert principal is not None
    assert principal == Principal(
        issued.id,
        "Laboratory",
        "client",
        departments=frozenset({"icu"}),
        scopes=frozenset(READ),
    )
    assert principal.actor == f"client:{issued.id}"
    facts = Facts("Observation", "anna", frozenset({"icu"}))
    assert world.policy.decide(principal, Action.FHIR_READ, facts).allowed
    assert not world.policy.decide(principal, Action.FHIR_WRITE, facts).allowed


def test_only_the_hash_of_a_token_is_stored(world: World) -> None:
    issued = world.clients.issue("Laboratory", READ, (), NEXT_YEAR, by=INSTALLER)
    assert len(issued.token) >= 43
    assert issued.token not in repr(issued)
    assert issued.token not in str(world.pool.rows("select * from identity.client"))
    assert issued.token.encode() not in b"".join(event.body for event in world.events())
    for wrong in ("", issued.token[:-1], issued.id, "\ud800", "é"):
        assert world.clients.principal_for(wrong) is None


def test_a_token_ends_at_its_time_even_when_just_used(world: World) -> None:
    soon = START + timedelta(seconds=1)
    issued = world.clients.issue("Laboratory", READ, (), soon, by=INSTALLER)
    assert world.clients.principal_for(issued.token)
    world.clock.move(seconds=1)
    assert world.clients.principal_for(issued.token) is None


def test_a_revoked_token_ends_at_once_here_and_soon_elsewhere(world: World) -> None:
    issued = world.clients.issue("Laboratory", READ, (), NEXT_YEAR, by=INSTALLER)
    elsewhere = Clients(world.pool, world.ledger, world.policy, world.clock, new_id)
    assert world.clients.principal_for(issued.token)
    assert elsewhere.principal_for(issued.token)
    world.clients.revoke(issued.id, by=INSTALLER)
    assert world.clients.principal_for(issued.token) is None
    world.clock.move(seconds=2)
    assert elsewhere.principal_for(issued.token) is None
    with pytest.raises(NotFound):
        world.clients.revoke("none", by=INSTALLER)
    (client,) = world.clients.all(by=INSTALLER)
    assert (client.id, client.revoked_at) == (issued.id, START)
    assert [event.detail["change"] for event in world.events("person-changed")] == [
        "client-issued",
        "client-revoked",
    ]


def test_what_a_client_cannot_be_given_is_refused(world: World) -> None:
    world.department("icu")
    for name, scopes, departments, expires_at, field in [
        (" ", READ, {"icu"}, NEXT_YEAR, "name"),
        ("Lab", set[str](), {"icu"}, NEXT_YEAR, "scopes"),
        ("Lab", {"system/*.read", "patient/*.read"}, {"icu"}, NEXT_YEAR, "scopes"),
        ("Lab", {"system/*.delete"}, {"icu"}, NEXT_YEAR, "scopes"),
        ("Lab", {"system/*.read\n"}, {"icu"}, NEXT_YEAR, "scopes"),
        ("Lab", READ, {"icu", "nowhere"}, NEXT_YEAR, "departments"),
        ("Lab", READ, {"icu"}, START, "expires_at"),
    ]:
        with pytest.raises(BadValue) as refused:
            world.clients.issue(name, scopes, departments, expires_at, by=INSTALLER)
        assert refused.value.details == {"field": field}
    assert world.clients.all(by=INSTALLER) == ()


def test_only_administrators_look_after_clients(world: World) -> None:
    physician = Principal("p", "P", "person", roles=frozenset({Role.PHYSICIAN}))
    for act in (
        lambda: world.clients.issue("Lab", READ, (), NEXT_YEAR, by=physician),
        lambda: world.clients.revoke("any", by=physician),
        lambda: world.clients.all(by=physician),
    ):
        with pytest.raises(Forbidden):
            act()
    assert world.database.pool(DbRole.IDENTITY).rows("select from identity.client") == []
