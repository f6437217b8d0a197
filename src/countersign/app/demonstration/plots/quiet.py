"""Admissions that go as they should."""

from __future__ import annotations

from datetime import timedelta

from countersign.app.demonstration.archetypes.lungs import infected, treat_pneumonia
from countersign.app.demonstration.archetypes.nerves import INFARCT, WEAK
from countersign.app.demonstration.archetypes.strands import DAY
from countersign.app.demonstration.archetypes.surgery import (
    GALLBLADDER,
    HIP,
    Operation,
    performed,
)
from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.acts import operate
from countersign.app.demonstration.writing.exams import image
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose
from countersign.kit.words import Words

from .ward import BEDSIDE, enter, known, lie


def pneumonia(story: Story) -> None:
    """Day five, fever gone."""
    history = "5天前受凉后发热，最高39.0℃，咳黄痰，无胸痛、咯血。"
    code = story.rng.choice(("respiratory", "respiratory", "general-medicine"))
    contact = enter(story, code, 4.6, Words("Fever and cough", "发热、咳嗽5天"), history)
    infected(story, contact.start, crp=118, wbc=13.1, temperature=38.8, saturation=93)
    treat_pneumonia(story, contact)
    rounds = ((50.0, ("count", "infection")), (7.0, ("crp",)))
    panels = ("count", "infection", "renal", "liver", "electrolytes")
    lie(story, contact, panels, rounds, "体温正常2天，咳嗽减轻，痰白易咳出，食欲恢复。")


def exacerbation(story: Story) -> None:
    """COPD, day four on nebulisers and steroid."""
    history = "受凉后咳嗽、咳黄痰、气促加重3天，夜间不能平卧，无下肢水肿。"
    reason = Words("Breathlessness worse for three days", "气促加重3天")
    contact = enter(story, "respiratory", 3.7, reason, history)
    infected(story, contact.start, crp=52, wbc=11.2, temperature=37.8, saturation=89)
    acute = diagnose(story, "copd-acute", contact)
    known(story, contact, "copd", "hypertension")
    start = contact.start + timedelta(hours=3)
    for drug in ("methylprednisolone", "salbutamol"):
        prescribe(story, drug, contact, when=start, reason=acute)
    antibiotic = "levofloxacin" if "penicillin" in story.allergies else "ceftriaxone"
    prescribe(story, antibiotic, contact, when=start, reason=acute)
    rounds = ((30.0, ("count", "crp")), (6.0, ("salts",)))
    panels = ("count", "infection", "renal", "electrolytes")
    lie(story, contact, panels, rounds, "气促较前缓解，可平卧，痰量减少，双肺哮鸣音减少。")


def congestion(story: Story) -> None:
    """Heart failure, losing water as planned."""
    history = "1周来活动后气促、夜间憋醒，双下肢水肿，体重增加4 kg。"
    reason = Words("Breathless for a week", "活动后气促1周")
    contact = enter(story, "cardiology", 3.3, reason, history)
    known(story, contact, "failure", "cardiomyopathy")
    heavy = story.body.expected("weight", contact.start)
    story.curve("weight", (90, heavy + 4.2), (0, heavy + 0.8))
    story.curve("nt-probnp", (90, 5200), (0, 2300))
    story.curve("saturation", (90, 93), (0, 97))
    prescribe(story, "furosemide-iv", contact, when=contact.start + timedelta(hours=1))
    rounds = ((30.0, ("renal", "electrolytes")), (5.0, ("electrolytes", "nt-probnp")))
    panels = ("heart", "renal", "electrolytes", "count", "liver")
    course = "利尿后气促明显减轻，水肿消退，体重下降约3 kg。"
    lie(story, contact, panels, rounds, course, (*BEDSIDE, "weight"))


def angina(story: Story) -> None:
    """Chest pain without infarction, angiography planned."""
    history = "1周来活动时胸闷，每次约5分钟，休息可缓解，无持续性胸痛。"
    reason = Words("Chest tightness on exertion for a week", "劳力性胸闷1周")
    contact = enter(story, "cardiology", 1.4, reason, history, source="outp")
    diagnose(story, "unstable-angina", contact)
    known(story, contact, "coronary", "stent", "hypertension", "lipids")
    panels = ("heart", "renal", "electrolytes", "count", "lipids", "clotting")
    lie(story, contact, panels, ((8.0, ("heart",)),), "未再发胸闷，拟择期复查冠状动脉造影。")


def infarct(story: Story) -> None:
    """Stroke, day six, walking with help."""
    history = "8小时前突发右侧肢体无力、言语含糊，无头痛、呕吐，既往高血压。"
    contact = enter(story, "neurology", 5.4, WEAK, history)
    acute = diagnose(story, "stroke", contact)
    known(story, contact, "hypertension", "diabetes", "lipids")
    image(story, contact, "head-mri", contact.start + timedelta(hours=18), INFARCT)
    start = contact.start + timedelta(hours=4)
    for drug in ("aspirin", "clopidogrel"):
        prescribe(story, drug, contact, when=start, reason=acute)
    if not any(one.medicine.key == "atorvastatin" for one in story.orders):
        prescribe(story, "atorvastatin", contact, when=start, reason=acute)
    story.curve("systolic", (130, 168), (60, 148), (0, 138))
    story.curve("diastolic", (130, 96), (60, 86), (0, 82))
    panels = ("count", "renal", "electrolytes", "hba1c", "glucose", "lipids", "clotting")
    course = "右侧肢体肌力4级，言语较前清晰，可在搀扶下行走，康复训练中。"
    lie(story, contact, panels, ((30.0, ("renal", "electrolytes")),), course)


