"""Makes the physician's draft: a QuestionnaireResponse with the patient's words, and a summary."""

from __future__ import annotations

from collections.abc import Sequence
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
from countersign.kit.words import Words
from countersign.rooms.preconsult.domain import ASK
from countersign.rooms.preconsult.inference import MODEL

from .form import response
from .interviewing import internal
from .summary import TITLES, Line, paths, summary
from .voice import HEARD
from .words import UNDERSTOOD, WORDED

ROOM, KIND, VALID_DAYS = "preconsult", "interview", 14.0
SIGNERS = frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN})


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
            (response(told, lines, stamp(floor.clock())),),
        ),
        explanation=_explanation(chart, told, lines),
        valid_days=VALID_DAYS,
    )


def _explanation(chart: PatientChart, told: Told, lines: Sequence[Line]) -> Explanation:
    person = [one.versioned for one in chart.of("Patient")[:1]]
    quotes = [
        _quote(told, one, str(one.value["text"]))
        for one in told.entries
        if not internal(one.item) and str(one.value.get("text", "")).strip()
    ]
    asked = [one for one in lines if one.item.startswith(ASK)]
    read, said, _, *spoken = paths(told.entries)
    prompts = dict.fromkeys(
        str(one.value["prompt"])
        for one in told.entries
        if one.item == UNDERSTOOD or one.item.startswith((WORDED, HEARD))
    )
    return Explanation(
        rationale=Words(
            f"The patient's own answers; {len(asked)} questions were chosen for what they were "
            f"expected to tell about the complaint. {read.en} {said.en}",
            f"内容为患者本人的回答；其中{len(asked)}个问题按预期信息量选出。{read.zh}{said.zh}",
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
            *spoken,
        ),
        confidence=NoConfidence(
            Words(
                "It repeats what was told; there is nothing to be sure of.",
                "仅转述患者所述，不给出概率。",
            )
        ),
        alternatives=(),
        model=MODEL,
        inputs=(*person, *_visit(told), *prompts),
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


def _visit(told: Told) -> list[str]:
    """The booking or encounter that it was made for, with its version."""
    found = (one.value.get("visit") for one in told.entries if one.item == "about")
    return [str(visit["version"]) for visit in found if visit]
