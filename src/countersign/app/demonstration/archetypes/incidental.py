"""The small complaints that fill a life between the visits for something serious."""

from __future__ import annotations

from datetime import datetime, timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.contacts import visit
from countersign.app.demonstration.writing.notes import note
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose, resolve
from countersign.app.demonstration.writing.reports import run
from countersign.app.demonstration.writing.results import vitals
from countersign.kit.words import Words

from .lungs import open_days
from .strands import DAY

_COLD = Words("Runny nose and sore throat for two days", "流涕、咽痛2天")
_BACK = Words("Low back pain for a week", "腰痛1周")


def incidental(story: Story) -> bool:
    """One more small visit; False where the story has no room for it."""
    since = min(contact.start for contact in story.contacts)
    when = open_days(story, since, 1)
    if when is None:
        return False
    start = when.replace(hour=story.rng.choice((8, 9, 10, 14)), minute=20)
    while start.weekday() >= 5:
        start -= timedelta(days=1)
    if start < since or not story.free(start, start + timedelta(hours=2)):
        return False
    if story.chance(0.7):
        _cold(story, start)
    else:
        _backache(story, start)
    return True


def _cold(story: Story, start: datetime) -> None:
    story.body.episode("temperature", start, (0, 37.6), (8, 37.2))
    story.body.episode("pulse", start, (0, 88), (8, 84))
    contact = visit(story, "general-medicine", start, _COLD)
    contact.history = "2天前受凉后流清涕、咽痛，轻咳，无痰，无胸闷、气促。"
    found = diagnose(story, "cold", contact)
    vitals(story, contact, start + timedelta(minutes=6), "temperature", "pulse")
    run(story, contact, start + timedelta(minutes=12), "count", "crp", minutes=40)
    prescribe(story, "paracetamol", contact, days=3, reason=found)
    note(story, contact, "outpatient", start + timedelta(minutes=80))
    resolve(found, start + 7 * DAY)


def _backache(story: Story, start: datetime) -> None:
    contact = visit(story, "orthopaedics", start, _BACK)
    contact.history = "1周前搬重物后腰痛，活动时加重，无下肢放射痛及麻木，二便正常。"
    found = diagnose(story, "backache", contact)
    vitals(story, contact, start + timedelta(minutes=6), "pulse")
    prescribe(story, "paracetamol", contact, days=5, reason=found)
    note(story, contact, "outpatient", start + timedelta(minutes=80))
    resolve(found, start + 21 * DAY)
