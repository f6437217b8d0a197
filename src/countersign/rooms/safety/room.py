"""Safety: recalls, adjudication, reading times and own impressions."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .jobs import PERIODIC, handlers
from .pages import pages

HERE = Path(__file__).parent

manifest = Manifest(
    name="safety",
    title=Words("Safety", "安全"),
    summary=Words(
        "Recalls, cases for adjudication, reading times and own impressions.",
        "召回、裁定案例、阅读时间与本人判断。",
    ),
    pages=pages,
    nav=(
        NavItem("/safety/reviews", Words("Reviews", "复核"), (Action.INBOX_READ,), key="r"),
        NavItem("/safety/recalls", Words("Safety", "安全"), (Action.SAFETY_READ,), key="s"),
    ),
    jobs=handlers,
    periodic=PERIODIC,
    templates=HERE / "templates" / "safety",
    locale=HERE / "locale",
)
