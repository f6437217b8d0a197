"""Turns every error into a page, a piece of one, or JSON; never into a stack trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from countersign.kit.errors import CountersignError

from .errors import NoSuchPage, NotSignedIn, RefusedRequest, UnfitRequest, WrongMethod
from .pages import Pages, here, with_query
from .sessions import SIGN_IN, known, local_path

Headers = Mapping[str, str] | None


class Problems:
    """Answers errors in the form and the language that the request asks for."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def install(self, app: FastAPI) -> None:
        """Takes over every error that a page or an endpoint may raise."""
        for kind in (CountersignError, HTTPException, RequestValidationError):
            app.add_exception_handler(kind, self._handle)

    def refuse(self, request: Request, error: CountersignError) -> Response:
        """The answer of a fence, which stands before any session is known."""
        return self._answer(request, error, None)

    def _handle(self, request: Request, problem: Exception) -> Response:
        headers = problem.headers if isinstance(problem, HTTPException) else None
        known(request)
        return self._answer(request, _named(request, problem), headers)

    def _answer(self, request: Request, error: CountersignError, headers: Headers) -> Response:
        if not wants_page(request):
            return self._json(request, error, headers)
        if error.status == NotSignedIn.status:
            return _to_sign_in(request)
        part = "hx-request" in request.headers
        response = self._pages.render(
            request,
            "shell/problem_part.html" if part else "shell/problem.html",
            status=error.status,
            code=error.code,
            request_id=getattr(request.state, "request_id", ""),
            sentence=self._pages.sentence(request, error),
        )
        response.headers.update(headers or {})
        return response

    def _json(self, request: Request, error: CountersignError, headers: Headers) -> Response:
        content: dict[str, Any] = {
            "status": error.status,
            "code": error.code,
            "message": self._pages.sentence(request, error),
            "details": {name: str(value) for name, value in error.details.items()},
        }
        return JSONResponse({"error": content}, error.status, headers)


def wants_page(request: Request) -> bool:
    """Browsers ask for HTML by name; whoever does not is answered with JSON."""
    accept = request.headers.get("accept", "").lower()
    return "text/html" in accept or "hx-request" in request.headers


def _to_sign_in(request: Request) -> Response:
    back = local_path(here(request))
    target = with_query(SIGN_IN, next=None if back == "/" else back)
    if "hx-request" in request.headers:
        return Response(status_code=NotSignedIn.status, headers={"hx-redirect": target})
    return RedirectResponse(target, 303)


def _named(request: Request, problem: Exception) -> CountersignError:
    if isinstance(problem, CountersignError):
        return problem
    if isinstance(problem, RequestValidationError):
        fields = {str(item["loc"][-1]) for item in problem.errors() if item.get("loc")}
        return UnfitRequest(fields=", ".join(sorted(fields))[:200])
    status = problem.status_code if isinstance(problem, HTTPException) else 400
    if status == NoSuchPage.status:
        return NoSuchPage()
    if status == WrongMethod.status:
        return WrongMethod(method=request.method)
    if status == NotSignedIn.status:
        return NotSignedIn()
    return RefusedRequest()
