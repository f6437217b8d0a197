"""Sessions end in time, change with the person's rights, and can be listed and ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.ground.db import Pool
from countersign.ground.identity import Forbidden, LicenceKind, NotFound, Purpose, Role
from countersign.ground.identity.fresh import Fresh
from ground.identity.world import INSTALLER, PASSWORD, START, World


def test_a_session_ends_after_half_an_hour_without_use(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    token = world.accounts.sign_in("chen", PASSWORD).token
    for _ in range(4):
        world.clock.move(minutes=25)
        assert world.accounts.principal_for(token) is not None
    world.clock.move(minutes=30)
    assert world.accounts.principal_for(token) is None


def test_a_session_ends_after_twelve_hours_however_busy(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    token = world.accounts.sign_in("chen", PASSWORD).token
    for _ in range(12 * 4 - 1):
        world.clock.move(minutes=15)
        assert world.accounts.principal_for(token) is not None
    world.clock.move(minutes=15)
    assert world.accounts.principal_for(token) is None


def test_rights_follow_what_changed_within_two_seconds(world: World) -> None:
    world.department("cardiology", "icu")
    person = world.person("chen", Role.PHYSICIAN)
    world.people.join(person, "cardiology", by=INSTALLER)
    token = world.accounts.sign_in("chen", PASSWORD).token
    (licence,) = world.people.licences(person)

    world.people.revoke_licence(licence.id, "left the register", by=INSTALLER)
    world.people.withdraw(person, Role.PHYSICIAN, by=INSTALLER)
    world.people.grant(person, Role.AUDITOR, by=INSTALLER)
    world.people.part(person, "cardiology", by=INSTALLER)
    world.people.join(person, "icu", by=INSTALLER)
    world.people.own(person, "anna", by=INSTALLER)
    world.people.rename(person, "New name", by=INSTALLER)

    world.clock.move(seconds=2)
    principal = world.accounts.required(token).principal
    assert principal.roles == {Role.AUDITOR}
    assert principal.departments == {"icu"}
    assert principal.licences == frozenset()
    assert principal.patients == {"anna"}
    assert principal.name == "New name"


def test_duty_care_and_licence_hold_for_their_time_only(world: World) -> None:
    world.department("icu")
    person = world.person("chen", Role.PHYSICIAN)
    begin, end = START + timedelta(minutes=10), START + timedelta(minutes=20)
    world.people.on_duty(person, "icu", begin, end, by=INSTALLER)
    world.people.care(person, "anna", "consultation", by=INSTALLER, starts=begin, ends=end)
    token = world.accounts.sign_in("chen", PASSWORD).token
    seen: list[tuple[set[str], set[str]]] = []
    for _ in range(3):
        principal = world.accounts.required(token).principal
        seen.append((set(principal.departments), set(principal.care)))
        world.clock.move(minutes=10)
    assert seen == [(set(), set()), ({"icu"}, {"anna"}), (set(), set())]


def test_a_licence_ends_at_the_hospitals_midnight(world: World) -> None:
    person = world.person("wu", Role.NURSE)
    today = world.people.today()
    world.people.license(person, LicenceKind.PHARMACIST, today, today, by=INSTALLER)
    world.clock.now = START.replace(hour=15, minute=45)
    token = world.accounts.sign_in("wu", PASSWORD).token
    assert LicenceKind.PHARMACIST in world.accounts.required(token).principal.licences
    world.clock.now = START.replace(hour=16, minute=0)
    assert LicenceKind.PHARMACIST not in world.accounts.required(token).principal.licences


def test_two_seconds_need_one_query_and_the_next_one_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person("chen", Role.PHYSICIAN)
    token = world.accounts.sign_in("chen", PASSWORD).token
    elsewhere = world.process()
    queries: list[str] = []
    real = Pool.transaction

    def counted(pool: Pool) -> object:
        queries.append(str(pool.role))
        return real(pool)

    monkeypatch.setattr(Pool, "transaction", counted)
    for _ in range(5):
        assert elsewhere.principal_for(token)
    assert len(queries) == 1
    world.clock.move(seconds=2)
    assert elsewhere.principal_for(token)
    assert len(queries) == 2


def test_one_sees_and_ends_ones_own_sessions(world: World) -> None:
    chen, wu = world.person("chen", Role.PHYSICIAN), world.person("wu", Role.NURSE)
    first, second = (world.accounts.sign_in("chen", PASSWORD) for _ in range(2))
    other = world.accounts.sign_in("wu", PASSWORD)
    mine = world.accounts.sessions(by=first.principal, person=chen)
    assert {one.id for one in mine} == {first.principal.session, second.principal.session}
    assert {(one.person, one.name, one.purpose) for one in mine} == {
        (chen, "Name of chen", Purpose.TREATMENT)
    }

    assert second.principal.session and other.principal.session
    world.accounts.revoke(second.principal.session, by=first.principal)

    assert world.accounts.principal_for(second.token) is None
    assert world.accounts.principal_for(first.token) is not None
    for act in (
        lambda: world.accounts.sessions(by=first.principal),
        lambda: world.accounts.sessions(by=first.principal, person=wu),
        lambda: world.accounts.revoke(other.principal.session or "", by=first.principal),
        lambda: world.accounts.revoke("unknown", by=first.principal),
    ):
        with pytest.raises(Forbidden):
            act()
    assert world.accounts.principal_for(other.token) is not None


def test_a_security_officer_sees_and_ends_every_session(world: World) -> None:
    chen = world.person("chen", Role.PHYSICIAN)
    officer = world.person("officer", Role.SECURITY_OFFICER)
    token = world.accounts.sign_in("chen", PASSWORD).token
    by = world.accounts.sign_in("officer", PASSWORD).principal
    listed = {one.person: one.id for one in world.accounts.sessions(by=by)}
    assert set(listed) == {chen, officer}

    world.accounts.revoke(listed[chen], by=by)
    world.accounts.revoke(listed[chen], by=by)

    assert world.accounts.principal_for(token) is None
    assert {one.person for one in world.accounts.sessions(by=by)} == {officer}
    (event,) = world.events("sign-out")
    assert (event.actor, event.subject) == (by.actor, f"session:{listed[chen]}")
    assert event.detail == {"revoked": True}
    with pytest.raises(NotFound):
        world.accounts.revoke("unknown", by=by)


def test_a_session_read_before_a_sign_out_is_not_remembered_after_it() -> None:
    fresh: Fresh[str] = Fresh()
    era = fresh.era()
    fresh.forget()
    fresh.keep(b"token", "read before", START, era)
    assert fresh.get(b"token", START) is None
    fresh.keep(b"token", "read after", START, fresh.era())
    assert fresh.get(b"token", START) == "read after"
    assert fresh.get(b"token", START + timedelta(seconds=2)) is None
    assert fresh.get(b"token", START - timedelta(milliseconds=1)) is None


def test_the_memory_of_sessions_is_bounded() -> None:
    fresh: Fresh[int] = Fresh(most=3)
    for number in range(5):
        fresh.keep(bytes([number]), number, START, fresh.era())
    assert [fresh.get(bytes([number]), START) for number in range(5)] == [None, None, 2, 3, 4]
