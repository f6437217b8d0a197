"""Language models: the hospital's own servers, what they are worth, and smaller ones from them."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .inference import opened
from .jobs import handlers
from .pages import pages
from .service import CARD, DIGEST

HERE = Path(__file__).parent
TITLE = Words("Language models", "语言模型")

manifest = Manifest(
    name="modelbench",
    title=TITLE,
    summary=Words(
        "The hospital's own model servers, compared and watched.",
        "本院的模型服务器：比较与监看。",
    ),
    pages=pages,
    nav=(NavItem("/modelbench", TITLE, (Action.MODELS_REGISTER,)),),
    jobs=handlers,
    cards=((CARD, DIGEST),),
    opens=opened,
    templates=HERE / "templates" / "modelbench",
    locale=HERE / "locale",
)
