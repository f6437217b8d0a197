"""The way home, help, the language switch, and whether AI is stopped."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from countersign.ground.shell.errors import NoSuchPage
from countersign.ground.shell.pages import LANGUAGE_COOKIE, Pages
from countersign.ground.shell.sessions import SIGN_IN, Sessions, SignedIn, known, local_path
from countersign.kit.words import LANGUAGES

YEAR = 365 * 24 * 3600


def house_routes(pages: Pages, sessions: Sessions) -> APIRouter:
    """``/``, ``/help``, ``/language/…`` and ``/ai-state``."""
    router = APIRouter()

    @router.get("/")
    def home(request: Request) -> Response:
        principal = known(request)
        target = pages.navigation.home(principal) if principal else SIGN_IN
        return RedirectResponse(target, 303)

    @router.get("/help")
    def help_page(request: Request, principal: SignedIn) -> Response:
        return pages.render(request, "shell/help.html")

    @router.get("/language/{language}")
    def switch(request: Request, language: str, back: str = "/") -> Response:
        if language not in LANGUAGES:
            raise NoSuchPage
        response = RedirectResponse(local_path(back), 303)
        sessions.remember(response, LANGUAGE_COOKIE, language, YEAR)
        return response

    @router.get("/ai-state")
    def ai_state() -> Response:
        state = pages.stopped()
        return JSONResponse({"stopped": state.stopped if state else None})

    return router
