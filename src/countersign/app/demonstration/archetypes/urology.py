"""Enlarged prostate, prostate cancer and urinary stones."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.acts import operate
from countersign.app.demonstration.writing.care import plan
from countersign.app.demonstration.writing.contacts import admit, follow_up
from countersign.app.demonstration.writing.exams import image
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose, resolve
from countersign.app.demonstration.writing.rounds import measure_height, monitor, stay
from countersign.kit.words import Words

from .lungs import open_days
from .strands import DAY, raised_pressure

_PROSTATE = Words("Enlarged prostate, follow-up", "前列腺增生复诊")
_CANCER = Words("Prostate cancer, follow-up", "前列腺癌复诊")
_STONE = Words("Urinary stones, follow-up", "泌尿系结石复诊")
_COLIC = Words("Colic in the left flank for six hours", "左腰部绞痛6小时")
_LARGE = Words("Prostate 52 mL, no hydronephrosis.", "前列腺体积约52 mL，双肾未见积水。")
_DILATED = Words(
    "Stone of 8 mm in the left ureter, mild hydronephrosis.",
    "左侧输尿管上段结石8 mm，左肾轻度积水。",
)
_DRINK = (
    Words("Drink two and a half litres a day", "每日饮水2.5 L以上"),
    Words("Ultrasound every year", "每年复查泌尿系超声"),
)
_VOID = (
    Words("Little to drink before sleep", "睡前少饮水"),
    Words("PSA every year", "每年复查前列腺特异性抗原"),
)


def prostate(story: Story) -> None:
    """Tamsulosin and finasteride; PSA halves on finasteride."""
    body = story.body
    visits = follow_up(
        story,
        "urology",
        story.years(2.6, 4.6),
        150,
        _PROSTATE,
        opening=Words("Up at night to pass water for two years", "尿频、夜尿增多2年"),
    )
    first = visits[0]
    first.history = "尿频、夜尿3–4次、尿线变细2年，无肉眼血尿、尿潴留。"
    start = first.start
    body.course("psa", [(start, 3.1), (start + 300 * DAY, 1.6)])
    found = diagnose(story, "prostate", first, start - 2 * 365 * DAY)
    prescribe(story, "tamsulosin", first, reason=found)
    prescribe(story, "finasteride", first, reason=found)
    known = [found]
    if story.chance(0.6):
        known.append(raised_pressure(story, visits, ("amlodipine",)))
    measure_height(story, first)
    image(story, first, "abdomen-us", start + timedelta(minutes=45), _LARGE)
    yearly = ("renal", "electrolytes", "count", "liver", "lipids")
    monitor(story, visits, known, ("psa",), yearly)
    plan(story, first, Words("Prostate plan", "前列腺增生随访计划"), found, (), _VOID)


def prostate_cancer(story: Story) -> None:
    """PSA falls on hormones and stays low."""
    body = story.body
    visits = follow_up(
        story,
        "urology",
        story.years(1.8, 3.2),
        95,
        _CANCER,
        opening=Words("High PSA found at a check", "体检发现PSA升高1月"),
    )
    first = visits[0]
    first.history = "体检发现前列腺特异性抗原升高，直肠指检前列腺质硬、可触及结节。"
    start = first.start
    body.course("psa", [(start, 38), (start + 100 * DAY, 1.9), (start + 300 * DAY, 0.25)])
    body.course("haemoglobin", [(start, 142), (story.present, 124)])
    found = diagnose(story, "prostate-cancer", first)
    operate(story, first, "prostate-biopsy", start + timedelta(minutes=30), 0.5, found)
    prescribe(story, "bicalutamide", first, reason=found)
    prescribe(story, "goserelin", first, reason=found)
    measure_height(story, first)
    yearly = ("renal", "liver", "count", "electrolytes", "lipids", "glycaemia")
    monitor(story, visits, [found], ("psa",), yearly)
    plan(story, first, Words("Prostate cancer plan", "前列腺癌治疗计划"), found, (), _VOID[1:])


def stones(story: Story) -> None:
    """A colic, a ureteroscopy, and years without a new stone."""
    visits = follow_up(
        story,
        "urology",
        story.years(2.6, 4.4),
        190,
        _STONE,
        opening=Words("Dull pain in the left flank for a year", "左腰部隐痛1年"),
    )
    first = visits[0]
    first.history = "反复左腰部隐痛1年，超声提示肾结石，无发热、肉眼血尿。"
    found = diagnose(story, "kidney-stone", first)
    story.body.level("urate", 455 if not story.subject.female else 372)
    measure_height(story, first)
    yearly = ("renal", "minerals", "electrolytes", "count", "lipids")
    monitor(story, visits, [found], (), yearly)
    plan(story, first, Words("Stone plan", "结石预防计划"), found, (), _DRINK)
    start = None if story.margin else open_days(story, found.since, 5)
    if start is None:
        return
    usual = story.body.expected("creatinine", start)
    story.body.episode("creatinine", start, (0, usual * 1.22), (70, usual * 1.05))
    story.body.episode("wbc", start, (0, 10.8), (90, 7.4))
    contact = admit(story, "urology", start, 3.3, _COLIC, source="emd")
    contact.history = "6小时前突发左腰部绞痛，向会阴部放射，伴恶心、呕吐，无发热。"
    acute = diagnose(story, "ureteric-stone", contact)
    image(story, contact, "abdomen-us", start + timedelta(hours=1), _DILATED)
    operate(story, contact, "ureteroscopy", start + 1.1 * DAY, 1.1, acute)
    prescribe(story, "diclofenac", contact, days=2, reason=acute)
    contact.course = "输尿管镜下钬激光碎石，结石清除满意，术后无发热。"
    advice = "多饮水，1月后门诊复查泌尿系超声。"
    stay(story, contact, ("renal", "count", "electrolytes", "clotting"), ("renal",), advice)
    resolve(acute, start + 30 * DAY)
