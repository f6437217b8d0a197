"""Kidneys that fail within days, and medicines that failing kidneys do not bear."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose
from countersign.kit.words import Words

from .ward import enter, known, lie


def acute_injury(story: Story) -> None:
    """Creatinine 1.4 times, then twice its level within 48 hours."""
    factor = story.rng.choice((1.95, 2.2, 2.7))
    if story.has("coronary"):
        code, reason = "cardiology", Words("Chest tightness for a week", "活动后胸闷1周")
        history = "1周来快走时胸闷，休息可缓解，入院次日行冠状动脉造影，使用造影剂约150 mL。"
        course = "冠脉造影后第2天，尿量减少至约600 mL/日，无发热、胸痛。"
    else:
        code = "general-medicine"
        reason = Words("Vomiting and diarrhoea for three days", "呕吐、腹泻3天")
        history = "3天前不洁饮食后呕吐、水样便，每日8–10次，仍继续服用降压药，自服布洛芬退热。"
        course = "腹泻好转，口干明显，24小时尿量约450 mL。"
    contact = enter(story, code, 2.4, reason, history)
    if code == "general-medicine":
        diagnose(story, "gastroenteritis", contact)
        story.curve("crp", (80, 42), (0, 15))
        story.curve("pulse", (80, 106), (0, 88))
    known(story, contact, "coronary", "stent", "hypertension", "diabetes")
    base = story.body.expected("creatinine", contact.start)
    story.curve(
        "creatinine",
        (80, base),
        (54, base),
        (27, base * 1.4),
        (5, base * factor),
        (0, base * factor),
    )
    story.curve("potassium", (80, 4.2), (54, 4.3), (0, 5.1))
    if code == "cardiology":
        prescribe(story, "enoxaparin", contact, when=contact.start + timedelta(hours=3))
    else:
        prescribe(story, "diclofenac", contact, when=contact.start + timedelta(hours=3))
        story.curve("systolic", (60, 98), (0, 112))
        story.curve("diastolic", (60, 60), (0, 68))
    panels = ("renal", "electrolytes", "count", "crp")
    rounds = ((27.0, ("renal", "electrolytes")), (5.0, ("renal", "electrolytes")))
    lie(story, contact, panels, rounds, course)


def metformin(story: Story) -> None:
    """Metformin goes on although the eGFR has reached 25."""
    reason = Words("Swollen legs, glucose unsteady", "双下肢浮肿、血糖控制欠佳1月")
    history = "1月来双下肢浮肿加重，泡沫尿增多，空腹血糖8–10 mmol/L，院外一直服用二甲双胍。"
    code = story.rng.choice(("nephrology", "endocrinology"))
    contact = enter(story, code, 2.0, reason, history, source="outp")
    known(story, contact, "diabetic-kidney", "diabetes", "ckd-3", "ckd-4", "hypertension")
    story.curve("hba1c", (60, 8.4), (0, 8.4))
    panels = ("renal", "electrolytes", "hba1c", "glucose", "count", "liver", "urine")
    rounds = ((20.0, ("renal", "electrolytes")),)
    lie(story, contact, panels, rounds, "双下肢轻度凹陷性水肿，无恶心、呕吐，进食可。")


def albuminuria(story: Story) -> None:
    """Stage G4 with heavy albuminuria, admitted to plan what comes next."""
    reason = Words("Kidney function worse over half a year", "肾功能进行性下降半年")
    history = "慢性肾炎病史，半年来血肌酐进行性升高，泡沫尿明显，为进一步评估及肾替代治疗宣教入院。"
    contact = enter(story, "nephrology", 1.6, reason, history, source="outp")
    known(story, contact, "nephritis", "ckd-4", "ckd-3", "renal-anaemia", "hypertension")
    story.curve("uacr", (60, 1180), (0, 1180))
    panels = ("renal", "electrolytes", "count", "minerals", "urine", "iron")
    rounds = ((22.0, ("renal", "electrolytes")),)
    lie(story, contact, panels, rounds, "无恶心、皮肤瘙痒，尿量约1500 mL/日，已行肾替代治疗宣教。")
