"""The control charts of stain, focus and scanner."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from countersign.ground.identity import Action, Principal
from countersign.ground.shell import Floor, guarded
from countersign.rooms.pathology.service.reporting_control import (
    HEIGHT,
    NAMES,
    RULES,
    WIDTH,
    Controlling,
)
from countersign.rooms.pathology.service.reporting_text import stain_words

Reader = Annotated[Principal, guarded(Action.SLIDES_HANDLE)]


class ControlPages:
    """For those who handle slides."""

    def __init__(self, floor: Floor, controlling: Controlling) -> None:
        self._floor = floor
        self._controlling = controlling

    def show(self, request: Request, principal: Reader) -> Response:
        """Alarms first, then a chart for each measure of each scanner and stain."""
        return self._floor.pages.render(
            request,
            "pathology/control.html",
            control=self._controlling.charted(principal),
            width=WIDTH,
            height=HEIGHT,
            names=NAMES,
            rules=RULES,
            stain_words=stain_words,
        )
