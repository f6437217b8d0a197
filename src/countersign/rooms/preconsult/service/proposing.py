"""Makes the physician's draft: a QuestionnaireResponse with the patient's words, and a summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from countersign.ground.chart import PatientChart
from countersign.ground.identity import LicenceKind, Principal
from countersign.ground.interviews import Entry, Told
from countersign.ground.shell import Floor
from countersign.ground.signoff import (
    Body,
    Evidence,
    Explanation,
    NoConfidence,
    Proposal,
    RiskClass,
    Urgency,
)
from countersign.kit.clock import stamp
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.preconsult.domain import ASK, BACKGROUND
from countersign.rooms.preconsult.inference import MODEL, flags

from .interviewing import INTERNAL

ROOM, KIND, VALID_DAYS = "preconsult", "interview", 14.0
SIGNERS = frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN})
FORM = "urn:countersign:questionnaire:preconsult"
TITLES = {
    "who": Words("Filled in by", "填写人"),
    "complaint": Words("Complaint, in the patient's words", "主诉（患者原话）"),
    "dangers": Words("Dangers ticked", "勾选的危险征象"),
    "history": Words("Past history", "既往史"),
    "medicines": Words("Medicines", "用药"),
    "allergies": Words("Allergies", "过敏"),
    "family": Words("Family history", "家族史"),
    "smoking": Words("Smoking", "吸烟"),
    "pictures": Words("Attachments", "附件"),
}
SAID = {
    "yes": Words("yes", "有"),
    "no": Words("no", "无"),
    "unsure": Words("does not know", "不清楚"),
    "never": Words("never", "从不"),
    "before": Words("stopped", "已戒"),
    "now": Words("smokes", "吸烟"),
    "skip": Words("would not say", "未作答"),
    "patient": Words("the patient", "患者本人"),
    "relative": Words("a relative", "家属代填"),
    "nurse": Words("a nurse", "护士代填"),
}
NOTHING = Words("none, as told", "自述无")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary and what it rests on: the number of the entry."""

    item: str
    title: Words
    text: Words
    number: int


