"""Assistants of departments: evidence in seconds, and a recommendation to sign."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Manifest, NavItem
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words

from .inference import CARDS
from .pages import pages
from .service import SIGNERS

HERE = Path(__file__).parent

manifest = Manifest(
    name="assistant",
    title=Words("Department assistants", "科室助手"),
    summary=Words(
        "Evidence for a patient from a department's documents, and a draft made from it.",
        "从科室文档中为患者检出依据，并据此起草建议。",
    ),
    risk=RiskClass.MEDIUM,
    signers=SIGNERS,
    pages=pages,
    nav=(
        NavItem(
            "/assistant",
            Words("Assistants", "科室助手"),
            (Action.LIBRARY_ASK, Action.LIBRARY_KEEP),
            key="t",
        ),
    ),
    cards=CARDS,
    templates=HERE / "templates" / "assistant",
    locale=HERE / "locale",
)
