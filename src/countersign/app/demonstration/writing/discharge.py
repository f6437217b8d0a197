"""The discharge summary of a finished admission as a Composition with sections."""

from __future__ import annotations

from datetime import timedelta
from html import escape

from countersign.app.demonstration.coding import LOINC, concept, instant
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Story
from countersign.kit.json import JSON
from countersign.kit.words import Words

from .notes import diagnoses, findings, medicines, sensitivity

_TITLE = ("18842-5", Words("Discharge summary", "出院小结"))
_DEATH = ("47046-8", Words("Summary of death note", "死亡小结"))
_SECTIONS = {
    "入院情况": ("Reason for admission", "46241-6"),
    "诊疗经过": ("Hospital course", "8648-8"),
    "出院诊断": ("Hospital discharge diagnosis", "11535-2"),
    "出院用药": ("Hospital discharge medications", "10183-2"),
    "出院医嘱": ("Hospital discharge instructions", "8653-8"),
}


def summarise(story: Story, contact: Contact, advice: str) -> None:
    """Writes the summary at the end of an admission, also of one that ended in death."""
    when = contact.end or story.present
    physician = contact.physician
    outside = findings(contact, when, False, abnormal=True)
    done = "".join(f"{part.rstrip('。')}。" for _, part in sorted(contact.plan))
    results = f"末次异常结果：{'；'.join(outside)}。" if outside else ""
    texts = {
        "入院情况": f"因“{contact.reason.zh}”入院。{contact.history}",
        "诊疗经过": f"{done}{contact.course}{results}",
        "出院诊断": "；".join(diagnoses(story, contact, when)),
        "出院用药": "；".join(medicines(story, contact, when + timedelta(minutes=1))) or "无",
        "出院医嘱": advice,
    }
    died = story.died is not None and when == story.died
    if died:
        del texts["出院用药"], texts["出院医嘱"]
    code, title = _DEATH if died else _TITLE
    body: JSON = {
        "status": "final",
        "type": concept(LOINC, code, title),
        "subject": story.record.patient,
        "encounter": pointer(contact.resource),
        "date": instant(when),
        "author": [{"reference": f"Practitioner/{physician.id}", "display": physician.display.zh}],
        "title": f"{contact.department.name.zh}{title.zh}（演示数据，虚构）",
        "custodian": {
            "reference": contact.department.organization,
            "display": contact.department.name.zh,
        },
        "section": [_section(title, text) for title, text in texts.items() if text],
    }
    story.record.add("Composition", body, sensitivity(contact))


def _section(title: str, text: str) -> JSON:
    en, code = _SECTIONS[title]
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(text)}</p></div>'
    return {
        "title": title,
        "code": concept(LOINC, code, Words(en, title)),
        "text": {"status": "generated", "div": div},
    }
