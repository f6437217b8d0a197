"""Whether a slide still stands as its draft says, asked at the moment of a signature."""

from __future__ import annotations

from countersign.ground.db import WHOLE
from countersign.ground.identity import Principal
from countersign.ground.shell import Floor
from countersign.ground.signoff import Body, Draft, Recheck
from countersign.kit.errors import CountersignError

from .signing import SIGNED, slide_of


class NotAsDrafted(CountersignError):
    code = "pathology.not_as_drafted"
    status = 409
    message = (
        "Nothing was signed: after this draft was made, another scan of its slide was asked for, "
        "or it was measured again or put aside. Look at the slide; then reject this draft, or "
        "hand over a new result."
    )


def still_drafted(floor: Floor) -> Recheck:
    """Asks it; raises NotAsDrafted."""

    def asked(principal: Principal, draft: Draft[Body]) -> str:
        slide = floor.slides.keeping.one(WHOLE, slide_of(draft.explanation))
        if draft.head.corrects is None:
            stands = (slide.state, slide.code) == ("draft", draft.head.id)
        else:  # of a released answer: the slide was signed with it, and stays as it is
            standing = floor.signoff.reading.standing(slide.code) if slide.code else None
            stands = slide.state == "signed" or slide.state == "draft" and standing in SIGNED
        if not stands:
            raise NotAsDrafted
        return ""

    return asked
