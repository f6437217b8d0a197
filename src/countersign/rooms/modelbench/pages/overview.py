"""The first page: which kinds of work have a language model, and what having one would gain."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.shell import Floor, guarded
from countersign.rooms.modelbench.service import LanguageServers

Reader = Annotated[Principal, guarded(Action.MODELS_READ)]


class Overview:
    """One page for all staff."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def show(self, request: Request, principal: Reader) -> Response:
        """Each kind of work beside who would answer now."""
        servers = LanguageServers(self._floor.models, self._floor.gateway)
        facts = Facts.house("models")
        may_change = self._floor.policy.decide(principal, Action.MODELS_REGISTER, facts).allowed
        return self._floor.pages.render(
            request,
            "modelbench/overview.html",
            lines=servers.lines(),
            connected=bool(self._floor.models.servers()),
            may_change=may_change,
        )
