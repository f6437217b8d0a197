"""Potassium, sodium and glucose out of bounds in the last hours."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.exams import image
from countersign.app.demonstration.writing.orders import prescribe
from countersign.kit.words import Words

from .ward import enter, known, lie

_PEAKED = Words("Sinus rhythm, tall peaked T waves in V2–V4.", "窦性心律，V2–V4导联T波高尖。")
_ECTOPICS = Words(
    "Atrial fibrillation, frequent ventricular ectopics.",
    "心房颤动，频发室性早搏，ST段鱼钩样改变。",
)


def hyperkalaemia(story: Story) -> None:
    """Advanced kidney disease on losartan: potassium 5.6, 5.9, then 6.4 two hours ago."""
    reason = Words("Weakness and little urine for three days", "乏力、尿少3天")
    history = "3天前进食较多橘子、香蕉后乏力，尿量减少至约800 mL/日，双下肢浮肿，无胸痛。"
    contact = enter(story, "nephrology", 2.2, reason, history)
    known(story, contact, "nephritis", "ckd-4", "ckd-3", "renal-anaemia", "hypertension")
    now = story.body.expected("creatinine", contact.start)
    story.curve("creatinine", (70, now * 1.04), (2, now * 1.06))
    story.curve("potassium", (70, 5.6), (26, 5.9), (2, 6.4), (0, 6.45))
    story.curve("bicarbonate", (70, 18.2), (0, 17.2))
    prescribe(story, "furosemide", contact, when=contact.start + timedelta(hours=2))
    image(story, contact, "ecg", story.ago(0, 1.2), _PEAKED)
    panels = ("renal", "electrolytes", "count", "minerals")
    rounds = ((26.0, ("renal", "electrolytes")), (2.0, ("electrolytes",)))
    lie(story, contact, panels, rounds, "乏力仍明显，尿量约900 mL/日，双下肢浮肿较前无减轻。")


def hyponatraemia(story: Story) -> None:
    """An old person on a thiazide: sodium 122, then 118 three hours ago."""
    reason = Words("Nausea and drowsiness for two days", "恶心、乏力伴嗜睡2天")
    history = "近1月服用氢氯噻嗪降压，2天来恶心、食欲差，今日家属发现嗜睡、答非所问。"
    contact = enter(story, "general-medicine", 1.2, reason, history)
    known(story, contact, "hypertension")
    story.curve("sodium", (40, 122), (28, 122), (3, 118), (0, 118))
    story.curve("potassium", (40, 3.6), (0, 3.4))
    panels = ("electrolytes", "renal", "count", "liver", "glucose")
    rounds = ((14.0, ("salts",)), (3.0, ("electrolytes",)))
    lie(story, contact, panels, rounds, "仍嗜睡，呼之能应，无抽搐，四肢活动正常。")


def digoxin(story: Story) -> None:
    """Digoxin and furosemide: potassium 2.9 three hours ago with a high digoxin level."""
    reason = Words("Nausea and palpitations for three days", "恶心、心悸3天")
    history = "3天来食欲减退、恶心，伴心悸、视物发黄，近1周自行加服呋塞米。"
    contact = enter(story, "cardiology", 1.1, reason, history)
    known(story, contact, "fibrillation", "failure", "hypertension")
    story.curve("potassium", (40, 3.2), (3, 2.92), (0, 2.9))
    story.curve("magnesium", (40, 0.68), (0, 0.66))
    story.curve("digoxin", (40, 2.9), (0, 2.8))
    image(story, contact, "ecg", contact.start + timedelta(minutes=20), _ECTOPICS)
    panels = ("electrolytes", "renal", "nt-probnp", "count")
    rounds = ((3.0, ("electrolytes", "minerals", "digoxin")),)
    lie(story, contact, panels, rounds, "仍有恶心，心率58–96次/分，心律绝对不齐，可闻早搏。")


def potassium(story: Story) -> None:
    """Spironolactone, sacubitril/valsartan and potassium chloride: potassium 5.7 today."""
    reason = Words("Swollen legs for a week", "双下肢水肿1周")
    history = "慢性心力衰竭规律服药，1周前感冒后双下肢水肿加重，院外继续服用螺内酯及氯化钾。"
    contact = enter(story, "cardiology", 3.1, reason, history, source="outp")
    known(story, contact, "failure", "cardiomyopathy")
    story.curve("potassium", (90, 5.0), (30, 5.35), (4, 5.7), (0, 5.7))
    now = story.body.expected("creatinine", contact.start)
    story.curve("creatinine", (90, now * 1.1), (0, now * 1.18))
    story.curve("nt-probnp", (90, 3900), (0, 2400))
    prescribe(story, "furosemide-iv", contact, when=contact.start + timedelta(hours=1))
    panels = ("electrolytes", "renal", "heart", "count", "liver")
    rounds = ((30.0, ("electrolytes",)), (4.0, ("electrolytes", "renal")))
    lie(story, contact, panels, rounds, "水肿较前减轻，夜间可平卧，体重较入院下降1.5 kg。")


def hypoglycaemia(story: Story) -> None:
    """Insulin and a sulfonylurea in a poor eater: glucose 2.3 an hour and a half ago."""
    reason = Words("Poor appetite for a week, glucose unsteady", "食欲差1周，血糖波动")
    history = "1周来食欲减退，进食量减半，院外仍按原剂量应用甘精胰岛素及格列美脲，曾有出汗、手抖。"
    contact = enter(story, "endocrinology", 1.4, reason, history, source="outp")
    known(story, contact, "diabetes", "hypertension", "lipids")
    story.curve("glucose", (45, 9.1), (33, 8.4), (12, 5.2), (1.5, 2.3), (0, 2.3))
    panels = ("glucose", "hba1c", "renal", "electrolytes", "count")
    rounds = ((12.0, ("glucose",)), (1.5, ("glucose",)))
    lie(story, contact, panels, rounds, "晨起出汗、心慌，神志清楚，早餐未进。")
