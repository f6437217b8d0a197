"""Every change of people leaves a receipt, and the rows say what is true on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from countersign.ground.db import DbRole
from countersign.ground.identity import (
    BadValue,
    Care,
    Directory,
    Duty,
    Forbidden,
    LicenceKind,
    NameTaken,
    NotFound,
    Principal,
    Role,
)
from countersign.ground.ledger import LedgerUnavailable
from countersign.kit.words import Words
from ground.identity.world import INSTALLER, START, World

CLERK = Principal("clerk", "Clerk", "person", roles=frozenset({Role.PHYSICIAN}))
TODAY = date(2026, 11, 22)


def changes(world: World) -> list[str]:
    return [str(event.detail["change"]) for event in world.events("person-changed")]


def test_each_change_is_one_event_about_the_person_by_the_actor(world: World) -> None:
    people = world.people
    people.department("icu", Words("ICU", "重症医学科"), by=INSTALLER)
    person = people.add("李伟", by=INSTALLER)
    people.rename(person, "李薇", by=INSTALLER)
    people.grant(person, Role.PHYSICIAN, by=INSTALLER)
    licence = people.license(
        person, LicenceKind.PHYSICIAN, TODAY, TODAY + timedelta(days=365), by=INSTALLER
    )
    people.join(person, "icu", by=INSTALLER)
    duty = people.on_duty(person, "icu", START, START + timedelta(hours=8), by=INSTALLER)
    care = people.care(person, "anna", "consultation", by=INSTALLER)
    people.own(person, "bela", by=INSTALLER)
    people.disown(person, "bela", by=INSTALLER)
    world.clock.move(minutes=1)
    people.end_care(care, by=INSTALLER)
    people.end_duty(duty, by=INSTALLER)
    people.part(person, "icu", by=INSTALLER)
    people.revoke_licence(licence, "court order", by=INSTALLER)
    people.withdraw(person, Role.PHYSICIAN, by=INSTALLER)
    people.leave(person, by=INSTALLER)

    events = world.events("person-changed")
    assert changes(world) == [
        "department", "added", "renamed", "role-granted", "licensed", "joined", "on-duty",
        "care-began", "own-record", "own-record-ended", "care-ended", "duty-ended", "parted",
        "licence-revoked", "role-withdrawn", "left",
    ]  # fmt: skip
    assert {event.subject for event in events[1:]} == {f"person:{person}"}
    assert {event.actor for event in events} == {"system:installer"}
    assert [event.patient for event in events if event.patient] == ["anna", "bela", "bela", "anna"]
    assert events[4].detail == {
        "change": "licensed",
        "licence": licence,
        "kind": "physician",
        "valid_from": "2026-11-22",
        "valid_to": "2027-11-22",
    }
    assert events[1].commits != events[2].commits
    said = b"".join(event.body for event in events).decode()
    for private in ("李", "consultation", "court order"):
        assert private not in said


def test_a_change_that_changes_nothing_leaves_no_event(world: World) -> None:
    world.department("icu")
    person = world.people.add("Li", by=INSTALLER)
    twice: list[Callable[[], object]] = [
        lambda: world.department("icu"),
        lambda: world.people.grant(person, Role.NURSE, by=INSTALLER),
        lambda: world.people.join(person, "icu", by=INSTALLER),
        lambda: world.people.own(person, "anna", by=INSTALLER),
        lambda: world.people.withdraw(person, Role.NURSE, by=INSTALLER),
        lambda: world.people.leave(person, by=INSTALLER),
        lambda: world.people.rename(person, "Li", by=INSTALLER),
    ]
    for act in twice:
        act()
        before = len(changes(world))
        act()
        assert len(changes(world)) == before


def test_who_may_not_change_people_changes_nothing_and_is_recorded(world: World) -> None:
    with pytest.raises(Forbidden) as refused:
        world.people.add("Li", by=CLERK)
    assert (refused.value.code, refused.value.status) == ("identity.forbidden", 403)
    assert world.people.people() == ()
    (event,) = world.events("access-denied")
    assert event.actor == "person:clerk"
    assert event.detail["action"] == "people_change"
    assert event.detail["rules"] == "nothing-permits"


def test_row_and_event_are_written_together_or_not_at_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = world.people.add("Li", by=INSTALLER)

    def broken(*_: object) -> None:
        raise LedgerUnavailable

    monkeypatch.setattr("countersign.ground.ledger.unit.append_and_commit", broken)
    with pytest.raises(LedgerUnavailable):
        world.people.grant(person, Role.PHYSICIAN, by=INSTALLER)
    assert world.pool.rows("select from identity.role_grant") == []
    assert changes(world) == ["added"]


def test_what_does_not_exist_or_cannot_be_is_refused(world: World) -> None:
    world.department("icu")
    person = world.people.add("Li", person="li", by=INSTALLER)
    assert person == "li"
    refusals: list[tuple[type[Exception], Callable[[], object]]] = [
        (NotFound, lambda: world.people.grant("nobody", Role.NURSE, by=INSTALLER)),
        (NotFound, lambda: world.people.join(person, "nowhere", by=INSTALLER)),
        (NotFound, lambda: world.people.rename("nobody", "x", by=INSTALLER)),
        (NotFound, lambda: world.people.leave("nobody", by=INSTALLER)),
        (NotFound, lambda: world.people.revoke_licence("none", "x", by=INSTALLER)),
        (NotFound, lambda: world.people.end_care("none", by=INSTALLER)),
        (NotFound, lambda: world.people.end_duty("none", by=INSTALLER)),
        (NotFound, lambda: world.people.person("nobody")),
        (NameTaken, lambda: world.people.add("Other", person="li", by=INSTALLER)),
        (BadValue, lambda: world.people.add("  ", by=INSTALLER)),
        (BadValue, lambda: world.people.add("a\0b", by=INSTALLER)),
        (BadValue, lambda: world.people.rename(person, " ", by=INSTALLER)),
        (BadValue, lambda: world.people.care(person, "anna", " ", by=INSTALLER)),
        (BadValue, lambda: world.people.department("no spaces", Words("a", "b"), by=INSTALLER)),
        (
            BadValue,
            lambda: world.people.license(
                person, LicenceKind.NURSE, TODAY, date(2020, 1, 1), by=INSTALLER
            ),
        ),
        (
            BadValue,
            lambda: world.people.on_duty(
                person, "icu", START, START - timedelta(hours=1), by=INSTALLER
            ),
        ),
    ]
    before = changes(world)
    for error, act in refusals:
        with pytest.raises(error):
            act()
    assert changes(world) == before


def test_a_licence_counts_on_its_days_until_it_is_revoked(world: World) -> None:
    person = world.people.add("Li", by=INSTALLER)
    first, last = TODAY - timedelta(days=10), TODAY + timedelta(days=10)
    licence = world.people.license(person, LicenceKind.PHYSICIAN, first, last, by=INSTALLER)
    on = world.people.licence_today
    for day, valid in [
        (first - timedelta(days=1), False),
        (first, True),
        (TODAY, True),
        (last, True),
        (last + timedelta(days=1), False),
    ]:
        assert (on(person, day) is not None) == valid, day
    found = world.people.licences_today(person)[0]
    assert (found.id, found.person, found.kind) == (licence, person, LicenceKind.PHYSICIAN)
    assert (found.valid_from, found.valid_to) == (first, last)

    world.people.revoke_licence(licence, "court order", by=INSTALLER)
    world.people.revoke_licence(licence, "again", by=INSTALLER)

    assert world.people.licences_today(person) == ()
    assert on(person, last) is None
    assert on(person, TODAY - timedelta(days=1)) is not None
    assert changes(world).count("licence-revoked") == 1


def test_the_licence_with_the_widest_powers_comes_first(world: World) -> None:
    person = world.people.add("Li", by=INSTALLER)
    for kind in (LicenceKind.NURSE, LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN):
        world.people.license(person, kind, TODAY, TODAY, by=INSTALLER)
    assert [licence.kind for licence in world.people.licences_today(person)] == [
        LicenceKind.SENIOR_PHYSICIAN,
        LicenceKind.PHYSICIAN,
        LicenceKind.NURSE,
    ]


def test_today_is_the_hospitals_day(world: World) -> None:
    world.clock.now = START.replace(hour=15, minute=59)
    assert world.people.today() == TODAY
    world.clock.now = START.replace(hour=16)
    assert world.people.today() == TODAY + timedelta(days=1)


def test_names_and_departments_are_for_everyone_who_shows_them(world: World) -> None:
    world.people.department("icu", Words("ICU", "重症医学科"), by=INSTALLER)
    world.people.department("icu", Words("Intensive care", "重症医学科"), by=INSTALLER)
    wei = world.people.add("李伟", by=INSTALLER)
    na = world.people.add("王娜", by=INSTALLER)
    world.people.leave(na, by=INSTALLER)
    for role in (DbRole.ROOM, DbRole.SIGNER, DbRole.AUDITOR):
        directory = Directory(world.database.pool(role), world.clock)
        assert directory.names([wei, na, "nobody"]) == {wei: "李伟", na: "王娜"}
        assert {person.id: person.left_at for person in directory.people()} == {
            wei: None,
            na: START,
        }
        assert directory.departments()[0].name == Words("Intensive care", "重症医学科")


def test_the_care_team_is_who_cares_now(world: World) -> None:
    one, two = (world.people.add(name, by=INSTALLER) for name in ("one", "two"))
    care = world.people.care(one, "anna", "ward round", by=INSTALLER)
    world.people.care(two, "anna", "consultation", by=INSTALLER, ends=START + timedelta(hours=1))
    assert world.people.care_team("anna") == {one, two}
    world.clock.move(hours=1)
    assert world.people.care_team("anna") == {one}
    world.people.end_care(care, by=INSTALLER)
    world.people.end_care(care, by=INSTALLER)
    assert world.people.care_team("anna") == frozenset()
    assert changes(world).count("care-ended") == 1


def test_the_administrator_sees_what_was_entered_about_everyone(world: World) -> None:
    world.department("icu")
    person = world.person("chen", Role.PHYSICIAN)
    guest = world.people.add("Guest", by=INSTALLER)
    world.people.join(person, "icu", by=INSTALLER)
    end = START + timedelta(hours=8)
    duty = world.people.on_duty(person, "icu", START, end, by=INSTALLER)
    care = world.people.care(person, "anna", "consultation", by=INSTALLER)
    world.people.own(person, "bela", by=INSTALLER)

    everyone = world.people.profiles(by=INSTALLER)
    profile = world.people.profile(person, by=INSTALLER)

    assert [one.person.id for one in everyone] == [guest, person]
    assert everyone[1] == profile
    assert (everyone[0].username, everyone[0].open, everyone[0].roles) == (None, False, frozenset())
    assert (profile.username, profile.open) == ("chen", True)
    assert (profile.roles, profile.departments) == ({Role.PHYSICIAN}, {"icu"})
    assert profile.patients == {"bela"}
    assert profile.licences == world.people.licences(person)
    assert profile.duties == (Duty(duty, "icu", START, end),)
    assert profile.care == (Care(care, "anna", "consultation", START, None),)
    world.people.leave(person, by=INSTALLER)
    world.people.end_care(care, by=INSTALLER)
    left = world.people.profile(person, by=INSTALLER)
    assert (left.open, left.care) == (False, ())
    for act in (
        lambda: world.people.profiles(by=CLERK),
        lambda: world.people.profile(person, by=CLERK),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(NotFound):
        world.people.profile("nobody", by=INSTALLER)
