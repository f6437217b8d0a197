"""The first page: which kinds of work have a language model, and what having one would gain."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from countersign.ground.identity import Action, Principal
from countersign.ground.models import Work
from countersign.ground.shell import Floor, guarded

Reader = Annotated[Principal, guarded(Action.MODELS_READ)]


class Overview:
    """One page for all staff."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def show(self, request: Request, principal: Reader) -> Response:
        """Each kind of work beside who would answer now."""
        ready = [(work, self._floor.gateway.ready(work)) for work in Work]
        return self._floor.pages.render(request, "modelbench/overview.html", ready=ready)
