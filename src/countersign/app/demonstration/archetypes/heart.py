"""Hypertension and coronary disease."""

from __future__ import annotations

from datetime import datetime, timedelta

from countersign.app.demonstration.story import Diagnosis, Story
from countersign.app.demonstration.writing.acts import operate, vaccinate_in_season
from countersign.app.demonstration.writing.care import LDL_STRICT, SYSTOLIC, plan
from countersign.app.demonstration.writing.contacts import admit, follow_up
from countersign.app.demonstration.writing.exams import image
from countersign.app.demonstration.writing.orders import prescribe, stop
from countersign.app.demonstration.writing.problems import diagnose, resolve
from countersign.app.demonstration.writing.rounds import measure_height, monitor, stay
from countersign.kit.words import Words

from .strands import DAY, raised_lipids, raised_pressure, settling

_PRESSURE = Words("Hypertension, follow-up", "高血压复诊")
_CORONARY = Words("Coronary heart disease, follow-up", "冠心病复诊")
_PAIN = Words("Chest pain for four hours", "胸痛4小时")
_SINUS = Words("Sinus rhythm, no acute ischaemic changes.", "窦性心律，未见急性缺血改变。")
_THICK = Words(
    "Sinus rhythm, high left ventricular voltage.",
    "窦性心律，左心室高电压。",
)
_LIVING = (
    Words("Less than 5 g of salt a day", "每日食盐＜5 g"),
    Words("Measure blood pressure at home twice a week", "每周家庭自测血压2次"),
    Words("No smoking, little alcohol", "戒烟限酒"),
)


def hypertension(story: Story) -> None:
    """Brought to target with one or two drugs."""
    rng = story.rng
    code = rng.choice(("general-medicine", "cardiology"))
    visits = follow_up(
        story,
        code,
        story.years(2.5, 5.0),
        140,
        _PRESSURE,
        opening=Words("Dizziness on and off for a year", "反复头晕1年余"),
    )
    first = visits[0]
    first.history = "反复头晕、头胀1年余，多次测血压高于150/95 mmHg，无胸痛、黑矇。"
    third = ("hydrochlorothiazide",) if story.plot == "hyponatraemia" else ()
    drugs = rng.choice((("amlodipine", "valsartan"), ("enalapril", "amlodipine")))
    if story.plot == "hyponatraemia":
        drugs = ("losartan",)
    stubborn = story.plot in ("hyponatraemia", "pressure")
    found = raised_pressure(story, visits, drugs, goal=146 if stubborn else 128)
    for drug in third:
        prescribe(story, drug, visits[-1], reason=found)
    known: list[Diagnosis] = [found]
    if story.chance(0.45):
        known.append(raised_lipids(story, visits, goal=rng.uniform(2.1, 2.6)))
    story.body.level("uacr", rng.uniform(8, 45))
    measure_height(story, first)
    image(story, first, "ecg", first.start + timedelta(minutes=25), _THICK)
    monitor(
        story,
        visits,
        known,
        (),
        ("renal", "electrolytes", "lipids", "liver", "glycaemia", "urine"),
        notes=2,
    )
    title = Words("Hypertension plan", "高血压管理计划")
    plan(story, first, title, found, (SYSTOLIC,), _LIVING)
    if story.body.age(story.present) >= 60:
        vaccinate_in_season(story, visits)


def coronary(story: Story) -> None:
    """An infarction with a stent, then secondary prevention with LDL to target."""
    event = story.ago(story.years(1.6, 3.4)).replace(hour=9, minute=20)
    story.body.course("ldl", settling(event, story.rng.uniform(3.3, 4.2), 1.35, 80))
    heart = _infarction(story, event)
    since = (story.present - event) / DAY - 30
    visits = follow_up(story, "cardiology", since, 165, _CORONARY)
    measure_height(story, visits[0])
    second = [one for one in story.orders if one.medicine.key == "ticagrelor"]
    known = [heart]
    if story.chance(0.7):
        known.append(raised_pressure(story, visits, ("enalapril",), before=148))
    lipids = diagnose(story, "lipids", visits[0])
    known.append(lipids)
    for order in second:
        year = event + 365 * DAY
        if story.plot == "bleeding":
            continue
        if year < story.ago(story.margin + 5):
            stop(order, year, Words("Twelve months completed", "双联抗血小板满12个月"))
    monitor(
        story,
        visits,
        known,
        ("lipids",),
        ("renal", "electrolytes", "count", "liver"),
        notes=3,
    )
    title = Words("Secondary prevention of coronary disease", "冠心病二级预防计划")
    plan(story, visits[0], title, heart, (LDL_STRICT, SYSTOLIC), _LIVING)
    vaccinate_in_season(story, visits)


def _infarction(story: Story, event: datetime) -> Diagnosis:
    body = story.body
    for key, points in (
        ("troponin", ((0, 210), (9, 640), (30, 380), (96, 60), (150, 18))),
        ("nt-probnp", ((0, 420), (40, 980), (150, 350))),
        ("wbc", ((0, 11.2), (40, 9.4), (150, 7.2))),
    ):
        body.episode(key, event, *points)
    contact = admit(story, "cardiology", event, 5.2, _PAIN, source="emd")
    contact.history = (
        "患者4小时前活动中突发胸骨后压榨样疼痛，向左肩放射，伴大汗，含服硝酸甘油不缓解。"
    )
    attack = diagnose(story, "nstemi", contact)
    heart = diagnose(story, "coronary", contact)
    diagnose(story, "stent", contact, when=event + timedelta(hours=4.5))
    ecg = Words("ST depression V3–V6, 0.1–0.2 mV.", "窦性心律，V3–V6导联ST段压低0.1–0.2 mV。")
    image(story, contact, "ecg", event + timedelta(minutes=12), ecg)
    operate(story, contact, "angiography", event + timedelta(hours=3), 0.6, heart)
    operate(story, contact, "stent", event + timedelta(hours=3.6), 0.8, heart)
    resolve(attack, event + 28 * DAY)
    prevention = ("aspirin", "ticagrelor", "atorvastatin", "metoprolol")
    leaving = event + 5.1 * DAY
    for drug in prevention:
        prescribe(story, drug, contact, when=leaving, reason=heart, home=True)
    prescribe(story, "enoxaparin", contact, days=3, reason=heart)
    echo = Words(
        "Hypokinesia of the lateral wall, ejection fraction 54 %.",
        "左室侧壁运动减弱，左室射血分数54%。",
    )
    image(story, contact, "echo", event + 2 * DAY, echo)
    contact.course = "冠脉造影示前降支中段狭窄90%，植入药物洗脱支架1枚，术后未再发胸痛。"
    stay(
        story,
        contact,
        ("heart", "renal", "electrolytes", "count", "clotting", "lipids"),
        ("heart", "count"),
        "规律服用双联抗血小板药物12个月，1月后心内科门诊复诊，如再发胸痛立即就诊。",
    )
    return heart
