"""Which models do which kind of work, in which order, within which budget."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.models import Assignment, Work
from countersign.ground.shell import Floor, NoSuchPage, guarded
from countersign.kit.errors import CountersignError
from countersign.rooms.modelbench.service import CHOICES, WORKS, LanguageServers

Short = Annotated[str, Form(max_length=400)]
Keeper = Annotated[Principal, guarded(Action.MODELS_REGISTER)]


class Assigning:
    """One form for each kind of work."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def form(self, request: Request, principal: Keeper, work: str) -> Response:
        """What is in force, to be changed."""
        del principal  # the guard has asked already
        kind = _work(work)
        found = self._floor.models.assignments().get(kind)
        return self._show(request, kind, _form_of(found))

    def assign(
        self,
        request: Request,
        principal: Keeper,
        work: str,
        choice1: Short = "",
        choice2: Short = "",
        choice3: Short = "",
        choice4: Short = "",
        seconds: Short = "",
        cap: Short = "",
        tokens_day: Short = "",
        money_day: Short = "",
        person_hour: Short = "",
        room_hour: Short = "",
    ) -> Response:
        """Puts another assignment in force."""
        form = {
            "choice1": choice1,
            "choice2": choice2,
            "choice3": choice3,
            "choice4": choice4,
            "seconds": seconds,
            "cap": cap,
            "tokens_day": tokens_day,
            "money_day": money_day,
            "person_hour": person_hour,
            "room_hour": room_hour,
        }
        kind = _work(work)
        try:
            self._servers().assign(principal, kind, form)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            return self._show(request, kind, form, problem)
        return RedirectResponse("/modelbench", 303)

    def _show(
        self,
        request: Request,
        work: Work,
        form: dict[str, str],
        problem: CountersignError | None = None,
    ) -> Response:
        return self._floor.pages.render(
            request,
            "modelbench/assigning.html",
            status=problem.status if problem else 200,
            work=work,
            told=WORKS[work],
            form=form,
            options=self._servers().options(),
            choices=range(1, CHOICES + 1),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )

    def _servers(self) -> LanguageServers:
        return LanguageServers(self._floor.models, self._floor.gateway)


def _work(text: str) -> Work:
    try:
        return Work(text)
    except ValueError:
        raise NoSuchPage from None


def _form_of(found: Assignment | None) -> dict[str, str]:
    chain = found.chain if found else ()
    chosen = {
        f"choice{at}": f"{chain[at - 1].server}/{chain[at - 1].model}" if at <= len(chain) else ""
        for at in range(1, CHOICES + 1)
    }
    bounds = {
        name: "" if found is None or getattr(found, name) is None else f"{getattr(found, name)}"
        for name in ("tokens_day", "money_day", "person_hour", "room_hour")
    }
    seconds = f"{found.seconds:g}" if found else "60"
    return {**chosen, **bounds, "seconds": seconds, "cap": str(int(found.cap)) if found else "0"}
