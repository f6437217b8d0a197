"""Operations and what followed: gallbladder, appendix, hernia, hip, bowel and breast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.app.demonstration.writing.acts import operate
from countersign.app.demonstration.writing.contacts import admit, follow_up
from countersign.app.demonstration.writing.exams import image
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose, resolve
from countersign.app.demonstration.writing.rounds import measure_height, monitor, stay
from countersign.kit.words import Words

from .lungs import open_days
from .strands import DAY, raised_pressure

_CHECK = Words("Health check", "健康体检")
YEARLY = ("count", "renal", "liver", "lipids", "glucose")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: where, why, what was found and what was done."""

    department: str
    disease: str
    procedure: str
    days: float
    reason: Words
    history: str
    course: str
    advice: str
    picture: tuple[str, Words] | None = None
    blood_loss: float = 8
    inflamed: bool = False


GALLBLADDER = Operation(
    "general-surgery",
    "cholecystitis",
    "cholecystectomy",
    4.2,
    Words("Right upper abdominal pain after meals for a year", "反复右上腹痛1年"),
    "反复进食油腻后右上腹胀痛1年，向右肩背部放射，无黄疸、发热。",
    "腹腔镜下胆囊切除顺利，术后第1天进流食，切口愈合好。",
    "清淡饮食，1周后门诊换药。",
    ("abdomen-us", Words("Several gallstones, thickened wall.", "胆囊多发结石，胆囊壁增厚。")),
)
APPENDIX = Operation(
    "general-surgery",
    "appendicitis",
    "appendicectomy",
    4.1,
    Words("Right lower abdominal pain for a day", "转移性右下腹痛1天"),
    "1天前脐周疼痛，数小时后转移并固定于右下腹，伴恶心、低热。右下腹压痛、反跳痛。",
    "急诊腹腔镜下阑尾切除，术中见阑尾充血水肿，术后恢复顺利。",
    "2周内避免剧烈运动，1周后门诊复查。",
    ("abdomen-us", Words("Swollen appendix of 10 mm.", "右下腹阑尾增粗，直径约10 mm。")),
    inflamed=True,
)
HERNIA = Operation(
    "general-surgery",
    "hernia",
    "hernia",
    3.1,
    Words("Reducible swelling of the right groin for a year", "右腹股沟可复性包块1年"),
    "右腹股沟包块1年，站立时突出，平卧可回纳，无疼痛及嵌顿。",
    "局麻加强化下无张力修补，术后下床活动好。",
    "3个月内避免提重物。",
    blood_loss=4,
)
HIP = Operation(
    "orthopaedics",
    "hip-fracture",
    "hip",
    10.2,
    Words("Pain in the left hip after a fall, six hours", "跌倒后左髋部疼痛、活动受限6小时"),
    "6小时前在家中跌倒，左髋部着地，左下肢外旋短缩畸形，不能站立。",
    "行左侧人工股骨头置换，术后予抗凝及康复训练，扶助行器可下地。",
    "继续抗骨质疏松治疗，防跌倒，6周后骨科门诊复查。",
    blood_loss=24,
)


def gallbladder(story: Story) -> None:
    """Health checks, then the gallbladder is taken out."""
    _before_and_after(story, GALLBLADDER)


def appendix(story: Story) -> None:
    """A young person's single admission."""
    _before_and_after(story, APPENDIX)


def hernia(story: Story) -> None:
    """A planned repair."""
    _before_and_after(story, HERNIA)


def hip_fracture(story: Story) -> None:
    """A fall, a new hip, and treatment for osteoporosis."""
    visits = _before_and_after(story, HIP)
    bones = diagnose(story, "osteoporosis", visits[-1])
    prescribe(story, "alendronate", visits[-1], reason=bones)
    prescribe(story, "calcium", visits[-1], reason=bones)


def _before_and_after(story: Story, operation: Operation) -> Sequence[Contact]:
    checks = follow_up(story, "general-medicine", story.years(2.8, 4.6), 330, _CHECK)
    start = None if story.margin else open_days(story, checks[0].start, operation.days + 1)
    known: list[Diagnosis] = []
    if story.body.age(story.present) > 58:
        known.append(raised_pressure(story, checks, ("amlodipine",)))
    else:
        resolve(diagnose(story, "check-up", checks[0]), checks[0].start)
    measure_height(story, checks[0])
    monitor(story, checks, known, (), YEARLY, ("pulse", "temperature"), notes=1, gap=250)
    if start is not None:
        _operated(story, operation, start)
    return checks


def _operated(story: Story, operation: Operation, start: datetime) -> None:
    emergency = operation.inflamed or operation.disease == "hip-fracture"
    source = "emd" if emergency else "outp"
    reason, code = operation.reason, operation.department
    contact = admit(story, code, start, operation.days, reason, source)
    contact.history = operation.history
    wait = 0.25 if operation.inflamed else 1.0
    knife = start + wait * DAY
    found = performed(story, contact, operation, knife)
    contact.course = operation.course
    panels = ("count", "renal", "electrolytes", "liver", "clotting")
    stay(story, contact, panels, ("count", "crp"), operation.advice)
    resolve(found, (contact.end or start) + 21 * DAY)


def performed(story: Story, contact: Contact, operation: Operation, knife: datetime) -> Diagnosis:
    """Diagnosis, picture, operation, antibiotic cover and what the body makes of it."""
    body, start = story.body, contact.start
    usual = body.expected("haemoglobin", start)
    low = usual - operation.blood_loss
    hours = (knife - start) / timedelta(hours=1)
    body.episode("haemoglobin", start, (0, usual), (hours, usual), (hours + 14, low), (900, usual))
    body.episode("crp", start, (0, 46 if operation.inflamed else 3), (hours + 30, 68), (220, 9))
    white = 13.4 if operation.inflamed else 6.6
    body.episode("wbc", start, (0, white), (hours + 14, 10.6), (200, 6.8))
    if operation.inflamed:
        body.episode("temperature", start, (0, 38.1), (40, 37.1), (90, 36.7))
    found = diagnose(story, operation.disease, contact)
    if operation.picture is not None:
        key, words = operation.picture
        image(story, contact, key, start + timedelta(hours=1.5), words)
    operate(story, contact, operation.procedure, knife, 1.4, found)
    antibiotic = "levofloxacin" if "penicillin" in story.allergies else "cefuroxime"
    prescribe(story, antibiotic, contact, when=knife - timedelta(minutes=40), days=2, reason=found)
    if operation.disease == "hip-fracture":
        prescribe(story, "enoxaparin", contact, when=knife + timedelta(hours=12), reason=found)
    pain = knife + timedelta(hours=3)
    prescribe(story, "paracetamol", contact, when=pain, days=4, reason=found)
    return found
