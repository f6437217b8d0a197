"""Facts of what a patient told before the visit, from the signed answers in the chart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from countersign.ground.reasoning import Reasoning
from countersign.kit.elements import has_chinese
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.records.domain.fact import Fact, Kind, Link, Status
from countersign.rooms.records.domain.hearing import Reader

from .heard import heard

TERM = re.compile(r"^ask-(HP|local)-(.+)$")
STATUS = {"Y": Status.PRESENT, "N": Status.ABSENT}
NOTHING = re.compile(r"^自述无|^none, as told", re.IGNORECASE)
DENIED = {
    "history": Fact(Kind.HISTORY, "既往疾病史", (Link("-"),), Status.ABSENT, "既往疾病史",
                    english="past illness"),
    "allergies": Fact(Kind.ALLERGY, "过敏史", (Link("-"),), Status.ABSENT, "过敏",
                      english="allergies"),
}  # fmt: skip
SMOKES = {
    "never": Words("never smoked", "从不吸烟"),
    "before": Words("gave up smoking", "已戒烟"),
    "now": Words("smokes", "吸烟"),
}
ASKED = Words("Doctor: When did it start?\nPatient: ", "医生：哪里不舒服？什么时候开始的？\n患者：")
"""What the form asks of the complaint: a time in the answer is how long it has lasted."""

BY = {
    "relative": Words("a relative", "病史由家属{who}提供"),
    "nurse": Words("the patient to a nurse", "病史由患者口述，护士{who}代填"),
}
KINDS = {"history": Kind.HISTORY, "family": Kind.FAMILY}
OTHER = 20
"""Answers of a form of another system that are taken, word for word."""

_STOP = re.compile(r"[，。；,.;\n]")
_ALLERGIC = re.compile(r"^对{0,1}(.+?)过敏$|^allergic to (.+)$", re.IGNORECASE)


def told(
    resource: JSON, versioned: str, reader: Reader, reasoning: Reasoning, story: str = "present"
) -> list[Fact]:
    """Each with the answers as its source; those of a form that is not ours stand as given.

    ``story`` is the section of the narrative in the kind of record that is written.
    """
    link = (Link(versioned),)
    ours = str(resource.get("questionnaire", "")).startswith("urn:countersign:")
    found: list[Fact] = []
    for at, item in enumerate(_list(resource.get("item"))):
        answers = _list(item.get("answer"))
        if ours:
            found += _ours(str(item.get("linkId", "")), answers, link, reader, reasoning, story)
        elif answers and at < OTHER:
            said = "、".join(_value(one) for one in answers)
            found.append(_note(f"{item.get('text', '')}：{said}", link, story))
    return found


def _ours(
    name: str, answers: Sequence[JSON], link: tuple[Link, ...], reader: Reader,
    reasoning: Reasoning, story: str,
) -> Iterator[Fact]:  # fmt: skip
    text = _value(answers[0]).strip() if answers else ""
    term = TERM.match(name)
    if not text:
        return
    if term:
        label = reasoning.label(f"{term[1]}:{term[2]}")
        status = STATUS.get(_code(answers[0]), Status.UNSURE)
        yield Fact(Kind.SYMPTOM, label.zh, link, status, label.zh, english=label.en)
        more = _beside(answers[0])
        if more:
            yield Fact(Kind.COURSE, f"{label.zh}：{more}", link, english=f"{label.en}: {more}")
    elif name == "who" and _code(answers[0]) in BY:
        by, who = BY[_code(answers[0])], _beside(answers[0])
        said = Words(f"Told by {by.en}{f', {who}' if who else ''}", by.zh.format(who=who))
        yield Fact(Kind.COURSE, said.zh, link, english=said.en)
    elif name in ("complaint", "amended"):
        yield from _words(text, link, reader, reasoning, story)
    elif name == "dangers" and not NOTHING.match(text):
        ticked = "、".join(_value(one) for one in answers)
        english = ", ".join(_code(one).replace("-", " ") for one in answers)
        said = Words(f"Ticked before the visit: {english}", f"就诊前勾选：{ticked}")
        yield Fact(Kind.COURSE, said.zh, link, english=said.en)
    elif name == "smoking" and _code(answers[0]) in SMOKES:
        smokes = SMOKES[_code(answers[0])]
        yield Fact(Kind.PERSONAL, smokes.zh, link, english=smokes.en)
    elif NOTHING.match(text):
        if name in DENIED:
            yield replace(DENIED[name], links=link)
    elif name == "allergies":
        match = _ALLERGIC.match(text)
        what = next(filter(None, match.groups()), text) if match else text
        yield Fact(Kind.ALLERGY, what, link, name=what, english=what)
    elif name == "medicines":
        said = Words(f"Medicines now, as told: {text}", f"自述目前用药：{text}")
        yield Fact(Kind.COURSE, said.zh, link, english=said.en)
    elif name in KINDS:
        yield Fact(KINDS[name], text, link, english=text)


def _words(
    text: str, link: tuple[Link, ...], reader: Reader, reasoning: Reasoning, story: str
) -> Iterator[Fact]:
    """The patient's own words, read as a conversation is; as they stand where nothing is read."""
    turn = (ASKED.zh if has_chinese(text) else ASKED.en) + text
    read = [one for one in heard(turn, reader, reasoning) if one.kind is not Kind.DIAGNOSIS]
    found = [one for one in read if one.kind is not Kind.ONSET or _beside_symptom(one, read, turn)]
    if not any(one.kind is Kind.SYMPTOM for one in found):
        found = [_note(text, link, story)]
    yield from (replace(one, links=link) for one in found)


def _beside_symptom(onset: Fact, read: Sequence[Fact], turn: str) -> bool:
    """Whether the words between two stops name a symptom too: ten years of high blood pressure
    are not ten years of today's dizziness.
    """
    start, end = onset.links[0].start, onset.links[0].end
    begin = max((one.end() for one in _STOP.finditer(turn, 0, start)), default=0)
    stop = _STOP.search(turn, end)
    until = stop.start() if stop else len(turn)
    return any(
        one.kind is Kind.SYMPTOM and any(begin <= link.start < until for link in one.links)
        for one in read
    )


def _note(text: str, link: tuple[Link, ...], story: str) -> Fact:
    return Fact(Kind.NOTE, text, link, section=story, english=text)


def _beside(answer: Mapping[str, Any]) -> str:
    """What was written beside a ticked answer."""
    more = (_list(one.get("answer")) for one in _list(answer.get("item")))
    return "；".join(_value(one).strip() for answers in more for one in answers)


def _value(answer: Mapping[str, Any]) -> str:
    coding = cast("Mapping[str, Any]", answer.get("valueCoding") or {})
    plain = next((v for k, v in answer.items() if k.startswith("value") and k != "valueCoding"), "")
    return str(coding.get("display") or coding.get("code") or plain)


def _code(answer: Mapping[str, Any]) -> str:
    coding = cast("Mapping[str, Any]", answer.get("valueCoding") or {})
    return str(coding.get("code", ""))


def _list(value: object) -> list[JSON]:
    return cast("list[JSON]", value) if isinstance(value, list) else []
