"""The page that tells curators what takes part in the search, and what should and does not."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from countersign.ground.identity import Action, Principal
from countersign.ground.library import AID_KINDS, AID_STATES
from countersign.ground.shell import Floor, guarded

Curator = Annotated[Principal, guarded(Action.LIBRARY_KEEP)]


class Aids:
    """A handler for curators."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def list(self, request: Request, principal: Curator) -> Response:
        found, waiting = self._floor.library.index.aids()
        return self._floor.pages.render(
            request,
            "knowledge/aids.html",
            found=found,
            waiting=waiting,
            kinds=AID_KINDS,
            states=AID_STATES,
            filling=self._floor.library.index.filling,
        )
