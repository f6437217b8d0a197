"""A present admission: settled on the ward, measured on rounds, looked after by a team."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from countersign.app.demonstration.people import ACCOUNTS
from countersign.app.demonstration.story import Contact, Story
from countersign.app.demonstration.writing.care import team
from countersign.app.demonstration.writing.contacts import about, admit
from countersign.app.demonstration.writing.notes import note
from countersign.app.demonstration.writing.reports import run
from countersign.app.demonstration.writing.results import vitals
from countersign.kit.words import Words

Round = tuple[float, tuple[str, ...]]
"""Hours before the end of the story, and the panels sampled then."""

BEDSIDE = ("temperature", "pulse", "respiration", "saturation")
_QUARTER = timedelta(minutes=15)


def enter(
    story: Story,
    code: str,
    days: float,
    reason: Words,
    history: str,
    source: str = "emd",
) -> Contact:
    """Admits the patient so many days before the end of the story; the patient is still there.

    From the clinic (``outp``) nobody comes at night: such an admission is moved to the
    afternoon before.
    """
    start = story.ago(days)
    if source == "outp" and not 8 <= start.hour < 17:
        start = (start - timedelta(hours=9)).replace(hour=15)
    contact = admit(story, code, start, None, reason, source)
    contact.history = history
    doctors = ("demo-physician", "demo-senior-physician")
    extra = [one for one in ACCOUNTS if one.id in doctors and code in one.departments]
    team(story, code, contact.start, extra)
    return contact


def known(story: Story, contact: Contact, *keys: str) -> None:
    """The admission is about these diagnoses that were made before."""
    found = [one for key in keys for one in story.diagnoses if one.disease.key == key]
    about(contact, [one for one in found if one.until is None])


def lie(
    story: Story,
    contact: Contact,
    first: Sequence[str],
    rounds: Sequence[Round],
    course: str,
    bedside: Sequence[str] = BEDSIDE,
) -> None:
    """Admission panels and note, then each round, then the progress note of today."""
    start = contact.start
    vitals(story, contact, start + _QUARTER, *bedside)
    run(story, contact, start + 3 * _QUARTER, *first, minutes=55)
    note(story, contact, "admission", start + timedelta(hours=2.2))
    contact.course = course
    for hours, panels in rounds:
        when = story.ago(0, hours)
        vitals(story, contact, when - _QUARTER, *bedside[:2], *bedside[4:])
        run(story, contact, when, *panels, ordered=True, minutes=50)
    note(story, contact, "progress", story.present - timedelta(minutes=24))
