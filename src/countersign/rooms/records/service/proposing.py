"""Makes a proposal of a record: its text, its FHIR resources, and each sentence's sources."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from html import escape

from countersign.ground.identity import LicenceKind, Principal
from countersign.ground.models import ModelRef
from countersign.ground.signoff import (
    Body,
    Evidence,
    Explanation,
    Manuscript,
    NoConfidence,
    Proposal,
    RiskClass,
    Urgency,
)
from countersign.kit.clock import stamp
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.records.domain.fact import DIALOGUE, Link
from countersign.rooms.records.domain.kinds import RecordKind
from countersign.rooms.records.domain.turns import unmarked

from .content import Content

ROOM = "records"
PHYSICIANS = frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN})
SIGNERS = PHYSICIANS | {LicenceKind.NURSE}
VALID_DAYS = 30.0
MOST_EVIDENCE = 60
_LOINC = "http://loinc.org"


def plain(kind: RecordKind, content: Content, language: str) -> str:
    """The record as one text: a heading and a paragraph for each section that says anything."""
    parts: list[str] = []
    for section in kind.sections:
        text = content.sections.get(section.id, "").strip()
        if text:
            title = section.title.zh if language == "zh" else section.title.en
            parts.append(f"{title}{'：' if language == 'zh' else ': '}{text}")
    return "\n".join(parts)


def resources(
    kind: RecordKind, content: Content, written: Manuscript, by: Principal, now: datetime
) -> tuple[JSON, ...]:
    """A Composition with the sections and a DocumentReference with the whole text."""
    zh = written.language == "zh"
    title = kind.title.zh if zh else kind.title.en
    common: JSON = {
        "language": "zh-CN" if zh else "en",
        "type": {"coding": [{"system": _LOINC, "code": kind.loinc}], "text": title},
        "subject": {"reference": f"Patient/{written.patient}"},
        "date": stamp(now),
    }
    person: JSON = {"system": "urn:countersign:person", "value": by.id}
    sections: list[JSON] = [
        {"title": one.title.zh if zh else one.title.en, "text": _narrative(text)}
        for one in kind.sections
        if (text := content.sections.get(one.id, "").strip())
    ]
    whole = plain(kind, content, written.language).encode()
    attachment: JSON = {
        "contentType": "text/plain;charset=utf-8",
        "language": common["language"],
        "data": b64encode(whole).decode(),
        "title": title,
    }
    return (
        {
            "resourceType": "Composition",
            "status": "final",
            **common,
            "author": [{"type": "Practitioner", "identifier": person}],
            "title": title,
            "section": sections,
        },
        {
            "resourceType": "DocumentReference",
            "status": "current",
            "docStatus": "final",
            **common,
            "content": [{"attachment": attachment}],
        },
    )


def _narrative(text: str) -> JSON:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'
    return {"status": "generated", "div": div}


def proposal_of(
    kind: RecordKind, content: Content, written: Manuscript, by: Principal, now: datetime,
    model: ModelRef, prompt: ModelRef | None,
) -> Proposal[Body]:  # fmt: skip
    """What the gate is given; the same version gives the same fingerprint."""
    text = plain(kind, content, written.language)
    name = written.id
    title = kind.title
    return Proposal(
        room=ROOM,
        kind=kind.id,
        patient=written.patient,
        risk=RiskClass(kind.risk),
        urgency=Urgency.ROUTINE,
        signers=SIGNERS if kind.signers == "nurse" else PHYSICIANS,
        topic=f"manuscript:{name}",
        fingerprint=f"{name}:{sha256(text.encode()).hexdigest()}",
        body=Body(title, Words(text, text), resources(kind, content, written, by, now)),
        explanation=Explanation(
            rationale=_rationale(content),
            evidence=_evidence(content, written),
            limits=_limits(kind, content),
            confidence=NoConfidence(
                Words(
                    "A record is no prediction: each sentence stands beside its source.",
                    "病历不是预测：每句均附来源。",
                )
            ),
            alternatives=(),
            model=model,
            inputs=_inputs(content, written, prompt),
        ),
        valid_days=VALID_DAYS,
    )


def _rationale(content: Content) -> Words:
    drafted = sum(len(said) for said in content.drafted.values())
    changed = [
        name for name, text in content.sections.items()
        if text.strip() != content.machine.get(name, "").strip()
    ]  # fmt: skip
    way = (
        Words(f"worded by {content.model}", f"由 {content.model} 行文")
        if content.model
        else Words("by templates, without a language model", "由模板生成，未使用语言模型")
    )
    return Words(
        f"{drafted} sentences were drafted from facts {way.en}; {len(changed)} sections were "
        "written or changed by hand since.",
        f"共由事实起草 {drafted} 句（{way.zh}）；其后人工书写或修改了 {len(changed)} 个栏目。",
    )


def _evidence(content: Content, written: Manuscript) -> tuple[Evidence, ...]:
    """For each drafted sentence its sources, then the key facts as they were typed."""
    found: list[Evidence] = []
    for said in content.drafted.values():
        for one in said:
            for link in one.links:
                found.append(_linked(one.text, link, content, written))
    for line in content.lines.splitlines() if not found else ():
        if line.strip():
            start = content.lines.index(line)
            found.append(_linked(line, Link("key", start, start + len(line)), content, written))
    if not found:
        text = "\n".join(content.sections.values())
        found.append(
            _quoted(Words("Written by hand.", "人工书写。"), text, 0, len(text), "text", written)
        )
    return tuple(dict.fromkeys(found))[:MOST_EVIDENCE]


def _linked(sentence: str, link: Link, content: Content, written: Manuscript) -> Evidence:
    statement = Words(sentence, sentence)
    if "/" in link.source:
        return Evidence(statement, reference=link.source)
    source = content.dialogue if link.source == DIALOGUE else content.lines
    return _quoted(statement, source, link.start, link.end, link.source, written)


def _quoted(
    statement: Words, source: str, start: int, end: int, name: str, written: Manuscript
) -> Evidence:
    return Evidence(
        statement,
        quote=source[start:end],
        document=f"manuscript/{written.id}/{name}",
        version=str(written.number),
        start=start,
        end=end,
        sha256=sha256(source.encode()).hexdigest(),
    )


def _limits(kind: RecordKind, content: Content) -> tuple[Words, ...]:
    empty = [
        one.title for one in kind.sections
        if one.required and not content.sections.get(one.id, "").strip()
    ]  # fmt: skip
    missing = (
        Words(
            f"Required and empty: {', '.join(one.en for one in empty)}.",
            f"必填而缺失：{'、'.join(one.zh for one in empty)}。",
        ),
    )
    heard = Words(
        "What was said in a conversation may have been misread: compare each sentence with it.",
        "对话内容可能误读：请逐句与原话对照。",
    )
    standing = Words(
        "It says only what was typed, said or charted; what nobody mentioned is not in it.",
        "仅包含已录入、说出或记录的内容；无人提及者不在其中。",
    )
    talked = (heard,) if content.dialogue.strip() else ()
    return (*(missing if empty else ()), *talked, *_spoken(content), standing)


def _spoken(content: Content) -> tuple[Words, ...]:
    """What can be wrong with what a model wrote down, and which model that was."""
    names = sorted({one.model for one in content.transcribed})
    if not names:
        return ()
    found = Words(
        f"Some of it was spoken and written down by {', '.join(names)}: words may have been "
        "misheard, or written down though nobody said them. No recording was kept.",
        f"部分内容为语音录入，由 {'、'.join(names)} 转写：可能误听，也可能写出无人说过的话。"
        "未保存录音。",
    )
    if all(one.part != "dialogue" for one in content.transcribed):
        return (found,)
    lone = unmarked(content.dialogue)
    told = Words(
        "Who spoke in the conversation was not told apart by the model but marked by hand; "
        f"lines without a speaker: {lone}.",
        f"对话中由谁说话并非模型区分，而由人工标注；未标注说话者的行数：{lone}。",
    )
    return (found, told)


def _inputs(content: Content, written: Manuscript, prompt: ModelRef | None) -> tuple[str, ...]:
    references = dict.fromkeys(
        link.source
        for said in content.drafted.values()
        for one in said
        for link in one.links
        if "/" in link.source
    )
    own = f"record {written.id} version {written.number}"
    asked = (prompt.label,) if prompt and content.model else ()
    heard = dict.fromkeys(label for one in content.transcribed for label in (one.model, one.prompt))
    return (own, *references, *asked, *heard)
