"""Records: drafted from facts, mended and signed by a person, and measured by what was kept."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Manifest, NavItem
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words

from .inference import CARDS
from .jobs import PERIODIC, handlers
from .pages import pages
from .service import SIGNERS

HERE = Path(__file__).parent

manifest = Manifest(
    name="records",
    title=Words("Records", "病历书写"),
    summary=Words(
        "Drafts records from key facts, conversations and charts; each sentence has its source.",
        "根据要点、问诊对话和病历起草病历，每句均附来源。",
    ),
    risk=RiskClass.HIGH,
    signers=SIGNERS,
    pages=pages,
    nav=(
        NavItem("/records", Words("Records", "病历书写"), (Action.INBOX_READ, Action.SAFETY_READ)),
    ),
    jobs=handlers,
    periodic=PERIODIC,
    cards=CARDS,
    templates=HERE / "templates" / "records",
    locale=HERE / "locale",
)
