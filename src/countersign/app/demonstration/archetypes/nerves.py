"""Stroke with secondary prevention, Parkinson disease and epilepsy."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.care import LDL, SYSTOLIC, plan
from countersign.app.demonstration.writing.contacts import admit, follow_up
from countersign.app.demonstration.writing.exams import image
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose, resolve
from countersign.app.demonstration.writing.rounds import measure_height, monitor, stay
from countersign.kit.words import Words

from .strands import DAY, raised_pressure, settling

WEAK = Words("Weakness of the right limbs for eight hours", "右侧肢体无力8小时")
_STROKE = Words("After a stroke, follow-up", "脑梗死后复诊")
_PARKINSON = Words("Parkinson disease, follow-up", "帕金森病复诊")
_EPILEPSY = Words("Epilepsy, follow-up", "癫痫复诊")
INFARCT = Words(
    "Acute infarct of the left basal ganglia.",
    "左侧基底节区急性脑梗死，DWI呈高信号。",
)
_NO_BLEEDING = Words("No haemorrhage.", "头颅CT未见出血。")
_NORMAL = Words("No focal lesion.", "颅内未见明显异常信号。")
_CARE = (
    Words("Exercises for hand and gait every day", "每日肢体及步态康复训练"),
    Words("No smoking", "戒烟"),
)


def stroke(story: Story) -> None:
    """A small infarct, good recovery, clopidogrel and a statin for good."""
    event = story.ago(story.years(1.6, 3.4)).replace(hour=16, minute=10)
    contact = admit(story, "neurology", event, 9.3, WEAK, source="emd")
    contact.history = "8小时前晨起时发现右侧肢体无力，持物不稳，言语含糊，无头痛、呕吐。"
    acute = diagnose(story, "stroke", contact)
    image(story, contact, "head-ct", event + timedelta(minutes=40), _NO_BLEEDING)
    image(story, contact, "head-mri", event + timedelta(hours=20), INFARCT)
    for drug in ("clopidogrel", "atorvastatin"):
        later = event + timedelta(hours=4)
        prescribe(story, drug, contact, when=later, reason=acute, home=True)
    aspirin = prescribe(story, "aspirin", contact, days=21, reason=acute, home=True)
    aspirin.resource["note"] = [{"text": "双联抗血小板21天（演示数据）"}]
    story.body.course("ldl", settling(event, story.rng.uniform(3.3, 4.1), 1.6, 90))
    story.body.episode("systolic", event, (0, 172), (70, 150), (220, 138))
    story.body.episode("diastolic", event, (0, 98), (70, 88), (220, 82))
    contact.course = "右侧肌力由3级恢复至4+级，言语较前清晰，康复训练配合好。"
    panels = ("count", "renal", "glycaemia", "lipids", "clotting")
    stay(story, contact, panels, ("renal", "electrolytes"), "规律服药，控制血压，继续康复训练。")
    resolve(acute, event + 30 * DAY)
    since = (story.present - event) / DAY - 32
    visits = follow_up(story, "neurology", since, 160, _STROKE)
    sequelae = diagnose(story, "stroke-sequelae", visits[0])
    pressure = raised_pressure(story, visits, ("amlodipine", "enalapril"), before=152)
    measure_height(story, visits[0])
    yearly = ("renal", "electrolytes", "liver")
    monitor(story, visits, [sequelae, pressure], ("lipids",), yearly, notes=3)
    title = Words("Secondary prevention of stroke", "脑梗死二级预防计划")
    plan(story, visits[0], title, sequelae, (SYSTOLIC, LDL), _CARE)


def parkinson(story: Story) -> None:
    """The dose of levodopa rises over the years."""
    visits = follow_up(
        story,
        "neurology",
        story.years(2.6, 4.6),
        130,
        _PARKINSON,
        opening=Words("Trembling of the right hand for two years", "右上肢震颤2年"),
    )
    first = visits[0]
    first.history = "右上肢静止性震颤2年，动作迟缓、行走前冲1年，无跌倒。"
    found = diagnose(story, "parkinson", first)
    prescribe(story, "levodopa", first, dose="62.5 mg", days=300, reason=found)
    if len(visits) > 3:
        prescribe(story, "levodopa", visits[3], dose="125 mg", reason=found)
    story.body.course("systolic", [(first.start, 128), (story.present, 112)])
    measure_height(story, first)
    image(story, first, "head-mri", first.start + timedelta(minutes=55), _NORMAL)
    yearly = ("count", "renal", "electrolytes", "liver", "lipids", "glycaemia")
    monitor(story, visits, [found], (), yearly, ("pulse", "weight"))
    plan(story, first, Words("Parkinson plan", "帕金森病管理计划"), found, (), _CARE[:1])


def epilepsy(story: Story) -> None:
    """Free of seizures on levetiracetam."""
    visits = follow_up(
        story,
        "neurology",
        story.years(2.6, 4.6),
        150,
        _EPILEPSY,
        opening=Words("Two fits with loss of consciousness", "发作性意识丧失伴抽搐2次"),
    )
    first = visits[0]
    first.history = "发作性意识丧失伴四肢抽搐2次，每次约2分钟，发作后嗜睡，无外伤。"
    found = diagnose(story, "epilepsy", first)
    prescribe(story, "levetiracetam", first, reason=found)
    measure_height(story, first)
    image(story, first, "head-mri", first.start + timedelta(minutes=55), _NORMAL)
    yearly = ("count", "renal", "electrolytes", "liver", "lipids", "glycaemia")
    monitor(story, visits, [found], (), yearly, ("pulse", "weight"))
    aim = Words("Keep a diary of seizures", "记录癫痫发作日记")
    plan(story, first, Words("Epilepsy plan", "癫痫管理计划"), found, (), (aim,))
