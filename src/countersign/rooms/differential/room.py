"""Diagnosis support: what is worth considering, why, and what would decide."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.shell import Hook, HookName, Manifest
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words

from .inference import CARDS
from .jobs import PERIODIC, answer_view, handlers
from .pages import pages
from .service import SIGNERS

HERE = Path(__file__).parent

manifest = Manifest(
    name="differential",
    title=Words("Differential diagnosis", "鉴别诊断"),
    summary=Words(
        "Diagnoses worth considering, what speaks for and against each, and what would decide.",
        "值得考虑的诊断、各自的支持与反对依据，以及能作出区分的问题与检查。",
    ),
    risk=RiskClass.MEDIUM,
    signers=SIGNERS,
    pages=pages,
    jobs=handlers,
    periodic=PERIODIC,
    hooks=(Hook(HookName.PATIENT_VIEW, answer_view),),
    cards=CARDS,
    templates=HERE / "templates" / "differential",
    locale=HERE / "locale",
)
