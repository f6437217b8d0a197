"""The control charts of stain, focus and scanner."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from countersign.ground.identity import Action, Principal
from countersign.ground.shell import Floor, guarded
from countersign.rooms.pathology.service.control_drawing import (
    FOOT,
    HEIGHT,
    SPANS,
    WIDTH,
    Wanted,
)
from countersign.rooms.pathology.service.reporting_control import NAMES, RULES, Controlling
from countersign.rooms.pathology.service.reporting_text import stain_words

Reader = Annotated[Principal, guarded(Action.SLIDES_HANDLE)]


class ControlPages:
    """For those who handle slides."""

    def __init__(self, floor: Floor, controlling: Controlling) -> None:
        self._floor = floor
        self._controlling = controlling

    def show(
        self,
        request: Request,
        principal: Reader,
        days: Annotated[int, Query()] = 90,
        scanner: Annotated[str, Query(max_length=200)] = "",
        stain: Annotated[str, Query(max_length=12)] = "",
    ) -> Response:
        """Alarms first, then a chart for each measure of each scanner and stain."""
        wanted = Wanted(days if days in SPANS else 90, scanner, stain)
        return self._floor.pages.render(
            request,
            "pathology/control.html",
            control=self._controlling.charted(principal, wanted),
            spans=SPANS,
            width=WIDTH,
            height=HEIGHT,
            foot=FOOT,
            names=NAMES,
            rules=RULES,
            stain_words=stain_words,
        )
