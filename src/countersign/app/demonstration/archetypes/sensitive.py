"""Histories that need protection: depression, schizophrenia and HIV."""

from __future__ import annotations

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.care import plan
from countersign.app.demonstration.writing.contacts import admit, follow_up
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose
from countersign.app.demonstration.writing.rounds import measure_height, monitor, stay
from countersign.kit.words import Words

from .strands import DAY

_MOOD = Words("Follow-up at the psychiatric clinic", "精神心理科复诊")
_LOW = Words("Low mood and poor sleep for two months", "情绪低落、睡眠差2月")
_VOICES = Words("Suspicious and hearing voices for three months", "凭空闻语、多疑3月")
_VIRUS = Words("Follow-up at the infectious diseases clinic", "感染科门诊复诊")
_YEARLY = ("count", "liver", "renal", "electrolytes", "lipids", "glycaemia", "thyroid")
_TALK = (
    Words("Psychotherapy every two weeks", "每2周1次心理治疗"),
    Words("Regular hours of sleep", "规律作息"),
)


def depression(story: Story) -> None:
    """Recovers on sertraline or escitalopram."""
    visits = follow_up(
        story,
        "psychiatry",
        story.years(2.0, 3.4),
        75,
        _MOOD,
        opening=Words("Low mood for two months", "情绪低落2月"),
    )
    first = visits[0]
    first.history = "情绪低落、兴趣减退、早醒、自责2月，无自杀计划，未曾服药。"
    found = diagnose(story, "depression", first)
    drug = story.rng.choice(("sertraline", "escitalopram"))
    prescribe(story, drug, first, reason=found)
    prescribe(story, "zopiclone", first, days=28, reason=found)
    if len(visits) > 2:
        visits[2].history = "情绪较前明显改善，睡眠6–7小时，能坚持工作，无消极观念。"
    measure_height(story, first)
    monitor(story, visits, [found], (), _YEARLY, ("pulse", "weight"))
    title = Words("Treatment plan of the clinic", "精神心理科治疗计划")
    plan(story, first, title, found, (), _TALK)


def schizophrenia(story: Story) -> None:
    """One admission, then olanzapine with weight, lipids and glucose watched."""
    body = story.body
    event = story.ago(story.years(2.0, 3.4)).replace(hour=10, minute=0)
    weight = body.usual("weight")
    body.course("weight", [(event, weight), (story.present, weight + 9)])
    body.course("hba1c", [(event, 5.4), (story.present, 6.2)])
    body.course("triglycerides", [(event, 1.2), (story.present, 2.3)])
    contact = admit(story, "psychiatry", event, 24.3, _VOICES, source="emd")
    contact.history = "3月来渐起凭空闻语、多疑，觉被人监视，夜眠差，由家属送诊。"
    found = diagnose(story, "schizophrenia", contact)
    later = event + 2 * DAY
    prescribe(story, "olanzapine", contact, when=later, reason=found, home=True)
    contact.course = "幻听减少，接触改善，自知力部分恢复。"
    panels = ("count", "liver", "renal", "electrolytes", "glycaemia", "lipids")
    stay(story, contact, panels, ("liver", "count"), "按时服药，每月门诊复诊，监测体重和血糖。")
    since = (story.present - event) / DAY - 40
    visits = follow_up(story, "psychiatry", since, 120, _MOOD)
    measure_height(story, visits[0])
    monitor(story, visits, [found], (), _YEARLY, ("pulse", "weight"))
    title = Words("Treatment plan of the clinic", "精神心理科治疗计划")
    plan(story, visits[0], title, found, (), _TALK)


def hiv(story: Story) -> None:
    """CD4 cells recover and the virus stays undetectable on treatment."""
    body = story.body
    visits = follow_up(
        story,
        "infectious-diseases",
        story.years(2.4, 4.0),
        115,
        _VIRUS,
        opening=Words("An abnormal blood test", "化验检查异常1周"),
    )
    first = visits[0]
    first.history = "自愿咨询检测发现抗体阳性，确证试验阳性，无发热、消瘦。"
    start = first.start
    body.course("cd4", [(start, 268), (start + 300 * DAY, 460), (story.present, 610)])
    body.course("hiv-rna", [(start, 68000), (start + 45 * DAY, 400), (start + 100 * DAY, 0)])
    found = diagnose(story, "hiv", first)
    prescribe(story, "bictegravir", first, reason=found)
    measure_height(story, first)
    yearly = ("count", "liver", "renal", "lipids", "glycaemia")
    monitor(story, visits, [found], ("hiv",), yearly, ("pulse", "weight"))
    title = Words("Treatment plan of the clinic", "感染科治疗计划")
    plan(story, first, title, found, (), (Words("Same tablet at the same hour", "每日定时服药"),))
