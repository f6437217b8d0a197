"""Chronic disease far from its target."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.orders import prescribe
from countersign.kit.words import Words

from .ward import BEDSIDE, enter, known, lie


def sugar(story: Story) -> None:
    """HbA1c around 10 %, admitted to begin insulin."""
    reason = Words("High glucose for three months", "血糖升高3月余")
    history = (
        "3月来饮食未控制，口服降糖药常漏服，口干、多饮，空腹血糖13–16 mmol/L，无恶心、深大呼吸。"
    )
    contact = enter(story, "endocrinology", 2.6, reason, history, source="outp")
    known(story, contact, "diabetes", "hypertension", "lipids", "fatty-liver")
    level = story.rng.uniform(9.6, 11.2)
    story.curve("hba1c", (80, level), (0, level))
    story.curve("glucose", (80, 16.8), (40, 13.1), (0, 9.8))
    diabetes = next(one for one in story.diagnoses if one.disease.key == "diabetes")
    start = contact.start + timedelta(hours=4)
    prescribe(story, "glargine", contact, when=start, dose="14 [iU]", reason=diabetes)
    prescribe(story, "aspart", contact, when=start, dose="5 [iU]", reason=diabetes)
    panels = ("hba1c", "glucose", "renal", "electrolytes", "lipids", "liver", "urine")
    rounds = ((26.0, ("glucose",)), (6.0, ("glucose", "salts")))
    lie(story, contact, panels, rounds, "口干减轻，空腹血糖较入院下降，无低血糖发作。")


def pressure(story: Story) -> None:
    """178/104 mmHg in spite of treatment."""
    reason = Words("Headache and dizziness for a week", "头痛、头晕1周")
    history = "高血压病史，近1月间断漏服药物，1周来头痛、头晕，家测血压最高186/108 mmHg，无胸痛。"
    code = story.rng.choice(("cardiology", "general-medicine"))
    contact = enter(story, code, 1.8, reason, history)
    known(story, contact, "hypertension", "lipids")
    story.curve("systolic", (60, 184), (30, 174), (2, 168), (0, 167))
    story.curve("diastolic", (60, 106), (30, 101), (2, 98), (0, 98))
    panels = ("renal", "electrolytes", "urine", "count", "heart", "lipids")
    rounds = ((26.0, ("electrolytes",)), (3.0, ("renal",)))
    lie(story, contact, panels, rounds, "头痛减轻，血压仍高于目标，无恶心、视物模糊。", BEDSIDE)
