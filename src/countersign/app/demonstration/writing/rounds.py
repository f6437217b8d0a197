"""The rhythm of clinic visits and ward days: what is measured, noted and summed up when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from countersign.app.demonstration.story import Contact, Diagnosis, Story

from .contacts import about
from .discharge import summarise
from .notes import note
from .orders import stop
from .reports import run, single
from .results import vitals

_STEADY = (
    "病情平稳，规律服药，饮食、睡眠可，二便正常，无特殊不适。",
    "自述按时服药，无头晕、胸闷，体力活动如常。",
    "近期无明显不适，偶有劳累后乏力，休息后缓解。",
    "按时复诊，按医嘱用药，无新发症状。",
)
_WELL = (
    "无不适主诉，饮食、睡眠可，无长期用药。",
    "精神、食欲好，二便正常，体重无明显变化。",
)


def monitor(
    story: Story,
    contacts: Sequence[Contact],
    diagnoses: Sequence[Diagnosis] = (),
    each: Sequence[str] = (),
    further: Sequence[str] = (),
    bedside: Sequence[str] = ("pulse",),
    notes: int = 2,
    gap: float = 600,
) -> None:
    """Measures at every visit, adds further panels after ``gap`` days, writes every n-th note."""
    checked: datetime | None = None
    for number, contact in enumerate(contacts):
        start = contact.start
        about(contact, [one for one in diagnoses if one.since <= start])
        due = checked is None or start - checked > timedelta(days=gap)
        vitals(story, contact, start + timedelta(minutes=5), *_unmeasured(contact, due, bedside))
        sampled = start + timedelta(minutes=12)
        panels = [*each, *(one for one in further if due and one not in each)]
        run(story, contact, sampled, *panels, minutes=50)
        checked = start if due else checked
        last = number == len(contacts) - 1
        contact.diagnoses.sort(key=lambda one: one.since)
        if number % notes == 0 or last or contact.history:
            contact.history = contact.history or _steady(story, start)
            note(story, contact, "outpatient", start + timedelta(minutes=80))


def _steady(story: Story, when: datetime) -> str:
    return story.rng.choice(_STEADY if story.taking(when) else _WELL)


def _unmeasured(contact: Contact, due: bool, bedside: Sequence[str]) -> list[str]:
    """What is to be measured at the bedside and was not yet measured at this visit."""
    done = {one.analyte.key for one in contact.findings}
    wanted: list[str] = [*bedside, "weight"] if due and "weight" not in bedside else [*bedside]
    return [key for key in wanted if key not in done]


def measure_height(story: Story, contact: Contact) -> None:
    """Height and body mass index, once."""
    when = contact.start + timedelta(minutes=5)
    single(story, contact, when, "height", "weight", "bmi", minutes=2)


def stay(
    story: Story,
    contact: Contact,
    first: Sequence[str],
    later: Sequence[str],
    advice: str,
    bedside: Sequence[str] = ("temperature", "pulse", "saturation"),
) -> None:
    """A finished admission from the first samples to the discharge summary."""
    end = contact.end or story.present
    start = contact.start
    vitals(story, contact, start + timedelta(minutes=20), *bedside)
    run(story, contact, start + timedelta(minutes=45), *first, minutes=70)
    note(story, contact, "admission", start + timedelta(hours=3))
    run(story, contact, end - timedelta(hours=27), *later)
    vitals(story, contact, end - timedelta(hours=3), *bedside)
    for order in story.taking(end):
        if order.inpatient:
            stop(order, end)
    summarise(story, contact, advice)
