"""All that is known of one invented patient while the story is being told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from countersign.kit.json import JSON
from countersign.kit.words import Words

from .body import Body
from .coding import CHINA
from .departments import BEDS_PER_WARD, Department, Place, bed
from .people import Person, working
from .record import Record
from .subject import Subject
from .tables.analyte import Analyte
from .tables.diseases import Disease
from .tables.medicines import Medicine


@dataclass(slots=True)
class Finding:
    """A result of a contact, for the notes; ``flag`` as in :meth:`Analyte.flag`."""

    analyte: Analyte
    value: Decimal
    flag: str
    when: datetime


@dataclass(slots=True)
class Diagnosis:
    disease: Disease
    since: datetime
    resource: JSON
    until: datetime | None = None


@dataclass(slots=True)
class Order:
    medicine: Medicine
    since: datetime
    resource: JSON
    dosage: Words
    inpatient: bool
    until: datetime | None = None


@dataclass(slots=True)
class Contact:
    """A clinic visit (``AMB``), an emergency visit (``EMER``) or an admission (``IMP``).

    ``history`` is the Chinese narrative of the note; ``course`` what happened since;
    ``plan`` what was done when. ``end`` is None while the patient is admitted.
    """

    kind: str
    resource: JSON
    department: Department
    physician: Person
    start: datetime
    end: datetime | None
    reason: Words
    bed: Place | None = None
    history: str = ""
    course: str = ""
    plan: list[tuple[datetime, str]] = field(default_factory=list[tuple[datetime, str]])
    diagnoses: list[Diagnosis] = field(default_factory=list[Diagnosis])
    findings: list[Finding] = field(default_factory=list[Finding])


class Beds:
    """The free beds of the wards; shared by all stories."""

    def __init__(self) -> None:
        self._used: dict[str, set[int]] = {}

    def take(self, rng: Random, code: str) -> Place:
        """A bed that no other admitted patient has; IndexError when the ward is full."""
        used = self._used.setdefault(code, set())
        free = [number for number in range(1, BEDS_PER_WARD + 1) if number not in used]
        number = rng.choice(free)
        used.add(number)
        return bed(code, number)


@dataclass(slots=True)
class Story:
    """``present`` is where this story ends: now, or the last hours of one who died.

    ``margin`` is the number of days before ``present`` that are kept free of clinic visits
    because an admission will fill them; ``plot`` names what brought the patient in, so that
    the history can lead to it; ``died`` is set for the deceased.
    """

    rng: Random
    subject: Subject
    body: Body
    now: datetime
    present: datetime
    record: Record
    beds: Beds
    margin: float = 0
    plot: str = ""
    died: datetime | None = None
    allergies: list[str] = field(default_factory=list[str])
    diagnoses: list[Diagnosis] = field(default_factory=list[Diagnosis])
    orders: list[Order] = field(default_factory=list[Order])
    contacts: list[Contact] = field(default_factory=list[Contact])
    _physicians: dict[str, Person] = field(default_factory=dict[str, Person])

    def ago(self, days: float, hours: float = 0) -> datetime:
        """The moment so long before the end of the story."""
        moment = self.present - timedelta(days=days, hours=hours)
        return moment.replace(second=0, microsecond=0)

    def years(self, low: float, high: float) -> float:
        """Days of follow-up: shorter for those whose admission is told as well."""
        return 365 * self.rng.uniform(low, high) * (0.72 if self.margin else 1)

    def chance(self, share: float) -> bool:
        """True in this share of patients."""
        return self.rng.random() < share

    def curve(self, key: str, *points: tuple[float, float]) -> None:
        """An acute excursion up to the end of the story: (hours before the end, value).

        It is level for a day before the first point and stays where it ends.
        """
        lead = 24
        first = max(hours for hours, _ in points) + lead
        placed = sorted((first - hours, value) for hours, value in points)
        start = self.present - timedelta(hours=first)
        ends = (0, placed[0][1]), (first + 48, placed[-1][1])
        self.body.episode(key, start, ends[0], *placed, ends[1])

    def physician(self, code: str) -> Person:
        """The patient's own physician in a department: the same one every time."""
        if code not in self._physicians:
            doctors = working("physician", code) + working("senior_physician", code)
            self._physicians[code] = self.rng.choice(doctors)
        return self._physicians[code]

    @property
    def home_department(self) -> str:
        """Where the patient was seen most often."""
        codes = [contact.department.code for contact in self.contacts]
        return max(sorted(set(codes)), key=codes.count) if codes else "general-medicine"

    def active(self, when: datetime) -> list[Diagnosis]:
        """Diagnoses known at a moment, earliest first."""
        known = [one for one in self.diagnoses if one.since <= when]
        lasting = [one for one in known if one.until is None or one.until >= when]
        return sorted(lasting, key=lambda one: one.since)

    def taking(self, when: datetime) -> list[Order]:
        """Orders in force at a moment."""
        known = [one for one in self.orders if one.since <= when]
        return [one for one in known if one.until is None or one.until > when]

    def has(self, key: str) -> bool:
        """Whether the disease was ever diagnosed."""
        return any(one.disease.key == key for one in self.diagnoses)

    def free(self, start: datetime, end: datetime) -> bool:
        """Whether no contact lies within a day of the interval."""
        pause = timedelta(hours=20)
        return all(
            (contact.end or self.now) + pause < start or contact.start - pause > end
            for contact in self.contacts
        )

    def office_hour(self, days_ago: float) -> datetime:
        """A moment on a working day near so many days ago, when clinics are open."""
        moment = self.ago(days_ago).astimezone(CHINA)
        while moment.weekday() >= 5:
            moment -= timedelta(days=1)
        hour = self.rng.choice((8, 8, 8, 9, 9, 9, 10, 10))
        return moment.replace(hour=hour, minute=self.rng.randrange(0, 60, 2), second=0)