class Proposing:
    """Runs in the worker after an interview was sent."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def propose(self, interview: str) -> str | None:
        """The draft of a sent interview; None where it is not sent or was proposed before.

        Raises AIStopped, Forbidden, LedgerUnavailable.
        """
        told = self._floor.interviews.desk.sent(interview)
        if told is None:
            return None
        worker = Principal.system("worker")
        chart = self._floor.chart.reader(worker).open(told.held.patient)
        made = _proposal(self._floor, chart, told)
        return self._floor.signoff.proposals.propose(worker, made)


def summary(floor: Floor, entries: Sequence[Entry]) -> list[Line]:
    """The half screen: one line for each answer, in the order in which a history is taken."""
    newest: dict[str, Entry] = {}
    for one in entries:
        if one.item not in INTERNAL:
            newest[one.item] = one
    order = ["complaint", "dangers", *(i for i in newest if i.startswith(ASK)), *BACKGROUND, "who"]
    return [_line(floor, newest[item]) for item in order if item in newest]


def _line(floor: Floor, entry: Entry) -> Line:
    value = entry.value
    if entry.item.startswith(ASK):
        said = SAID[str(value["answer"])]
        return Line(entry.item, floor.reasoning.label(entry.item.removeprefix(ASK)),
                    _joined(said, str(value.get("text", ""))), entry.number)  # fmt: skip
    title = TITLES.get(entry.item, Words(entry.item, entry.item))
    return Line(entry.item, title, _text(entry.item, value), entry.number)


def _text(item: str, value: Mapping[str, object]) -> Words:
    if item == "dangers":
        ticked = value.get("flags", [])
        names = [flags().one(str(one)) for one in ticked] if isinstance(ticked, list) else []  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
        titles = [one.title for one in names if one is not None]
        if not titles:
            return NOTHING
        return Words("; ".join(t.en for t in titles), "；".join(t.zh for t in titles))
    if item in ("who", "smoking"):
        code = str(value.get("who", value.get("answer", "")))
        return _joined(SAID.get(code, Words(code, code)), str(value.get("name", "")))
    text = str(value.get("text", ""))
    return Words(text, text) if text else NOTHING


def _joined(said: Words, text: str) -> Words:
    return Words(f"{said.en}: {text}", f"{said.zh}：{text}") if text else said


def _proposal(floor: Floor, chart: PatientChart, told: Told) -> Proposal[Body]:
    lines = summary(floor, told.entries)
    urgent = any(one.urgent for one in told.alerts)
    text = Words(
        "\n".join(f"{one.title.en}: {one.text.en}" for one in lines),
        "\n".join(f"{one.title.zh}：{one.text.zh}" for one in lines),
    )
    return Proposal(
        room=ROOM,
        kind=KIND,
        patient=told.held.patient,
        risk=RiskClass.MEDIUM,
        urgency=Urgency.URGENT if urgent else Urgency.SOON,
        signers=SIGNERS,
        topic=f"interview|{told.held.id}",
        fingerprint=sha256(told.held.id.encode()).hexdigest(),
        body=Body(
            Words("What the patient told before the visit", "患者就诊前自述"),
            text,
            (_response(told, lines, stamp(floor.clock())),),
        ),
        explanation=_explanation(chart, told, lines),
        valid_days=VALID_DAYS,
    )


def _response(told: Told, lines: Sequence[Line], at: str) -> JSON:
    """A FHIR R4 QuestionnaireResponse with the questions in it, so that it reads by itself."""
    items = [
        {
            "linkId": one.item.replace(":", "-"),
            "text": f"{one.title.zh} {one.title.en}",
            "answer": [{"valueString": one.text.zh if one.text.zh == one.text.en
                        else f"{one.text.zh} / {one.text.en}"}],
        }
        for one in lines
    ]  # fmt: skip
    return {
        "resourceType": "QuestionnaireResponse",
        "language": "zh-CN",
        "status": "completed",
        "questionnaire": f"{FORM}|{MODEL.version}",
        "subject": {"reference": f"Patient/{told.held.patient}"},
        "source": {"reference": f"Patient/{told.held.patient}"},
        "authored": at,
        "item": items,
    }


def _explanation(chart: PatientChart, told: Told, lines: Sequence[Line]) -> Explanation:
    person = [one.versioned for one in chart.of("Patient")[:1]]
    quotes = [
        _quote(told, one, str(one.value["text"]))
        for one in told.entries
        if one.item not in INTERNAL and str(one.value.get("text", "")).strip()
    ]
    asked = [one for one in lines if one.item.startswith(ASK)]
    return Explanation(
        rationale=Words(
            f"The patient's own answers; {len(asked)} questions were chosen for what they were "
            "expected to tell about the complaint.",
            f"内容为患者本人的回答；其中{len(asked)}个问题按预期信息量选出。",
        ),
        evidence=(
            *quotes,
            *(Evidence(Words("Age and sex", "年龄与性别"), reference=one) for one in person),
        ),
        limits=(
            Words(
                "Told by the patient or a helper; nobody has examined it.",
                "为患者或代填者自述，未经核实。",
            ),
            Words(
                "A danger that was neither ticked nor read is not excluded.",
                "未勾选且未识别的危险征象不能排除。",
            ),
        ),
        confidence=NoConfidence(
            Words(
                "It repeats what was told; there is nothing to be sure of.",
                "仅转述患者所述，不给出概率。",
            )
        ),
        alternatives=(),
        model=MODEL,
        inputs=tuple(person),
    )


def _quote(told: Told, entry: Entry, text: str) -> Evidence:
    """The patient's words, at their place in the entry that keeps them."""
    return Evidence(
        TITLES.get(entry.item, Words("Said beside an answer", "补充说明")),
        quote=text,
        document=f"interview-{told.held.id}",
        version=str(entry.number),
        start=0,
        end=len(text),
        sha256=sha256(text.encode()).hexdigest(),
    )
