"""Fills an empty house with the demonstration hospital, through the same doors as real data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from countersign.ground.identity import LicenceKind, Principal, Role
from countersign.kit.json import encode

from .demonstration import Hospital, Person, hospital, house_bundle, patients
from .house import House

PASSWORD = "countersign-demo"  # noqa: S105 - printed at every start; the patients are invented
SEED = 20261122
COUNT = 240
INSTALLER = Principal.system("installer")
IMPORTER = Principal.system("importer")
SOURCE = "demonstration"


def furnished(house: House) -> bool:
    """Whether anybody works here already."""
    return bool(house.floor.people.people())


def furnish(house: House, progress: Callable[[int, int], None]) -> None:
    """People, departments and patients; ``progress`` gets how many patients are there.

    People come last, so that a first start that was interrupted begins again.
    """
    demo, now = hospital(), house.floor.clock()
    chart = house.floor.chart
    chart.receive(IMPORTER, encode(house_bundle()), source=SOURCE, departments=(), keep_ids=True)
    for done, bundle in enumerate(patients(Random(SEED), now), 1):  # noqa: S311 - not a secret
        chart.receive(IMPORTER, encode(bundle), source=SOURCE, departments=(), keep_ids=True)
        progress(done, COUNT)
    _staff(house, demo, now.date())


def accounts() -> Iterator[tuple[str, str, str]]:
    """Name, password and title of each demonstration account."""
    for person in hospital().accounts:
        yield person.username, PASSWORD, f"{person.title.zh} · {person.title.en}"


def _staff(house: House, demo: Hospital, today: date) -> None:
    people = house.floor.people
    for department in demo.departments:
        people.department(department.code, department.name, by=INSTALLER)
    for person in demo.people:
        _person(house, person, today)


def _person(house: House, person: Person, today: date) -> None:
    people = house.floor.people
    name = f"{person.display.zh} {person.display.en}"
    people.add(name, by=INSTALLER, person=person.id)
    for role in person.roles:
        people.grant(person.id, Role(role), by=INSTALLER)
    for kind in person.licences:
        since, until = today - timedelta(days=400), today + timedelta(days=3 * 365)
        people.license(person.id, LicenceKind(kind), since, until, by=INSTALLER)
    for department in person.departments:
        people.join(person.id, department, by=INSTALLER)
    if person.patient is not None:
        people.own(person.id, person.patient, by=INSTALLER)
    if person.account:
        house.floor.accounts.create(person.username, person.id, PASSWORD, by=INSTALLER)
