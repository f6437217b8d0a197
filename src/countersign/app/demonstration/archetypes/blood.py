"""Anaemias that respond to what was missing, and myeloma."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.acts import operate
from countersign.app.demonstration.writing.care import HAEMOGLOBIN, plan
from countersign.app.demonstration.writing.contacts import follow_up
from countersign.app.demonstration.writing.orders import prescribe, stop
from countersign.app.demonstration.writing.problems import diagnose, resolve
from countersign.app.demonstration.writing.rounds import measure_height, monitor
from countersign.kit.words import Words

from .strands import DAY, first_of

_ANAEMIA = Words("Anaemia, follow-up", "贫血复诊")
_MYELOMA = Words("Multiple myeloma, follow-up", "多发性骨髓瘤复诊")
_ADVICE = (
    Words("Iron-rich food", "进食富含铁的食物"),
    Words("Blood count after each month of treatment", "治疗期间每月复查血常规"),
)


def iron_deficiency(story: Story) -> None:
    """Haemoglobin and then ferritin return on iron."""
    rng, body = story.rng, story.body
    visits = follow_up(
        story,
        "haematology",
        story.years(2.0, 3.6),
        105,
        _ANAEMIA,
        opening=Words("Tired and dizzy for three months", "头晕、乏力3月"),
    )
    first = visits[0]
    women = story.subject.female and body.age(first.start) < 52
    cause = "月经量多2年" if women else "近1年食欲减退，间断上腹隐痛"
    first.history = f"头晕、乏力、活动后心悸3月，{cause}，无黑便、呕血。"
    low, well = rng.uniform(72, 92), 126 if story.subject.female else 142
    start = first.start
    body.course(
        "haemoglobin", [(start, low), (start + 60 * DAY, low + 28), (start + 130 * DAY, well)]
    )
    body.course("mcv", [(start, 69), (start + 130 * DAY, 85), (start + 250 * DAY, 88)])
    body.course("ferritin", [(start, 5), (start + 140 * DAY, 32), (start + 260 * DAY, 52)])
    body.course("iron", [(start, 4.2), (start + 140 * DAY, 14)])
    body.course("platelets", [(start, 360), (start + 130 * DAY, 255)])
    found = diagnose(story, "iron-deficiency", first)
    iron = prescribe(story, "polysaccharide-iron", first, reason=found)
    if not women:
        second = first_of(visits, 1)
        operate(story, second, "gastroscopy", second.start + timedelta(minutes=20), 0.4, found)
        diagnose(story, "gastritis", second)
    measure_height(story, first)
    monitor(story, visits, [found], ("count", "iron"), ("renal", "liver", "electrolytes"))
    if len(visits) > 4 and not story.margin:
        stop(iron, visits[4].start + timedelta(hours=1))
        resolve(found, visits[4].start + timedelta(hours=1))
    title = Words("Anaemia plan", "缺铁性贫血治疗计划")
    plan(story, first, title, found, (HAEMOGLOBIN,), _ADVICE)


def b12_deficiency(story: Story) -> None:
    """Macrocytic anaemia with numb feet; cobalamin for good."""
    body = story.body
    visits = follow_up(
        story,
        "haematology",
        story.years(2.0, 3.4),
        120,
        _ANAEMIA,
        opening=Words("Tired, numb feet for two months", "乏力半年，双足麻木2月"),
    )
    first = visits[0]
    first.history = "乏力半年，双足麻木、行走不稳2月，多年素食，曾诊断慢性萎缩性胃炎。"
    start = first.start
    body.course("haemoglobin", [(start, 84), (start + 45 * DAY, 108), (start + 120 * DAY, 128)])
    body.course("mcv", [(start, 118), (start + 120 * DAY, 95)])
    body.course("b12", [(start, 68), (start + 100 * DAY, 420)])
    body.course("wbc", [(start, 3.3), (start + 100 * DAY, 5.6)])
    found = diagnose(story, "b12-deficiency", first)
    diagnose(story, "gastritis", first, start - 4 * 365 * DAY)
    prescribe(story, "cobalamin", first, reason=found)
    prescribe(story, "folic-acid", first, days=120, reason=found)
    measure_height(story, first)
    monitor(story, visits, [found], ("count", "b12"), ("renal", "liver", "electrolytes"))
    plan(story, first, Words("B12 plan", "维生素B12缺乏治疗计划"), found, (), _ADVICE[1:])


def myeloma(story: Story) -> None:
    """IgG falls and haemoglobin rises on treatment; the kidneys recover in part."""
    body = story.body
    visits = follow_up(
        story,
        "haematology",
        story.years(1.6, 2.8),
        80,
        _MYELOMA,
        opening=Words("Back pain for five months", "腰背部疼痛5月"),
    )
    first = visits[0]
    first.history = "腰背部疼痛5月，乏力、消瘦，外院查球蛋白明显升高。"
    start = first.start
    body.course("igg", [(start, 52), (start + 120 * DAY, 21), (start + 260 * DAY, 12)])
    body.course("haemoglobin", [(start, 82), (start + 150 * DAY, 108), (start + 300 * DAY, 118)])
    body.course("creatinine", [(start, 148), (start + 120 * DAY, 102)])
    body.course("calcium", [(start, 2.71), (start + 60 * DAY, 2.4)])
    body.level("platelets", 165)
    found = diagnose(story, "myeloma", first)
    operate(story, first, "marrow", start + timedelta(minutes=30), 0.4, found)
    bortezomib = prescribe(story, "bortezomib", first, reason=found)
    prescribe(story, "lenalidomide", first, reason=found)
    if len(visits) > 3:
        stop(bortezomib, visits[3].start + timedelta(hours=1))
    measure_height(story, first)
    monitor(story, visits, [found], ("count", "renal"), ("igg", "minerals", "liver"), notes=2)
    title = Words("Myeloma treatment plan", "多发性骨髓瘤治疗计划")
    plan(story, first, title, found, (HAEMOGLOBIN,), _ADVICE[1:])
