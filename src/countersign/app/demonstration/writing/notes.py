"""Short Chinese notes of visits and admissions, written from what the story already holds."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta

from countersign.app.demonstration.coding import CHINA, LOINC, chinese_day, concept, instant, said
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Diagnosis, Finding, Story
from countersign.app.demonstration.tables.events import ALLERGIES
from countersign.kit.json import JSON
from countersign.kit.words import Words

from .reports import shown

_NOTICE = "（本记录为演示数据，人物与内容均为虚构。）"
_KINDS = {
    "outpatient": ("34108-1", Words("Outpatient Note", "门诊病历")),
    "emergency": ("34111-5", Words("Emergency department Note", "急诊病历")),
    "admission": ("34117-2", Words("History and physical note", "入院记录")),
    "progress": ("11506-3", Words("Progress note", "日常病程记录")),
}
_VITALS = ("temperature", "pulse", "respiration", "systolic", "diastolic", "saturation", "weight")


def note(story: Story, contact: Contact, kind: str, when: datetime) -> None:
    """Writes one note of a contact as a DocumentReference; nothing later than ``when`` is in it."""
    code, title = _KINDS[kind]
    body = {"progress": _progress, "admission": _admission}.get(kind, _outpatient)
    text = "\n".join([*_heading(story, contact, title.zh, when), *body(story, contact, when)])
    signed = f"{text}\n医师：{contact.physician.display.zh}\n{_NOTICE}\n"
    document(story, contact, concept(LOINC, code, title), title.zh, when, signed)


def document(
    story: Story, contact: Contact, code: JSON, title: str, when: datetime, text: str
) -> None:
    """A plain text as a DocumentReference, labelled as the contact's diagnoses are."""
    physician = contact.physician
    raw = text.encode()
    attachment = {
        "contentType": "text/plain; charset=UTF-8",
        "language": "zh-CN",
        "data": b64encode(raw).decode("ascii"),
        "size": len(raw),
        "title": f"{contact.department.name.zh}{title}",
        "creation": instant(when),
    }
    body: JSON = {
        "status": "current",
        "docStatus": "final",
        "type": code,
        "category": [said(Words("Clinical note", "病历文书"))],
        "subject": story.record.patient,
        "date": instant(when),
        "author": [{"reference": f"Practitioner/{physician.id}", "display": physician.display.zh}],
        "custodian": {
            "reference": contact.department.organization,
            "display": contact.department.name.zh,
        },
        "content": [{"attachment": attachment}],
        "context": {
            "encounter": [pointer(contact.resource)],
            "period": {"start": instant(contact.start), "end": instant(when)},
        },
    }
    story.record.add("DocumentReference", body, sensitivity(contact))


def sensitivity(contact: Contact) -> str | None:
    """The label of what a contact was about, if any."""
    labels = [one.disease.sensitivity for one in contact.diagnoses if one.disease.sensitivity]
    return labels[0] if labels else None


def diagnoses(story: Story, contact: Contact, when: datetime) -> list[str]:
    """The contact's diagnoses first, then what else is active, numbered."""
    names = [one.disease.name.zh for one in contact.diagnoses if one.since <= when]
    names += [one.disease.name.zh for one in background(story, contact, when)]
    return [f"{number}. {name}" for number, name in enumerate(dict.fromkeys(names), start=1)]


def background(story: Story, contact: Contact, when: datetime) -> list[Diagnosis]:
    """Other active diagnoses, without sensitive ones that the contact is not about."""
    label = sensitivity(contact)
    return [
        one
        for one in story.active(when)
        if one not in contact.diagnoses and one.disease.sensitivity in (None, label)
    ]


def medicines(story: Story, contact: Contact, when: datetime) -> list[str]:
    """What is taken at a moment, with the dosage; sensitive orders only where they belong."""
    label = sensitivity(contact)
    orders = [one for one in story.taking(when) if one.medicine.sensitivity in (None, label)]
    return [f"{one.medicine.name.zh}{one.medicine.form} {one.dosage.zh}" for one in orders]


