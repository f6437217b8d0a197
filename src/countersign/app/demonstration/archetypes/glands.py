"""Thyroid disease and gout."""

from __future__ import annotations

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.care import URATE, plan
from countersign.app.demonstration.writing.contacts import follow_up
from countersign.app.demonstration.writing.orders import prescribe, stop
from countersign.app.demonstration.writing.problems import diagnose
from countersign.app.demonstration.writing.rounds import measure_height, monitor
from countersign.kit.words import Words

from .strands import DAY

_THYROID = Words("Thyroid disease, follow-up", "甲状腺疾病复诊")
_GOUT = Words("Gout, follow-up", "痛风复诊")
_YEARLY = ("count", "liver", "renal", "electrolytes", "lipids")
_DIET = (
    Words("No beer, little offal and seafood", "戒啤酒，少食动物内脏及海鲜"),
    Words("Drink two litres a day", "每日饮水2 L以上"),
)
_REGULAR = (Words("Thyroid function every three to six months", "每3–6月复查甲状腺功能"),)


def hypothyroidism(story: Story) -> None:
    """TSH comes down on levothyroxine; lipids follow."""
    body = story.body
    visits = follow_up(
        story,
        "endocrinology",
        story.years(2.4, 4.2),
        120,
        _THYROID,
        opening=Words("Tired and cold for half a year", "乏力、怕冷半年"),
    )
    first = visits[0]
    first.history = "乏力、怕冷、便秘、体重增加半年，颜面轻度浮肿。"
    start = first.start
    body.course("tsh", [(start, 24), (start + 60 * DAY, 7.5), (start + 150 * DAY, 2.6)])
    body.course("ft4", [(start, 6.4), (start + 120 * DAY, 14.2)])
    body.course("ldl", [(start, 4.1), (start + 200 * DAY, 2.9)])
    found = diagnose(story, "hypothyroidism", first)
    low = prescribe(story, "levothyroxine", first, dose="50 ug", reason=found)
    if len(visits) > 1:
        stop(low, visits[1].start)
        prescribe(story, "levothyroxine", visits[1], dose="75 ug", reason=found)
    measure_height(story, first)
    monitor(story, visits, [found], ("thyroid",), _YEARLY)
    title = Words("Thyroid plan", "甲状腺功能减退随访计划")
    plan(story, first, title, found, (), _REGULAR)


def graves(story: Story) -> None:
    """Thiamazole, with white cells and liver watched."""
    body = story.body
    visits = follow_up(
        story,
        "endocrinology",
        story.years(2.0, 2.9),
        105,
        _THYROID,
        opening=Words("Palpitations and weight loss", "心悸、消瘦3月"),
    )
    first = visits[0]
    first.history = "心悸、怕热、多汗、手抖3月，食量增加而体重下降5 kg，甲状腺II度肿大。"
    start = first.start
    body.course("tsh", [(start, 0.01), (start + 120 * DAY, 0.08), (start + 260 * DAY, 1.4)])
    body.course("ft4", [(start, 46), (start + 60 * DAY, 22), (start + 150 * DAY, 14.5)])
    body.course("pulse", [(start, 112), (start + 70 * DAY, 84), (start + 200 * DAY, 74)])
    body.level("wbc", 5.2)
    found = diagnose(story, "graves", first)
    high = prescribe(story, "thiamazole", first, frequency=2, reason=found)
    if len(visits) > 2:
        stop(high, visits[2].start)
        prescribe(story, "thiamazole", visits[2], dose="5 mg", reason=found)
    prescribe(story, "metoprolol", first, dose="23.75 mg", days=90, reason=found)
    measure_height(story, first)
    yearly = ("liver", "renal", "electrolytes")
    monitor(story, visits, [found], ("thyroid", "count"), yearly, ("pulse",))
    plan(story, first, Words("Graves plan", "Graves病治疗计划"), found, (), _REGULAR)


def gout(story: Story) -> None:
    """Urate falls on febuxostat."""
    body = story.body
    visits = follow_up(
        story,
        "endocrinology",
        story.years(2.4, 4.2),
        120,
        _GOUT,
        opening=Words("Pain in the right big toe on and off", "反复右足趾关节痛1年"),
    )
    first = visits[0]
    first.history = "反复右足第一跖趾关节红肿热痛1年，饮酒后发作，发作间期无症状。"
    start = first.start
    body.course("urate", [(start, 572), (start + 90 * DAY, 395), (start + 220 * DAY, 338)])
    body.level("triglycerides", 2.1)
    body.course("crp", [(start, 22), (start + 30 * DAY, 2.2)])
    found = diagnose(story, "gout", first)
    prescribe(story, "febuxostat", first, reason=found)
    prescribe(story, "celecoxib", first, days=7, reason=found)
    measure_height(story, first)
    yearly = ("liver", "count", "crp", "lipids", "electrolytes")
    monitor(story, visits, [found], ("renal",), yearly)
    plan(story, first, Words("Gout plan", "痛风管理计划"), found, (URATE,), _DIET)
