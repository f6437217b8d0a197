"""What the hospital trained by itself: every version, two side by side, and which one answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.models import UnknownVersion, side_by_side
from countersign.ground.shell import Floor, guarded

Reader = Annotated[Principal, guarded(Action.MODELS_READ)]
Keeper = Annotated[Principal, guarded(Action.MODELS_REGISTER)]


class TrainedPages:
    """All staff read; who registers models decides which version answers."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def list(self, request: Request, principal: Reader) -> Response:
        return self._floor.pages.render(
            request, "modelbench/trained.html", found=self._floor.trained.all()
        )

    def one(
        self, request: Request, principal: Reader, name: str, version: str, beside: str = ""
    ) -> Response:
        """``beside`` is the version of the same model that it is compared with."""
        trained = self._floor.trained
        one = trained.one(name, version)
        others = [
            other
            for other in trained.all()
            if other.work == one.work and other.ref != one.ref and other.frozen == one.frozen
        ]
        chosen = next((other for other in others if other.ref.version == beside), None)
        if beside and chosen is None:
            raise UnknownVersion
        facts = Facts.house("models")
        return self._floor.pages.render(
            request,
            "modelbench/trained_version.html",
            one=one,
            others=others,
            chosen=chosen,
            rows=side_by_side(one, chosen),
            people=self._floor.people.names([one.actor.removeprefix("person:")]),
            may_change=self._floor.policy.decide(principal, Action.MODELS_REGISTER, facts).allowed,
        )

    def serve(self, principal: Keeper, name: str, version: str) -> Response:
        self._floor.trained.put_in_service(principal, name, version)
        return RedirectResponse(f"/modelbench/trained/of/{name}/{version}", 303)

    def withdraw(self, principal: Keeper, name: str, version: str) -> Response:
        self._floor.trained.withdraw(principal, name, version)
        return RedirectResponse(f"/modelbench/trained/of/{name}/{version}", 303)
