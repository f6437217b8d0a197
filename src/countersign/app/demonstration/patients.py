"""The patients of the demonstration hospital, one transaction bundle each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from countersign.kit.json import JSON
from countersign.kit.words import Words

from .archetypes.incidental import incidental
from .body import Body
from .cast import OWN, PLOTS, Part, call, few
from .coding import CHINA
from .names import draw
from .people import OWN_PATIENT_NAME
from .record import Record
from .story import Beds, Story
from .subject import Subject, patient_resource
from .tables.events import FOODS
from .writing.acts import book
from .writing.care import team
from .writing.contacts import finish
from .writing.orders import stop
from .writing.problems import write_allergies

SEED = 2026
"""The seed whose patients the tests know; any other gives another hospital of the same kind."""
ENOUGH = 60
"""Resources below which a story gets another small visit."""
_MARGIN = 12.0
_CHECK = Words("Follow-up", "复诊")
_ELDERLY = {"hyponatraemia": (71, 86), "hypoglycaemia": (64, 80), "injury": (60, 78)}


def patients(rng: Random, today: datetime, count: int | None = None) -> Iterator[JSON]:
    """Bundles in the order of the record numbers; the same for the same seed and moment.

    ``today`` is the present moment with a time zone: nothing that has happened is later,
    and the freshest results are an hour or two older. Only appointments lie ahead. With
    ``count`` there are only so many, every situation among them.
    """
    now = today.astimezone(CHINA).replace(microsecond=0)
    beds, taken = Beds(), {OWN_PATIENT_NAME.words.zh}
    called = call(rng)
    wanted = few(called, len(called) if count is None else count)
    for number, (part, plot) in enumerate(called, start=1):
        own = Random(rng.getrandbits(64))  # noqa: S311  (invented people, no secret)
        if number not in wanted:
            continue
        subject = _subject(own, number, part, plot, taken, now)
        yield _told(_story(own, subject, now, plot, beds), part)


def _subject(
    rng: Random, number: int, part: Part, plot: str, taken: set[str], now: datetime
) -> Subject:
    female = rng.random() < part.women
    name = OWN_PATIENT_NAME if part is OWN else draw(rng, female, taken)
    low, high = _ELDERLY.get(plot, part.ages)
    height = rng.gauss(158.5 if female else 170.0, 5.0)
    weight = rng.uniform(*part.bmi) * (height / 100) ** 2
    years = rng.randint(low, high)
    born = date(now.year - years, 1, 1) - timedelta(days=rng.randrange(1, 360))
    return Subject(number, name, female, born, height, weight)


def _story(rng: Random, subject: Subject, now: datetime, plot: str, beds: Beds) -> Story:
    died = now - timedelta(days=rng.uniform(30, 420)) if plot == "death" else None
    ended = None if died is None else died.replace(second=0)
    margin = _MARGIN if plot else 0.0
    story = Story(
        rng,
        subject,
        Body(rng, subject.female, subject.age, subject.height, subject.weight),
        now,
        ended or now,
        Record(subject),
        beds,
        margin=margin,
        plot=plot,
        died=ended,
    )
    story.allergies = _allergies(rng)
    return story


def _allergies(rng: Random) -> list[str]:
    throw = rng.random()
    if throw < 0.09:
        return ["penicillin"]
    if throw < 0.12:
        return ["sulfonamide"]
    return [rng.choice(FOODS).zh] if throw < 0.18 else []


def _told(story: Story, part: Part) -> JSON:
    part.tell(story)
    for _ in range(8):
        if len(story.record.resources) >= ENOUGH or not incidental(story):
            break
    home = story.home_department
    if story.plot:
        PLOTS[story.plot](story)
    write_allergies(story, min(contact.start for contact in story.contacts))
    _ahead(story, home)
    for contact in story.contacts:
        finish(contact)
    for order in story.taking(story.died) if story.died else []:
        stop(order, story.died or story.now)
    return story.record.bundle(patient_resource(story.subject, story.physician(home), story.died))


def _ahead(story: Story, home: str) -> None:
    """Appointments and standing care teams of those who live at home."""
    if story.plot:
        return
    own = story.subject.number == 1
    if own or story.chance(0.4):
        team(story, home, min(contact.start for contact in story.contacts))
    if own or story.chance(0.3):
        book(story, home, story.rng.randrange(4, 45), _CHECK)
