"""Fills an empty house with the demonstration hospital, through the same doors as real data."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from countersign.doors.fhir.importer import import_fhir
from countersign.ground.db import DbRole
from countersign.ground.identity import LicenceKind, NameTaken, Principal, Purpose, Role
from countersign.ground.jobs import JobContext
from countersign.ground.library import BUILD
from countersign.kit.errors import CountersignError
from countersign.kit.json import encode
from countersign.rooms.cases.service import Cases

from .demonstration import (
    DEPARTMENTS,
    SEED,
    Hospital,
    Person,
    hospital,
    house_bundle,
    patients,
    specimens_bundle,
)
from .guests import PASSWORD
from .house import House
from .stocking import stock

COUNT = 240
INSTALLER = Principal.system("installer")
IMPORTER = Principal.system("importer")
SERVES_ALL = frozenset({"laboratory_technician", "pathologist", "pharmacist", "curator"})
"""Roles that serve every department."""
SOURCE = "demonstration"
SLIDES = "pathology.demonstrate"
CURATOR = "demo-curator"
SENIOR = "demo-senior-physician"
UNFINISHED = "demonstration.unfinished"
COLLECTION = "演示病例集（虚构患者） · Demonstration cases (invented patients)"


class NotFurnished(CountersignError):
    code = "demonstration.refused"
    status = 500
    message = "The demonstration hospital was refused at {file}: {reason}"


def furnished(house: House) -> bool:
    """Whether anybody works here already, and no furnishing was broken off."""
    return bool(house.floor.people.people()) and not _unfinished(house).exists()


def furnish(house: House, progress: Callable[[int, int], None], count: int = COUNT) -> None:
    """People, departments and ``count`` patients; ``progress`` gets how many are there.

    What a start that was interrupted brought stays, and the next one brings the rest.
    """
    _unfinished(house).touch()
    now, chart = house.floor.clock(), house.floor.chart
    chart.receive(IMPORTER, encode(house_bundle()), source=SOURCE, keep_ids=True)
    with TemporaryDirectory(prefix="countersign-") as folder:
        for number, bundle in enumerate(patients(Random(SEED), now, count)):  # noqa: S311
            (Path(folder) / f"{number:04d}.json").write_bytes(encode(bundle))
            progress(number, 2 * count)
        report = import_fhir(
            Path(folder),
            chart,
            house.floor.compute,
            progress=lambda done, total, file: progress(count + done, 2 * count),
        )
    if report.refused:
        raise NotFurnished(file=report.refused[0][0], reason=report.refused[0][1].sentence)
    stock(house.floor.library, CURATOR)
    _staff(house, hospital(), now.date())
    _collection(house)
    _slides(house)
    _unfinished(house).unlink()


def _unfinished(house: House) -> Path:
    """A mark that stands while the hospital is furnished."""
    return house.settings.home / UNFINISHED


def _slides(house: House) -> None:
    """Specimens for slides that a job then draws, since there is none to fetch."""
    house.floor.chart.receive(IMPORTER, encode(specimens_bundle()), source=SOURCE, keep_ids=True)
    with house.database.pool(DbRole.ROOM).transaction() as connection:
        house.floor.jobs.defer(connection, SLIDES, {}, lock=SLIDES)


def _staff(house: House, demo: Hospital, today: date) -> None:
    people = house.floor.people
    for department in demo.departments:
        people.department(department.code, department.name, by=INSTALLER)
    for person in demo.people:
        _person(house, person, today)


def _person(house: House, person: Person, today: date) -> None:
    people = house.floor.people
    name = f"{person.display.zh} {person.display.en}"
    with suppress(NameTaken):
        people.add(name, by=INSTALLER, person=person.id)
    for role in person.roles:
        people.grant(person.id, Role(role), by=INSTALLER)
    for kind in person.licences:
        since, until = today - timedelta(days=400), today + timedelta(days=3 * 365)
        people.license(person.id, LicenceKind(kind), since, until, by=INSTALLER)
    everywhere = SERVES_ALL.intersection(person.roles)
    for department in [one.code for one in DEPARTMENTS] if everywhere else person.departments:
        people.join(person.id, department, by=INSTALLER)
    if person.patient is not None:
        people.own(person.id, person.patient, by=INSTALLER)
    if person.account:
        with suppress(NameTaken):
            house.floor.accounts.create(person.username, person.id, PASSWORD, by=INSTALLER)


def _collection(house: House) -> None:
    """A collection of cases of all these charts, released by the senior physician.

    Its small groups stay in: nobody can be recognised, since everybody is invented.
    """
    floor = house.floor
    cases = Cases(floor.chart, floor.cases, floor.policy)
    for standing in floor.standings.person(SENIOR, floor.clock()):
        if standing.principal.purpose is Purpose.TREATMENT:
            made = floor.cases.start(standing.principal, COLLECTION, ())
            cases.build(made, JobContext(0, BUILD))
            floor.cases.release(standing.principal, made, small=True)
