"""The healthy at their yearly checks, and pregnancy."""

from __future__ import annotations

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.acts import vaccinate, vaccinate_in_season
from countersign.app.demonstration.writing.care import plan
from countersign.app.demonstration.writing.contacts import follow_up
from countersign.app.demonstration.writing.exams import image
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose, resolve
from countersign.app.demonstration.writing.rounds import measure_height, monitor
from countersign.kit.words import Words

from .strands import DAY

_CHECK = Words("Health check", "健康体检")
_ANTENATAL = Words("Antenatal check", "产前检查")
_CLEAR = Words("Heart and lungs without disease.", "心肺未见明显异常。")
_CARE = (
    Words("Folic acid and iron as advised", "按医嘱补充叶酸及铁剂"),
    Words("Feel for the child's movements every day", "孕晚期每日自数胎动"),
)


def healthy(story: Story) -> None:
    """One check a year; an inclination such as short sight or fatty liver at most."""
    checks = follow_up(story, "general-medicine", story.years(3.2, 5.4), 355, _CHECK)
    first = checks[0]
    resolve(diagnose(story, "check-up", first), first.start)
    if story.chance(0.35):
        diagnose(story, "vision", first)
    for check in checks:
        check.history = "单位年度健康体检，无不适主诉，无长期用药。"
    measure_height(story, first)
    yearly = ("count", "renal", "liver", "lipids", "glucose")
    monitor(story, checks, [], (), yearly, ("pulse", "temperature"), notes=1, gap=250)
    for check in checks[::2]:
        image(story, check, "chest-x-ray", check.start + 40 * DAY / 1440, _CLEAR)
    vaccinate_in_season(story, checks)
    vaccinate(story, "sinovac", checks[0])


def pregnancy(story: Story) -> None:
    """Antenatal visits in the present pregnancy after years of checks."""
    rng, body = story.rng, story.body
    checks = follow_up(story, "general-medicine", 1500, 380, _CHECK, until=330)
    resolve(diagnose(story, "check-up", checks[0]), checks[0].start)
    yearly = ("count", "renal", "lipids", "glucose")
    monitor(story, checks, [], (), yearly, ("pulse", "weight"), notes=1, gap=250)
    weeks = 38.5 if story.margin else rng.uniform(24, 37)
    begun = story.present - weeks * 7 * DAY
    end, weight = begun + 280 * DAY, body.usual("weight")
    body.course("weight", [(begun, weight), (begun + 90 * DAY, weight + 1), (end, weight + 12.5)])
    body.course("haemoglobin", [(begun, 130), (begun + 130 * DAY, 113), (end, 112)])
    body.course("creatinine", [(begun, 58), (begun + 120 * DAY, 47), (end, 50)])
    body.course("albumin", [(begun, 44), (end, 37)])
    body.course("pulse", [(begun, 74), (end, 86)])
    visits = follow_up(
        story,
        "obstetrics",
        weeks * 7 - 56,
        26,
        _ANTENATAL,
        until=9,
        opening=Words("Period missed, first antenatal visit", "停经8周，首次产检"),
    )
    for visit in visits:
        week = (visit.start - begun) / (7 * DAY)
        heart = f"胎心率{rng.randrange(136, 154)}次/分" if week > 12 else "超声见胎心搏动"
        visit.history = f"孕{int(week)}周，无腹痛、阴道流血，{heart}。"
    found = diagnose(story, "pregnancy", visits[0])
    prescribe(story, "folic-acid", visits[0], days=84, reason=found)
    prescribe(story, "polysaccharide-iron", visits[len(visits) // 2], reason=found)
    measure_height(story, visits[0])
    monitor(story, visits, [found], ("count",), ("renal", "liver", "thyroid"), ("weight", "pulse"))
    plan(story, visits[0], Words("Antenatal plan", "孕期保健计划"), found, (), _CARE)