def findings(contact: Contact, when: datetime, vital: bool, abnormal: bool = False) -> list[str]:
    """The latest value of each quantity of the contact up to a moment."""
    latest: dict[str, Finding] = {}
    for one in contact.findings:
        if one.when <= when and (one.analyte.key in _VITALS) == vital:
            latest[one.analyte.key] = one
    chosen = [one for one in latest.values() if not abnormal or one.flag not in ("N", "")]
    return [f"{one.analyte.name.zh} {shown(one)}" for one in chosen]


def _heading(story: Story, contact: Contact, title: str, when: datetime) -> list[str]:
    subject = story.subject
    sex = "女" if subject.female else "男"
    return [
        f"【{title}】{contact.department.name.zh}　{chinese_day(when)}",
        f"姓名：{subject.name.words.zh}　性别：{sex}　年龄：{subject.age(when)}岁　"
        f"病历号：{subject.mrn}",
    ]


def _outpatient(story: Story, contact: Contact, when: datetime) -> list[str]:
    lines = [f"主诉：{contact.reason.zh}。"]
    lines.append(f"现病史：{contact.history or '病情平稳，规律服药，无特殊不适。'}")
    lines.append(f"过敏史：{allergies(story)}")
    lines += _examined(contact, when)
    lines.append("诊断：" + ("　".join(diagnoses(story, contact, when)) or "未见明显异常"))
    lines.append("处理：" + _plan(story, contact, when))
    return lines


def _admission(story: Story, contact: Contact, when: datetime) -> list[str]:
    lines = [f"主诉：{contact.reason.zh}。", f"现病史：{contact.history}"]
    label = sensitivity(contact)
    before = [one for one in story.active(contact.start) if one.since < contact.start]
    past = [one.disease.name.zh for one in before if one.disease.sensitivity in (None, label)]
    taken = story.taking(contact.start)
    home = [one.medicine.name.zh for one in taken if one.medicine.sensitivity in (None, label)]
    lines.append("既往史：" + ("、".join(past) or "既往体健") + "。")
    lines.append("院外用药：" + ("、".join(home) or "无") + "。")
    lines.append(f"过敏史：{allergies(story)}")
    lines += _examined(contact, when)
    lines.append("初步诊断：" + "　".join(diagnoses(story, contact, when)))
    lines.append("诊疗计划：" + _plan(story, contact, when))
    return lines


def _progress(story: Story, contact: Contact, when: datetime) -> list[str]:
    first, today = (one.astimezone(CHINA).date() for one in (contact.start, when))
    days = (today - first).days + 1
    lines = [f"入院第{days}天。{contact.course or '患者一般情况可，无新发不适。'}"]
    lines += _examined(contact, when)
    lines.append("目前诊断：" + "　".join(diagnoses(story, contact, when)))
    lines.append("目前用药：" + ("；".join(medicines(story, contact, when)) or "无") + "。")
    return lines


def _examined(contact: Contact, when: datetime) -> list[str]:
    lines: list[str] = []
    vital, results = findings(contact, when, True), findings(contact, when, False)
    if vital:
        lines.append("查体：" + "，".join(vital) + "。")
    if results:
        outside = findings(contact, when, False, abnormal=True)
        lines.append("辅助检查：" + ("；".join(outside) or "所查项目均在参考区间内") + "。")
    return lines


def allergies(story: Story) -> str:
    """In one phrase."""
    names = [ALLERGIES[key].name.zh if key in ALLERGIES else key for key in story.allergies]
    return "、".join(names) + "过敏。" if names else "否认。"


def _plan(story: Story, contact: Contact, when: datetime) -> str:
    parts = [one.rstrip("。") for done, one in sorted(contact.plan) if done <= when]
    taken = medicines(story, contact, when + timedelta(hours=1))
    if taken:
        parts.append("用药：" + "；".join(taken))
    return "。".join(parts or ["健康宣教，定期随访"]) + "。"
