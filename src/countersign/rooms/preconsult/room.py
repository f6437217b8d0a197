"""Pre-consultation: the patient tells it once, before the visit."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Manifest, NavItem
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words

from .inference import CARDS
from .jobs import handlers
from .pages import guests, pages
from .service import SIGNERS

HERE = Path(__file__).parent

manifest = Manifest(
    name="preconsult",
    title=Words("Pre-consultation", "预问诊"),
    summary=Words(
        "Patients tell what is wrong before the visit; dangers reach the desk at once.",
        "患者就诊前填写病情，危险征象即时提醒分诊台。",
    ),
    risk=RiskClass.MEDIUM,
    signers=SIGNERS,
    pages=pages,
    guests=guests,
    nav=(NavItem("/preconsult", Words("Triage desk", "分诊台"), (Action.INTERVIEW_DESK,)),),
    jobs=handlers,
    cards=CARDS,
    templates=HERE / "templates" / "preconsult",
    locale=HERE / "locale",
)
