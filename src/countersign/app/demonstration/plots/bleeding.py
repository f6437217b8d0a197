"""Haemoglobin that falls, and an INR far above its range."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose
from countersign.kit.words import Words

from .ward import enter, known, lie


def bleeding(story: Story) -> None:
    """Black stools on antithrombotic treatment: haemoglobin falls by 40 g/L in a day and a half."""
    reason = Words("Black stools for two days", "黑便2天")
    history = "2天来解柏油样便3次，伴头晕、乏力，无呕血、腹痛，长期服用抗栓药物，未服胃黏膜保护剂。"
    contact = enter(story, "general-medicine", 1.7, reason, history)
    diagnose(story, "gi-bleeding", contact)
    known(story, contact, "coronary", "stent", "fibrillation", "hypertension")
    base = min(story.body.expected("haemoglobin", contact.start), 128) - 8
    story.curve("haemoglobin", (60, base), (40, base), (18, base - 24), (2, base - 45))
    story.curve("urea", (60, 8.4), (18, 13.2), (0, 14.6))
    story.curve("pulse", (60, 84), (0, 108))
    story.curve("systolic", (60, 124), (0, 102))
    story.curve("diastolic", (60, 74), (0, 62))
    prescribe(story, "pantoprazole-iv", contact, when=contact.start + timedelta(hours=2))
    panels = ("count", "renal", "electrolytes", "clotting", "liver")
    rounds = ((18.0, ("count",)), (2.0, ("count", "renal")))
    lie(story, contact, panels, rounds, "夜间再解黑便约300 g，头晕、心悸，面色苍白，四肢尚温。")


def over_anticoagulated(story: Story) -> None:
    """Warfarin and a new antibiotic: INR 2.6 on admission, above 6 today."""
    reason = Words("Fever and cough for three days", "发热、咳嗽3天")
    history = "心房颤动长期服用华法林，INR稳定于2–3。3天前受凉后发热、咳黄痰。"
    code = story.rng.choice(("cardiology", "general-medicine"))
    contact = enter(story, code, 4.2, reason, history)
    acute = diagnose(story, "bronchitis", contact)
    known(story, contact, "fibrillation", "hypertension")
    start = contact.start + timedelta(hours=3)
    prescribe(story, "moxifloxacin", contact, when=start, reason=acute)
    story.curve("inr", (120, 2.6), (98, 2.6), (50, 3.6), (2.5, 6.15), (0, 6.2))
    story.curve("crp", (120, 74), (50, 40), (0, 16))
    story.curve("temperature", (120, 38.4), (60, 37.3), (0, 36.7))
    story.curve("wbc", (120, 12.1), (0, 7.8))
    story.curve("procalcitonin", (120, 0.22), (0, 0.06))
    story.curve("pulse", (120, 96), (0, 80))
    panels = ("clotting", "count", "infection", "renal", "electrolytes", "liver")
    rounds = ((50.0, ("clotting", "crp")), (2.5, ("clotting", "count")))
    lie(story, contact, panels, rounds, "体温正常，咳嗽减轻，刷牙时牙龈少量渗血，无黑便。")
