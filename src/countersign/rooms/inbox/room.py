"""The inbox: drafts that await a decision, urgent first, and what became of the others."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action, Role
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .jobs import PERIODIC, handlers
from .pages import pages

HERE = Path(__file__).parent
DOCTORS = frozenset({Role.PHYSICIAN, Role.SENIOR_PHYSICIAN, Role.PATHOLOGIST})

manifest = Manifest(
    name="inbox",
    title=Words("Inbox", "待办箱"),
    summary=Words(
        "Drafts that await your signature, and what became of the others.",
        "等待您签署的草稿，以及其他草稿的去向。",
    ),
    pages=pages,
    nav=(NavItem("/inbox", Words("Inbox", "待办箱"), (Action.INBOX_READ,), home=DOCTORS, key="i"),),
    jobs=handlers,
    periodic=PERIODIC,
    templates=HERE / "templates" / "inbox",
    locale=HERE / "locale",
)
