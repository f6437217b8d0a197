"""Access: charts opened in an emergency, and what patients consent to."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .pages import pages

HERE = Path(__file__).parent

manifest = Manifest(
    name="access",
    title=Words("Access", "访问"),
    summary=Words(
        "Charts opened in an emergency, and what patients consent to.",
        "紧急调阅病历，以及患者的知情同意。",
    ),
    pages=pages,
    nav=(
        NavItem(
            "/access/break-glass",
            Words("Emergency access", "紧急调阅"),
            (Action.GLASS_SEARCH,),
            key="e",
        ),
    ),
    templates=HERE / "templates" / "access",
    locale=HERE / "locale",
)
