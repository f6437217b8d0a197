"""Men with an enlarged prostate who came to general medicine with a urinary infection."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose
from countersign.kit.words import Words

from .ward import enter, known, lie


def retention(story: Story) -> None:
    """Day three on antibiotics; the PSA is above the range although finasteride halves it."""
    history = "2天来排尿困难加重伴尿频、尿痛、发热，最高38.6℃，既往前列腺增生，长期服用非那雄胺。"
    reason = Words("Fever and difficulty passing water", "排尿困难加重伴发热2天")
    contact = enter(story, "general-medicine", 2.6, reason, history)
    body, start = story.body, contact.start
    body.episode("crp", start, (0, 64), (30, 58), (110, 16), (210, 5))
    body.episode("procalcitonin", start, (0, 0.6), (40, 0.4), (210, 0.05))
    body.episode("wbc", start, (0, 12.4), (60, 9.6), (210, 7.0))
    body.episode("temperature", start, (0, 38.4), (30, 37.6), (80, 36.8))
    usual = body.expected("creatinine", start)
    body.episode("creatinine", start, (0, usual * 1.2), (70, usual * 1.05))
    body.episode("psa", start, (0, 6.4), (200, 5.8))
    acute = diagnose(story, "urinary-infection", contact)
    known(story, contact, "prostate", "hypertension")
    antibiotic = "levofloxacin" if "penicillin" in story.allergies else "ceftriaxone"
    prescribe(story, antibiotic, contact, when=start + timedelta(hours=2), reason=acute)
    panels = ("count", "infection", "renal", "electrolytes", "psa")
    course = "体温下降，尿痛减轻，残余尿约90 mL，拟请泌尿外科会诊。"
    lie(story, contact, panels, ((30.0, ("count", "crp")), (6.0, ("renal",))), course)
