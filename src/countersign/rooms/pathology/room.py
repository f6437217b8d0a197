"""Pathology: whole slides to measured drafts that a pathologist sees cell by cell and signs."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action, LicenceKind
from countersign.ground.shell import Manifest, NavItem
from countersign.ground.signoff import RiskClass
from countersign.kit.words import Words

from .inference.cards import CARDS
from .inference.registry import ANALYSES
from .jobs import PERIODIC, handlers
from .pages import pages
from .service import still_drafted

HERE = Path(__file__).parent

manifest = Manifest(
    name="pathology",
    title=Words("Pathology", "病理"),
    summary=Words(
        "Measures whole slides nucleus by nucleus; a pathologist corrects and signs.",
        "逐核测量全切片图像，由病理医师更正并签署。",
    ),
    risk=RiskClass.HIGH,
    signers=frozenset({LicenceKind.PATHOLOGIST}),
    pages=pages,
    nav=(NavItem("/pathology", Words("Slides", "切片"), (Action.SLIDES_LIST,)),),
    jobs=handlers,
    periodic=PERIODIC,
    rechecks=dict.fromkeys(ANALYSES, still_drafted),
    cards=CARDS,
    templates=HERE / "templates" / "pathology",
    locale=HERE / "locale",
)
