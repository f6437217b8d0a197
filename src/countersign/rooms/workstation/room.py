"""The workstation: a review of results from the chart, with no language model."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.shell import Hook, HookName, Manifest
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words

from .inference import DIGEST, MODEL_CARD
from .jobs import REVIEW, answer_view, handlers
from .service import SIGNERS

HERE = Path(__file__).parent
LISTENED = (
    "Patient", "Observation", "MedicationRequest", "MedicationStatement", "Condition",
    "AllergyIntolerance",
)  # fmt: skip

manifest = Manifest(
    name="workstation",
    title=Words("Workstation", "医生工作站"),
    summary=Words(
        "Reviews results by published rules and puts what it finds before a physician.",
        "按已发表的规则审阅检查结果，并将发现提交医师决定。",
    ),
    risk=RiskClass.HIGH,
    signers=SIGNERS,
    jobs=handlers,
    hooks=(
        Hook(HookName.PATIENT_VIEW, answer_view),
        Hook(HookName.ENCOUNTER_START, answer_view),
        Hook(HookName.ENCOUNTER_DISCHARGE, answer_view),
    ),
    listens=dict.fromkeys(LISTENED, (REVIEW,)),
    cards=((MODEL_CARD, DIGEST),),
)
