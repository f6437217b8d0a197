"""The last admission of those who have died."""

from __future__ import annotations

from countersign.app.demonstration.archetypes.strands import DAY
from countersign.app.demonstration.story import Story
from countersign.app.demonstration.writing.contacts import admit, discharged
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.rounds import stay
from countersign.kit.words import Words

from .ward import BEDSIDE, known

_REASON = Words("Worse in every way for a week", "病情加重1周")
_STORIES = {
    "failure": (
        "cardiology",
        "1周来气促进行性加重，端坐呼吸，尿少，下肢重度水肿。",
        "顽固性心力衰竭",
    ),
    "copd": ("respiratory", "1周来痰多、气促进行性加重，嗜睡，口唇发绀。", "II型呼吸衰竭"),
    "nephritis": (
        "nephrology",
        "1周来恶心、尿少、浮肿加重，家属拒绝透析治疗。",
        "尿毒症、高钾血症",
    ),
    "colon-cancer": (
        "oncology",
        "结肠癌肝转移，1周来食欲差、黄疸、腹胀。",
        "恶性肿瘤终末期、肝衰竭",
    ),
    "stroke-sequelae": ("neurology", "1周来反复误吸、发热，意识障碍加深。", "吸入性肺炎、呼吸衰竭"),
}


def death(story: Story) -> None:
    """Told by the disease of the history; ends at the moment of death."""
    key = next(key for key in _STORIES if story.has(key))
    code, history, cause = _STORIES[key]
    contact = admit(story, code, story.ago(5.2), 5.2, _REASON, "emd", exact=True)
    contact.end = story.present
    contact.history = history
    known(story, contact, key, "copd-acute", "hypertension")
    discharged(contact, "exp", "Expired")
    body = story.body
    story.curve("systolic", (130, 104), (0, 78))
    story.curve("diastolic", (130, 62), (0, 44))
    story.curve("saturation", (130, 90), (0, 78))
    story.curve("pulse", (130, 104), (0, 128))
    story.curve("respiration", (130, 25), (0, 31))
    story.curve("albumin", (130, 30), (0, 26))
    story.curve("crp", (130, 92), (0, 148))
    story.curve("procalcitonin", (130, 1.3), (0, 4.2))
    story.curve("wbc", (130, 13.6), (0, 17.2))
    story.curve("temperature", (130, 38.2), (0, 37.4))
    creatinine = body.expected("creatinine", contact.start)
    story.curve("creatinine", (130, creatinine * 1.2), (0, creatinine * 1.9))
    story.curve("potassium", (130, 4.6), (0, 5.8))
    if key == "colon-cancer":
        story.curve("bilirubin", (130, 96), (0, 188))
        story.curve("cea", (130, 420), (0, 430))
    prescribe(story, "furosemide-iv", contact, when=contact.start + DAY / 12)
    contact.course = f"经积极治疗病情无好转，家属签字放弃有创抢救，终因{cause}死亡。"
    panels = ("count", "renal", "electrolytes", "liver", "infection")
    stay(story, contact, panels, ("renal", "electrolytes"), "", BEDSIDE)
