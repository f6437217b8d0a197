"""Access: emergencies, consent, labels, and who stands in for whom."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .jobs import PERIODIC, handlers
from .pages import pages

HERE = Path(__file__).parent

manifest = Manifest(
    name="access",
    title=Words("Access", "访问"),
    summary=Words(
        "Charts opened in an emergency, consent, sensitivity labels, and who stands in for whom.",
        "紧急调阅、知情同意、敏感标签，以及代班委托。",
    ),
    pages=pages,
    nav=(
        NavItem(
            "/access/break-glass",
            Words("Emergency access", "紧急调阅"),
            (Action.GLASS_SEARCH,),
            key="e",
        ),
        NavItem(
            "/access/delegations",
            Words("Standing in", "代班委托"),
            (Action.DELEGATIONS_READ,),
            key="d",
        ),
        NavItem(
            "/access/delegations/all", Words("Standing in", "代班委托"), (Action.DELEGATIONS_LIST,)
        ),
        NavItem("/access/label-rules", Words("Labels", "敏感标签"), (Action.LABEL_RULES,)),
    ),
    jobs=handlers,
    periodic=PERIODIC,
    templates=HERE / "templates" / "access",
    locale=HERE / "locale",
)
