"""Knowledge: the hospital's own documents, kept by curators and asked by physicians."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action, Role
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .inference import CARDS
from .jobs import PERIODIC, handlers
from .pages import pages

HERE = Path(__file__).parent

manifest = Manifest(
    name="knowledge",
    title=Words("Knowledge", "知识库"),
    summary=Words(
        "The hospital's own guidelines and protocols, found word for word.",
        "本院指南与规程，逐字可查。",
    ),
    pages=pages,
    nav=(
        NavItem("/knowledge", Words("Knowledge", "知识库"), (Action.LIBRARY_ASK,), key="k"),
        NavItem(
            "/knowledge/shelf",
            Words("Documents", "文档管理"),
            (Action.LIBRARY_KEEP,),
            home=frozenset({Role.CURATOR}),
            key="d",
        ),
    ),
    jobs=handlers,
    periodic=PERIODIC,
    cards=CARDS,
    templates=HERE / "templates" / "knowledge",
    locale=HERE / "locale",
)