def gallbladder(story: Story) -> None:
    """Second day after laparoscopic cholecystectomy."""
    _operated(story, GALLBLADDER, 2.9, "术后第2天，无腹胀、发热，已进半流食，切口干燥。")


def hip(story: Story) -> None:
    """Fourth day after a new hip."""
    _operated(story, HIP, 4.8, "术后第4天，疼痛可耐受，扶助行器下地10米，双下肢无肿胀。")


def _operated(story: Story, operation: Operation, days: float, course: str) -> None:
    source = "emd" if operation.disease == "hip-fracture" else "outp"
    reason, history = operation.reason, operation.history
    contact = enter(story, operation.department, days, reason, history, source)
    performed(story, contact, operation, contact.start + 0.9 * DAY)
    known(story, contact, "hypertension")
    panels = ("count", "renal", "electrolytes", "liver", "clotting")
    lie(story, contact, panels, ((26.0, ("count", "crp")), (6.0, ("count",))), course)


def prostate(story: Story) -> None:
    """Second day after transurethral resection."""
    history = "排尿困难3年，药物治疗效果欠佳，夜尿4–5次，国际前列腺症状评分24分。"
    reason = Words("Difficulty passing water for three years", "进行性排尿困难3年")
    contact = enter(story, "urology", 2.8, reason, history, source="outp")
    known(story, contact, "prostate", "hypertension")
    found = contact.diagnoses[0]
    operate(story, contact, "turp", contact.start + 0.9 * DAY, 1.2, found)
    prescribe(story, "cefuroxime", contact, when=contact.start + 0.9 * DAY, days=2, reason=found)
    panels = ("count", "renal", "electrolytes", "clotting", "psa")
    course = "术后第2天，膀胱冲洗液转清，无发热、腹胀，拟明日拔除尿管。"
    lie(story, contact, panels, ((7.0, ("count", "salts")),), course)


def chemotherapy(story: Story) -> None:
    """A planned course for bowel cancer."""
    history = "结肠癌术后定期复查，按计划入院行静脉化疗，无恶心、腹痛。"
    reason = Words("Planned chemotherapy", "结肠癌术后，拟行化疗")
    contact = enter(story, "oncology", 1.6, reason, history, source="outp")
    known(story, contact, "colon-cancer")
    found = contact.diagnoses[0]
    day = contact.start + 0.8 * DAY
    prescribe(story, "oxaliplatin", contact, when=day, reason=found)
    operate(story, contact, "chemotherapy", day, 3.0, found)
    panels = ("count", "liver", "renal", "electrolytes", "cea")
    lie(story, contact, panels, ((8.0, ("count",)),), "化疗第2天，轻度恶心，无呕吐、腹泻。")


def iron_workup(story: Story) -> None:
    """Anaemia being looked into."""
    history = "乏力、活动后气促2月，外院查血红蛋白降低，大便潜血阴性，为明确原因入院。"
    reason = Words("Tired for two months, anaemia", "乏力2月，贫血待查")
    contact = enter(story, "haematology", 2.1, reason, history, source="outp")
    known(story, contact, "iron-deficiency", "gastritis", "b12-deficiency", "myeloma")
    panels = ("count", "iron", "b12", "renal", "liver", "crp")
    lie(story, contact, panels, ((9.0, ("count",)),), "无黑便、鼻出血，已预约胃肠镜检查。")


def delivery(story: Story) -> None:
    """The day after a normal birth."""
    history = "孕39周，规律宫缩5小时，无阴道流液，胎心好，宫口开大3 cm。"
    reason = Words("Contractions at 39 weeks", "停经39周，规律下腹痛5小时")
    contact = enter(story, "obstetrics", 1.5, reason, history)
    known(story, contact, "pregnancy")
    born = contact.start + timedelta(hours=6)
    found = diagnose(story, "delivery", contact, when=born)
    operate(story, contact, "delivery", born, 0.5, found)
    story.curve("wbc", (60, 9.4), (30, 10.8), (0, 12.6))
    low = story.body.expected("haemoglobin", contact.start)
    story.curve("haemoglobin", (60, low), (30, low), (0, low - 9))
    panels = ("count", "clotting", "renal", "liver")
    course = "产后第1天，子宫收缩好，恶露量中，母乳喂养，新生儿一般情况好。"
    lie(story, contact, panels, ((8.0, ("count",)),), course)


def stone(story: Story) -> None:
    """Ureteroscopy tomorrow."""
    history = "反复左腰部胀痛2周，超声提示左侧输尿管结石，无发热。"
    reason = Words("Pain in the left flank for two weeks", "左腰部胀痛2周")
    contact = enter(story, "urology", 1.1, reason, history, source="outp")
    diagnose(story, "ureteric-stone", contact)
    known(story, contact, "kidney-stone")
    panels = ("renal", "count", "electrolytes", "clotting")
    lie(story, contact, panels, ((6.0, ("renal",)),), "无腰痛、发热，拟明日行输尿管镜碎石术。")


def mood(story: Story) -> None:
    """Depression, second week on the ward."""
    history = "情绪低落加重1月，夜眠差，食欲减退，由家属陪同入院，无自伤行为。"
    reason = Words("Low mood, worse for a month", "情绪低落加重1月")
    contact = enter(story, "psychiatry", 7.2, reason, history, source="outp")
    known(story, contact, "depression", "schizophrenia")
    panels = ("count", "liver", "renal", "electrolytes", "thyroid")
    course = "情绪较入院好转，睡眠约6小时，饮食改善，能参加工娱治疗。"
    lie(story, contact, panels, ((28.0, ("liver", "salts")),), course)
