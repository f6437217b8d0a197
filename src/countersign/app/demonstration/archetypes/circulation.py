"""Heart failure and atrial fibrillation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.app.demonstration.writing.acts import vaccinate, vaccinate_in_season
from countersign.app.demonstration.writing.care import INR, SYSTOLIC, plan
from countersign.app.demonstration.writing.contacts import admit, follow_up
from countersign.app.demonstration.writing.exams import image
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose
from countersign.app.demonstration.writing.reports import run, single
from countersign.app.demonstration.writing.rounds import measure_height, monitor, stay
from countersign.kit.words import Words

from .strands import DAY, first_of, raised_pressure, settling

_FAILURE = Words("Heart failure, follow-up", "慢性心力衰竭复诊")
_RHYTHM = Words("Atrial fibrillation, anticoagulation clinic", "心房颤动抗凝门诊复诊")
_BREATH = Words("Breathless for two weeks, worse for three days", "活动后气促2周，加重3天")
_ECHO = Words(
    "Dilated left ventricle, global hypokinesia, ejection fraction 33 %.",
    "左室扩大，弥漫性运动减弱，左室射血分数33%。",
)
_ATRIUM = Words(
    "Left atrium enlarged, valves without relevant disease.",
    "左房增大，瓣膜未见明显狭窄或反流。",
)
_FLUTTER = Words("Atrial fibrillation.", "心房颤动，未见急性缺血改变。")
_FILM = Words(
    "Enlarged heart, congested lungs, small effusions on both sides.",
    "心影增大，双肺淤血，双侧少量胸腔积液。",
)
_ANTICOAGULATION = (
    Words("Report any bleeding at once", "如有出血立即就诊"),
    Words("Ask before taking any other medicine", "加用其他药物前先咨询"),
)
_CARE = (
    Words("Weigh every morning; call if 2 kg up in 3 days", "每晨称体重，3天增重2 kg即联系"),
    Words("Less than 5 g of salt a day", "每日食盐＜5 g"),
    Words("Walk as breath allows", "量力步行"),
)


def heart_failure(story: Story) -> None:
    """Admitted once for congestion; better on four pillars, potassium watched."""
    rng, body = story.rng, story.body
    body.level("ejection-fraction", 33)
    body.level("pulse", 72)
    event = story.ago(story.years(1.8, 3.4)).replace(hour=10, minute=0)
    body.course("nt-probnp", settling(event, 3600, rng.uniform(700, 1400), 200))
    body.course("systolic", [(event, 118), (story.present, 110)])
    body.course("diastolic", [(event, 74), (story.present, 68)])
    body.course("ejection-fraction", [(event, 33), (story.present, rng.uniform(35, 41))])
    found = _congestion(story, event)
    since = (story.present - event) / DAY - 25
    visits = follow_up(story, "cardiology", since, 150, _FAILURE)
    prescribe(story, "dapagliflozin", visits[0], reason=found)
    if story.plot == "potassium":
        prescribe(story, "potassium", visits[-1], reason=found)
    body.course("potassium", [(event, 4.1), (story.present, 4.6)])
    body.course("creatinine", [(event, 88), (story.present, 108)])
    measure_height(story, visits[0])
    monitor(
        story,
        visits,
        [found],
        ("renal", "salts", "nt-probnp"),
        ("count", "liver"),
        bedside=("pulse", "weight"),
        notes=3,
    )
    later = first_of(visits, 3)
    single(story, later, later.start + timedelta(minutes=40), "ejection-fraction")
    plan(story, visits[0], Words("Heart failure plan", "心力衰竭管理计划"), found, (), _CARE)
    vaccinate(story, "pneumococcal", visits[0])


def _congestion(story: Story, event: datetime) -> Diagnosis:
    body, heavy = story.body, story.body.usual("weight")
    body.episode("nt-probnp", event, (0, 7400), (60, 5200), (190, 3100))
    body.episode("weight", event, (0, heavy + 5.2), (90, heavy + 2.0), (190, heavy))
    body.episode("saturation", event, (0, 92), (48, 95), (190, 97))
    body.episode("pulse", event, (0, 108), (60, 90), (190, 76))
    contact = admit(story, "cardiology", event, 7.3, _BREATH, source="emd")
    contact.history = "患者2周前出现活动后气促，夜间不能平卧，双下肢凹陷性水肿，尿量减少，无胸痛。"
    found = diagnose(story, "failure", contact)
    diagnose(story, "cardiomyopathy", contact)
    image(story, contact, "chest-x-ray", event + timedelta(hours=2), _FILM)
    image(story, contact, "echo", event + DAY, _ECHO)
    prescribe(story, "furosemide-iv", contact, days=5, reason=found)
    for drug in ("sacubitril", "bisoprolol", "spironolactone", "torasemide"):
        prescribe(story, drug, contact, when=event + 6 * DAY, reason=found, home=True)
    contact.course = "利尿后气促明显缓解，双下肢水肿消退，体重下降约5 kg。"
    bedside = ("temperature", "pulse", "saturation", "weight")
    panels = ("heart", "renal", "electrolytes", "count", "liver")
    advice = "限盐限水，每日称体重，2周后心内科门诊复查肾功能及血钾。"
    stay(story, contact, panels, ("renal", "electrolytes", "nt-probnp"), advice, bedside)
    return found


def fibrillation(story: Story) -> None:
    """Rate control and an anticoagulant: warfarin with INR, or rivaroxaban."""
    body = story.body
    warfarin = story.plot == "inr" or (story.plot != "bleeding" and story.chance(0.5))
    visits = follow_up(
        story,
        "cardiology",
        story.years(2.0, 3.6),
        44 if warfarin else 100,
        _RHYTHM,
        opening=Words("Palpitations for half a year", "反复心悸半年"),
    )
    first = visits[0]
    first.history = "反复心悸半年，活动后明显，无晕厥。心电图示心房颤动。"
    found = diagnose(story, "fibrillation", first)
    body.course("pulse", settling(first.start, 104, 78, 60))
    prescribe(story, "metoprolol", first, reason=found)
    known = [found, raised_pressure(story, visits, ("valsartan",), before=146)]
    if warfarin:
        prescribe(story, "warfarin", first, reason=found)
        body.course("inr", _wandering(story, visits))
    else:
        prescribe(story, "rivaroxaban", first, reason=found)
    if story.plot == "digoxin" or story.chance(0.2):
        known.append(_weak(story, visits))
    measure_height(story, first)
    image(story, first, "ecg", first.start + timedelta(minutes=20), _FLUTTER)
    image(story, first, "echo", first.start + timedelta(minutes=60), _ATRIUM)
    each = ("clotting",) if warfarin else ()
    yearly = ("renal", "electrolytes", "count", "liver", "thyroid")
    monitor(story, visits, known, each, yearly, notes=3)
    aims = (INR, SYSTOLIC) if warfarin else (SYSTOLIC,)
    title = Words("Anticoagulation plan", "房颤抗凝管理计划")
    plan(story, first, title, found, aims, _ANTICOAGULATION)
    vaccinate_in_season(story, visits)


def _wandering(story: Story, visits: Sequence[Contact]) -> list[tuple[datetime, float]]:
    """INR drifts around the middle of the therapeutic range."""
    start = visits[0].start + DAY
    drift = [(one.start, story.rng.gauss(2.4, 0.25)) for one in visits[1:]]
    return [(start, 1.0), *drift]


def _weak(story: Story, visits: list[Contact]) -> Diagnosis:
    late = first_of(visits, len(visits) // 2)
    found = diagnose(story, "failure", late)
    late.history = "近2月活动后气促、双踝水肿，夜间可平卧，无胸痛。"
    story.body.level("ejection-fraction", 41)
    story.body.course("nt-probnp", [(late.start - 90 * DAY, 900), (late.start, 1600)])
    prescribe(story, "digoxin", late, reason=found)
    prescribe(story, "furosemide", late, dose="40 mg", reason=found)
    story.body.course("potassium", [(late.start, 4.2), (late.start + 60 * DAY, 3.7)])
    run(story, late, late.start + timedelta(minutes=13), "nt-probnp", "salts", "creatinine")
    return found
