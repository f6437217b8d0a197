"""The interview as a FHIR form: the Questionnaire that is asked, and the answers given to it."""

from __future__ import annotations

from collections.abc import Sequence

from countersign.ground.interviews import Entry, Told
from countersign.ground.reasoning import Question
from countersign.ground.shell import Floor
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.preconsult.domain import ASK, BACKGROUND, SMOKING, WHO, newest
from countersign.rooms.preconsult.inference import MODEL, flags, speeches

from .summary import SAID, Line

FORM = "urn:countersign:questionnaire:preconsult"
ID = "countersign-preconsult"
OWN = "urn:countersign:preconsult"
"""The system of the codes that only this form uses."""

YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0532"
"""HL7's expanded yes/no indicator."""

ANSWERED = {"yes": ("Y", "Yes"), "no": ("N", "No"), "unsure": ("ASKU", "asked but unknown")}
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire"
CODED = ("who", "smoking")


def questionnaire(floor: Floor, asked: Sequence[Question], date: str) -> JSON:
    """The form as it is signed, with every question that may be asked of a patient."""
    texts = {code: speeches()[code].texts for code in ("zh", "en")}
    said = {item: Words(texts["en"][item], texts["zh"][item]) for item in (*BACKGROUND, "who")}
    items: list[JSON] = [
        _choice("who", said["who"], [_own(one) for one in WHO], required=True),
        _text("complaint", Words(texts["en"]["complaint"], texts["zh"]["complaint"]), True),
        _choice(
            "dangers",
            Words(texts["en"]["dangers"], texts["zh"]["dangers"]),
            [_coding(one.id, one.ask) for one in flags().flags],
            repeats=True,
        ),
        *(
            _choice(link(ASK + one.terms[0]), one.text, [_yes_no(a) for a in ANSWERED])
            for one in asked
        ),
        *(
            _choice(item, said[item], [_own(one) for one in SMOKING])
            if item == "smoking"
            else _text(item, said[item])
            for item in BACKGROUND
        ),
    ]
    title = floor.site.hospital
    return {
        "resourceType": "Questionnaire",
        "id": ID,
        "meta": {"profile": [SDC]},
        "language": "zh-CN",
        "url": FORM,
        "version": MODEL.version,
        "name": "CountersignPreconsultation",
        "title": "预问诊 Pre-consultation",
        "status": "active",
        "subjectType": ["Patient"],
        "date": date,
        "publisher": f"{title.zh} {title.en}",
        "item": items,
    }


def response(told: Told, lines: Sequence[Line], at: str) -> JSON:
    """The answers as a QuestionnaireResponse that names the form and its version.

    It repeats what was asked, so that it reads by itself. ``encounter`` is there where the chart
    had one when the patient was invited.
    """
    values = newest((one.item, one.value) for one in told.entries)
    visit = values.get("about", {}).get("visit", {}).get("reference", "")
    found = {
        "resourceType": "QuestionnaireResponse",
        "language": "zh-CN",
        "status": "completed",
        "questionnaire": f"{FORM}|{MODEL.version}",
        "subject": {"reference": f"Patient/{told.held.patient}"},
        "source": {"reference": f"Patient/{told.held.patient}"},
        "authored": at,
        "item": [_answered(one, told.entries) for one in lines],
    }
    if str(visit).startswith("Encounter/"):
        found["encounter"] = {"reference": visit}
    return found


def link(item: str) -> str:
    """The linkId of an item."""
    return item.replace(":", "-")


def _answered(line: Line, entries: Sequence[Entry]) -> JSON:
    value = next(one.value for one in entries if one.number == line.number)
    text = {"valueString": line.text.zh}
    if line.text.zh != line.text.en:
        text = {"valueString": f"{line.text.zh} / {line.text.en}"}
    answers: list[JSON] = [text]
    if line.item.startswith(ASK):
        answers = [{"valueCoding": _yes_no(str(value["answer"]))}]
        if str(value.get("text", "")).strip():
            answers[0]["item"] = [_beside(line.item, str(value["text"]))]
    elif line.item == "dangers" and value.get("flags"):
        told = [flags().one(str(one)) for one in value["flags"]]
        answers = [{"valueCoding": _coding(one.id, one.ask)} for one in told if one is not None]
    elif line.item in CODED:
        answers = [{"valueCoding": _own(str(value.get("who", value.get("answer", ""))))}]
        if str(value.get("name", "")).strip():
            answers[0]["item"] = [_beside(line.item, str(value["name"]))]
    return {
        "linkId": link(line.item),
        "text": f"{line.title.zh} {line.title.en}",
        "answer": answers,
    }


def _beside(item: str, text: str) -> JSON:
    return {"linkId": f"{link(item)}-more", "answer": [{"valueString": text}]}


def _text(name: str, said: Words, required: bool = False) -> JSON:
    found = {"linkId": name, "text": f"{said.zh} {said.en}", "type": "text"}
    return {**found, "required": True} if required else found


def _choice(
    name: str,
    said: Words,
    options: Sequence[JSON],
    *,
    repeats: bool = False,
    required: bool = False,
) -> JSON:
    found: JSON = {
        "linkId": name,
        "text": f"{said.zh} {said.en}",
        "type": "choice",
        "answerOption": [{"valueCoding": one} for one in options],
    }
    if repeats:
        found["repeats"] = True
    if required:
        found["required"] = True
    if name not in ("dangers", "smoking"):
        found["item"] = [{"linkId": f"{name}-more", "type": "string"}]
    return found


def _yes_no(answer: str) -> JSON:
    code, display = ANSWERED[answer]
    return {"system": YES_NO, "code": code, "display": display}


def _own(code: str) -> JSON:
    return _coding(code, SAID.get(code, Words(code, code)))


def _coding(code: str, said: Words) -> JSON:
    return {"system": OWN, "code": code, "display": said.zh}
