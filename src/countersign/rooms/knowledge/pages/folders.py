"""The page of watched folders: a curator chooses one, sees what came of it, and stops it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.library import EVERYWHERE, LOOKS, OUTCOMES, REASONS, Terms
from countersign.ground.shell import Floor, guarded
from countersign.kit.errors import CountersignError

from .choosing import Choosing

Curator = Annotated[Principal, guarded(Action.LIBRARY_KEEP)]
Text = Annotated[str, Form(max_length=300)]
Many = Annotated[list[str], Form()]
LATE = timedelta(minutes=5)
"""Without a look for so long, people are told that nobody looks."""


class Folders:
    """Handlers for curators."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._watching = floor.library.watching
        self._choosing = Choosing(floor)

    def list(self, request: Request, principal: Curator) -> Response:
        return self._list(request, principal)

    def choose(
        self,
        request: Request,
        principal: Curator,
        folder: Text = "",
        home: Text = EVERYWHERE,
        audience: Text = "clinical",
        departments: Many = [],  # noqa: B006 - the framework copies it
        kind: Text = "guideline",
        region: Text = "",
        owner: Text = "",
    ) -> Response:
        try:
            terms = Terms(
                folder,
                home,
                self._choosing.permission(audience, departments),
                self._choosing.person(owner, "owner"),
                kind,
                region.strip(),
            )
            self._watching.choose(principal, terms)
        except CountersignError as refused:
            if refused.status not in (409, 422):
                raise
            return self._list(request, principal, refused)
        return RedirectResponse("/knowledge/shelf/folders", 303)

    def stop(self, principal: Curator, watch: str) -> Response:
        self._watching.stop(principal, watch)
        return RedirectResponse("/knowledge/shelf/folders", 303)

    def _list(
        self, request: Request, principal: Principal, problem: CountersignError | None = None
    ) -> Response:
        people = self._floor.people.people()
        return self._floor.pages.render(
            request,
            "knowledge/folders.html",
            status=problem.status if problem else 200,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            open=self._watching.root is not None,
            folders=self._watching.choices(principal),
            watches=self._watching.all(principal),
            late=self._floor.clock() - LATE,
            looks=LOOKS,
            reasons=REASONS,
            outcomes=OUTCOMES,
            me=principal.id,
            people=[(one.id, one.name) for one in people],
            names={one.id: one.name for one in people},
            **self._choosing.of(principal),
        )
