"""Chronic kidney disease whose creatinine rises over years."""

from __future__ import annotations

from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.app.demonstration.writing.acts import operate, vaccinate
from countersign.app.demonstration.writing.care import HAEMOGLOBIN, SYSTOLIC, plan
from countersign.app.demonstration.writing.contacts import admit, follow_up
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose
from countersign.app.demonstration.writing.rounds import measure_height, monitor, stay
from countersign.kit.words import Words

from .strands import DAY, failing_kidneys, first_of, raised_pressure, staged

_REVIEW = Words("Chronic kidney disease, follow-up", "慢性肾脏病复诊")
_BIOPSY = Words("Foamy urine for three months", "泡沫尿3月，拟行肾穿刺活检")
_ACTIVITIES = (
    Words("Low-salt diet with 0.6–0.8 g/kg of protein", "低盐优质低蛋白饮食（0.6–0.8 g/kg/日）"),
    Words("No pain killers without asking", "避免自行服用止痛药等肾毒性药物"),
    Words("Weigh every morning", "每日晨起测体重"),
)


def kidney_disease(story: Story) -> None:
    """Chronic nephritis; the stage, the anaemia and the minerals follow the eGFR."""
    rng = story.rng
    visits = follow_up(
        story,
        "nephrology",
        story.years(2.1, 3.4),
        82,
        _REVIEW,
        opening=Words("Protein in the urine found at a check", "体检发现蛋白尿2月"),
    )
    first = visits[0]
    late = story.plot in ("hyperkalaemia", "albuminuria") or story.chance(0.45)
    low = rng.uniform(17, 27) if late else rng.uniform(32, 44)
    failing_kidneys(story, first.start - 60 * DAY, low + rng.uniform(16, 24), low)
    story.body.level("albumin", 40.5)
    story.body.course("uacr", [(first.start, rng.uniform(500, 900)), (story.present, 760)])
    found = _found(story, first)
    pressure = raised_pressure(story, visits, ("losartan", "nifedipine"), goal=131)
    stages = staged(story, visits)
    anaemia = _late_troubles(story, visits, low)
    measure_height(story, first)
    known = [found, *stages, pressure, *anaemia]
    each = ("renal", "salts")
    monitor(story, visits, known, each, ("electrolytes", "count", "minerals", "urine"), (), notes=3)
    plan(
        story,
        first,
        Words("Kidney disease plan", "慢性肾脏病管理计划"),
        found,
        (SYSTOLIC, HAEMOGLOBIN),
        _ACTIVITIES,
    )
    vaccinate(story, "hepatitis-b", first)


def _late_troubles(story: Story, visits: list[Contact], low: float) -> list[Diagnosis]:
    if low > 30:
        return []
    late = first_of(visits, len(visits) * 2 // 3)
    anaemia = diagnose(story, "renal-anaemia", late)
    prescribe(story, "erythropoietin", late, reason=anaemia)
    prescribe(story, "bicarbonate", late)
    prescribe(story, "sevelamer", visits[-1])
    return [anaemia]


def _found(story: Story, first: Contact) -> Diagnosis:
    """By biopsy in some, else in the clinic."""
    if story.margin or story.chance(0.6):
        first.history = "体检发现尿蛋白（2+）及血肌酐升高，无肉眼血尿，无关节痛。"
        return diagnose(story, "nephritis", first, first.start - 60 * DAY)
    start = (first.start - 12 * DAY).replace(hour=9)
    contact = admit(story, "nephrology", start, 5, _BIOPSY)
    contact.history = "患者3月前发现尿中泡沫增多，尿蛋白（2+），无肉眼血尿。"
    found = diagnose(story, "nephritis", contact, start - 90 * DAY)
    operate(story, contact, "renal-biopsy", start.replace(hour=15) + DAY, 0.7, found)
    contact.course = "肾穿刺病理符合IgA肾病，术后无肉眼血尿，肾周未见血肿。"
    panels = ("renal", "electrolytes", "count", "clotting", "urine")
    stay(story, contact, panels, ("count",), "低盐饮食，2周后肾内科门诊复诊。")
    return found
