"""Cases: what happened to patients like this one, without saying who they were."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .jobs import REFUSED, handlers
from .pages import pages

HERE = Path(__file__).parent

manifest = Manifest(
    name="cases",
    title=Words("Clinical cases", "病例"),
    summary=Words(
        "Released cases that name nobody, and those that are like an open chart.",
        "已发布的、不含患者身份的病例，以及与当前病历相似的病例。",
    ),
    pages=pages,
    nav=(NavItem("/cases", Words("Clinical cases", "病例"), (Action.CASES_READ,)),),
    jobs=handlers,
    listens={"Consent": (REFUSED,)},
    templates=HERE / "templates" / "cases",
    locale=HERE / "locale",
)
