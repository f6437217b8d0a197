"""Type 2 diabetes with and without kidney disease."""

from __future__ import annotations

from datetime import datetime

from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.app.demonstration.writing.acts import vaccinate_in_season
from countersign.app.demonstration.writing.care import HBA1C, SYSTOLIC, plan
from countersign.app.demonstration.writing.contacts import follow_up
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose
from countersign.app.demonstration.writing.rounds import measure_height, monitor
from countersign.kit.words import Words

from .strands import DAY, failing_kidneys, first_of, raised_lipids, raised_pressure, staged

_REVIEW = Words("Diabetes, follow-up", "2型糖尿病复诊")
_KIDNEYS = Words("Diabetic kidney disease, follow-up", "糖尿病肾病复诊")
_ACTIVITIES = (
    Words("Measure glucose at home three times a week", "每周家庭自测血糖3次"),
    Words("Eyes and feet examined every year", "每年眼底及足部检查"),
    Words("Walk 30 minutes on five days a week", "每周5天、每天快走30分钟"),
)


def diabetes(story: Story) -> None:
    """Found at 8–10 %, treated to target; a second drug is added when it drifts up."""
    rng = story.rng
    visits = follow_up(
        story,
        "endocrinology",
        story.years(2.4, 4.6),
        125,
        _REVIEW,
        opening=Words("Thirst and much urine for three months", "口干、多饮、多尿3月"),
    )
    first = visits[0]
    first.history = "近3月口干、多饮、多尿，体重下降约3 kg，体检发现空腹血糖升高。"
    found = diagnose(story, "diabetes", first)
    _sugar(story, visits, rng.uniform(8.1, 10.2), rng.uniform(6.5, 7.1))
    prescribe(story, "metformin", first, reason=found)
    insulin = story.plot == "hypoglycaemia" or (not story.plot and story.chance(0.15))
    second = "glargine" if insulin else rng.choice(("dapagliflozin", "sitagliptin", "glimepiride"))
    prescribe(story, second, first_of(visits, len(visits) // 2), reason=found)
    if story.plot == "hypoglycaemia":
        prescribe(story, "glimepiride", visits[0], dose="4 mg", reason=found)
    others = _company(story, visits)
    measure_height(story, first)
    monitor(
        story,
        visits,
        [found, *others],
        ("glycaemia",),
        ("renal", "liver", "lipids", "urine"),
        bedside=(),
    )
    title = Words("Diabetes management plan", "2型糖尿病管理计划")
    plan(story, first, title, found, (HBA1C, SYSTOLIC), _ACTIVITIES)
    vaccinate_in_season(story, visits)


def _company(story: Story, visits: list[Contact]) -> list[Diagnosis]:
    others: list[Diagnosis] = []
    if story.chance(0.6):
        others.append(raised_lipids(story, visits, goal=story.rng.uniform(1.7, 2.5)))
    if story.chance(0.5):
        others.append(raised_pressure(story, visits, ("valsartan", "amlodipine")[:1]))
    if story.subject.weight / (story.subject.height / 100) ** 2 > 27.5:
        others.append(diagnose(story, "fatty-liver", visits[0]))
        story.body.level("alt", 46 if story.subject.female else 56)
        story.body.level("ggt", 62)
    return others


def _sugar(story: Story, visits: list[Contact], before: float, after: float) -> None:
    start, middle = visits[0].start, first_of(visits, len(visits) // 2).start
    drift = after + 0.9
    points: list[tuple[datetime, float]] = [
        (start, before),
        (start + 110 * DAY, after + 0.4),
        (start + 200 * DAY, after),
        (middle, drift),
        (middle + 150 * DAY, after + 0.1),
    ]
    story.body.course("hba1c", _spread(points))


def _spread(points: list[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """Drops points that would run backwards in a short history."""
    kept = points[:1]
    for when, value in points[1:]:
        if when > kept[-1][0]:
            kept.append((when, value))
    return kept


def diabetic_kidney(story: Story) -> None:
    """Diabetes of long standing with albuminuria and a falling eGFR."""
    rng = story.rng
    visits = follow_up(
        story,
        "nephrology",
        story.years(2.2, 4.0),
        95,
        _KIDNEYS,
        opening=Words("Foamy urine for half a year", "泡沫尿半年"),
    )
    first = visits[0]
    first.history = "2型糖尿病病史十余年，近半年泡沫尿，双下肢轻度浮肿。"
    onset = first.start - rng.uniform(9, 16) * 365 * DAY
    found = diagnose(story, "diabetes", first, onset)
    kidney = diagnose(story, "diabetic-kidney", first)
    low = 25 if story.plot == "metformin" else rng.uniform(31, 44)
    begun = rng.uniform(40, 46) if story.plot == "metformin" else rng.uniform(58, 68)
    failing_kidneys(story, first.start, begun, low)
    story.body.level("albumin", 39.5)
    story.body.course("uacr", [(first.start, rng.uniform(180, 320)), (story.present, 620)])
    story.body.course("hba1c", [(first.start, 8.6), (first.start + 200 * DAY, 7.6)])
    prescribe(story, "metformin", first, reason=found)
    prescribe(story, "losartan", first, dose="100 mg", reason=kidney)
    prescribe(story, rng.choice(("linagliptin", "glargine")), visits[-1], reason=found)
    pressure = raised_pressure(story, visits, ("amlodipine",), goal=133)
    lipids = raised_lipids(story, visits)
    stage = staged(story, visits)
    measure_height(story, first)
    known = [kidney, found, pressure, lipids, *stage]
    monitor(story, visits, known, ("renal", "urine"), ("glycaemia", "electrolytes", "count"), ())
    title = Words("Diabetic kidney disease plan", "糖尿病肾病管理计划")
    plan(story, first, title, kidney, (HBA1C, SYSTOLIC), _ACTIVITIES)
