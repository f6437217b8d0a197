"""Rights read for the auditor are those that a session has, now and at every moment before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from countersign.ground.identity import HOSPITAL_ZONE, Principal, Purpose, Role, Standings
from countersign.ground.vault import HOUSE
from countersign.kit.clock import utc_now
from ground.identity.world import INSTALLER, PASSWORD, World


def session(world: World, name: str) -> Principal:
    """The rights of this moment, as pages get them."""
    found = world.accounts.principal_for(world.accounts.sign_in(name, PASSWORD).token)
    assert found
    return replace(found.principal, session=None)


def delegate(world: World, giver: str, taker: str, kind: str) -> None:
    name = f"{giver}-{taker}-{kind}"[:64]
    box = world.vault.seal(HOUSE, b"on leave", f"delegation/{name}")
    with world.pool.transaction() as connection:
        connection.execute(
            "insert into identity.delegation (id, from_id, to_id, kind, starts, ends, suite,"
            " key_id, box) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (name, giver, taker, kind, world.clock(), world.clock() + timedelta(hours=2),
             int(box.suite), box.key_id, box.box),
        )  # fmt: skip
    with world.pool.transaction() as connection:
        connection.execute("update identity.delegation set accepted_at = now()")


def test_the_past_is_what_the_session_was_then(world: World) -> None:
    standings, people = Standings(world.pool, HOSPITAL_ZONE), world.people
    world.clock.now = utc_now()
    world.department("cardiology", "surgery", "oncology")
    wang = world.person("wang", Role.PHYSICIAN, Role.PATIENT)
    li = world.person("li", Role.SENIOR_PHYSICIAN)
    people.join(wang, "cardiology", by=INSTALLER)
    people.join(li, "surgery", by=INSTALLER)
    people.own(wang, "own-1", by=INSTALLER)
    care = people.care(li, "cared-for", "ward round", by=INSTALLER)
    now = world.clock()
    people.on_duty(wang, "oncology", now, now + timedelta(hours=1), by=INSTALLER)
    remembered = [(now, session(world, "wang"))]
    world.clock.now = utc_now()
    delegate(world, li, wang, "inbox")
    world.clock.now = utc_now()  # the database writes by its own clock when it was accepted
    world.accounts.forget()
    remembered.append((world.clock(), session(world, "wang")))
    world.clock.now = utc_now()
    people.part(wang, "cardiology", by=INSTALLER)
    people.end_care(care, by=INSTALLER)
    people.withdraw(wang, Role.PATIENT, by=INSTALLER)
    licence = people.licences(wang)[0]
    people.revoke_licence(licence.id, "struck off", by=INSTALLER)
    world.clock.now = utc_now()
    world.accounts.forget()
    remembered.append((world.clock(), session(world, "wang")))
    world.clock.move(hours=3)
    world.accounts.forget()
    remembered.append((world.clock(), session(world, "wang")))

    assert len({one.departments for _, one in remembered}) == 4, "each moment is another"
    assert remembered[1][1].care == {"cared-for"} and remembered[1][1].stands_for == {li}
    for at, expected in remembered:
        found = {one.principal.purpose: one.principal for one in standings.person(wang, at)}
        assert found[Purpose.TREATMENT] == expected, at
    assert {one.principal.id for one in standings.everyone(world.clock())} >= {wang, li}
    people.leave(wang, by=INSTALLER)
    assert standings.person(wang, world.clock()) == ()
    assert standings.person(wang, now), "then they had not left"
    assert standings.person("nobody", now) == ()
