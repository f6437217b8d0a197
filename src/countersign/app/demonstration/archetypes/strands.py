"""Threads that run through many histories: blood pressure, lipids, failing kidneys, treatment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from countersign.app.demonstration.derived import creatinine_for
from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose, resolve

DAY = timedelta(days=1)


def settling(
    start: datetime, before: float, after: float, days: float = 120
) -> list[tuple[datetime, float]]:
    """A value that treatment from ``start`` on brings from one level to another."""
    return [
        (start, before),
        (start + days / 3 * DAY, before + (after - before) * 0.65),
        (start + days * DAY, after),
    ]


def raised_pressure(
    story: Story,
    visits: Sequence[Contact],
    drugs: Sequence[str],
    goal: float = 128,
    before: float | None = None,
) -> Diagnosis:
    """Hypertension found at the first visit; the second drug comes at the second."""
    rng = story.rng
    high = before or rng.uniform(154, 172)
    start = visits[0].start
    story.body.course("systolic", settling(start, high, goal + rng.uniform(-4, 4), 200))
    story.body.course("diastolic", settling(start, high * 0.59, goal * 0.61, 200))
    onset = start - rng.uniform(0.1, 6) * 365 * DAY
    found = diagnose(story, "hypertension", visits[0], onset)
    for drug, visit in zip(drugs, (visits[0], *visits[1:2], *visits[3:4]), strict=False):
        prescribe(story, drug, visit, reason=found)
    return found


def raised_lipids(
    story: Story,
    visits: Sequence[Contact],
    goal: float = 2.1,
    drug: str = "atorvastatin",
) -> Diagnosis:
    """LDL falls to ``goal`` mmol/L on a statin from the first visit on."""
    rng = story.rng
    start = visits[0].start + DAY
    story.body.course("ldl", settling(start, rng.uniform(3.7, 4.5), goal, 90))
    story.body.course("triglycerides", settling(start, rng.uniform(1.7, 2.6), 1.5, 180))
    found = diagnose(story, "lipids", visits[0])
    prescribe(story, drug, visits[0], reason=found)
    return found


def failing_kidneys(story: Story, since: datetime, before: float, after: float) -> None:
    """eGFR goes from ``before`` to ``after`` mL/min/1.73 m² by the end of the story."""
    body, subject = story.body, story.subject
    steps = 6
    points: list[tuple[datetime, float]] = []
    for step in range(steps + 1):
        when = since + (story.present - since) * step / steps
        rate = before + (after - before) * step / steps
        points.append((when, creatinine_for(rate, body.age(when), subject.female)))
    body.course("creatinine", points)
    loss = max(0.0, 60 - after)
    for key, change in (
        ("potassium", 0.0125 * loss),
        ("urate", 2.6 * loss),
        ("phosphate", 0.011 * loss),
        ("bicarbonate", -0.1 * loss),
        ("haemoglobin", -1.2 * loss),
    ):
        usual = body.usual(key)
        body.course(key, [(since, usual + change * 0.2), (story.present, usual + change)])
    low = 10 + 0.02 * loss
    body.level("urea", max(body.usual("urea"), low * 0.55))


def staged(story: Story, visits: Sequence[Contact]) -> list[Diagnosis]:
    """A stage of kidney disease is named once the eGFR has been below its limit for months."""
    named: list[Diagnosis] = []
    for key, limit in (("ckd-3", 60.0), ("ckd-4", 30.0)):
        below = [one for one in visits if float(story.body.at("egfr", one.start)) < limit]
        if len(below) > 1:
            when = below[0] if below[0] is visits[0] else below[1]
            if named:
                resolve(named[-1], when.start)
            named.append(diagnose(story, key, when))
    return named


def first_of(visits: Sequence[Contact], index: int) -> Contact:
    """The visit with this number, or the last one there is."""
    return visits[min(index, len(visits) - 1)]
