"""The door of CDS Hooks: its services as an application to mount, its page as a manifest."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from countersign.ground.identity import Action, CdsClient
from countersign.ground.shell import Floor, Manifest, NavItem, SharedWith
from countersign.kit.errors import CountersignError
from countersign.kit.json import encode
from countersign.kit.words import Words

from . import feedback
from . import request as calls
from .administration import pages
from .answering import BUDGET, Answering
from .errors import BadHook, NoProof, NoSuchService
from .feedback import Outcomes
from .services import SERVICES, Service, discovery

HERE = Path(__file__).parent
ROOT = "/cds-services"
Handler = Callable[[Request, bytes, float], Response]


def door(floor: Floor, rooms: Sequence[Manifest], budget: float = BUDGET) -> Mapping[str, ASGIApp]:
    """What is mounted where; ``rooms`` are those whose hooks are answered, within ``budget``
    seconds.
    """
    desk = _Desk(floor, rooms, budget)
    routes = [
        Route("/", _served(desk.discovery), methods=["GET"]),
        Route("/{service}", _served(desk.call), methods=["POST"]),
        Route("/{service}/feedback", _served(desk.feedback), methods=["POST"]),
    ]
    return {ROOT: SharedWith(Starlette(routes=routes), floor.cds.clients.origins)}


manifest = Manifest(
    name="cdshooks",
    title=Words("Workstations", "工作站"),
    summary=Words(
        "The hospital's own workstations, which show drafts as cards.",
        "以卡片显示草稿的院内工作站。",
    ),
    pages=pages,
    nav=(NavItem("/workstations", Words("Workstations", "工作站"), (Action.CLIENTS_READ,)),),
    templates=HERE / "templates" / "cdshooks",
    locale=HERE / "locale",
)


def _served(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        begun = time.monotonic()
        try:
            body = await request.body() if request.method == "POST" else b""
        except CountersignError as problem:
            return _failed(problem)
        return await run_in_threadpool(_guarded, handler, request, body, begun)

    return serve


def _guarded(handler: Handler, request: Request, body: bytes, begun: float) -> Response:
    try:
        return handler(request, body, begun)
    except CountersignError as problem:
        return _failed(problem)


def _failed(problem: CountersignError) -> Response:
    """The standard names no form of errors; ours is the one of every other address here."""
    said = {"status": problem.status, "code": problem.code, "message": problem.sentence()}
    headers = {"www-authenticate": "Bearer"} if problem.status == NoProof.status else {}
    return JSONResponse({"error": said}, problem.status, headers)


class _Desk:
    def __init__(self, floor: Floor, rooms: Sequence[Manifest], budget: float) -> None:
        self._floor = floor
        self._answering = Answering(floor, rooms, budget)
        self._outcomes = Outcomes(floor)

    def discovery(self, request: Request, body: bytes, begun: float) -> Response:
        """Open to whoever asks, as the standard has it: it names nobody."""
        return JSONResponse(discovery(self._floor.pages.language(request)))

    def call(self, asked: Request, body: bytes, begun: float) -> Response:
        """One moment in a workstation, answered with cards."""
        service = _service(asked)
        root = root_of(self._floor, asked)
        client = self._client(asked, f"{root}{ROOT}/{service.id}")
        cards = self._floor.signoff.cards
        try:
            _require_json(asked)
            read = calls.read(body, service)
            language = self._floor.pages.language(asked)
            said, complete = self._answering.answer(client, read, language, root, begun)
        except CountersignError:
            cards.count(client.id, service.id, None, True)
            raise
        spent = (time.monotonic() - begun) * 1000
        cards.count(client.id, service.id, max(1.0, spent), complete)
        # Its own encoder keeps decimals of a chart as they were written.
        return Response(encode(said), media_type="application/json")

    def feedback(self, asked: Request, body: bytes, begun: float) -> Response:
        """What became of cards."""
        service = _service(asked)
        client = self._client(asked, f"{root_of(self._floor, asked)}{ROOT}/{service.id}/feedback")
        _require_json(asked)
        self._outcomes.take(client, feedback.read(body))
        return Response(status_code=200)

    def _client(self, asked: Request, audience: str) -> CdsClient:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NoProof
        return self._floor.cds.proving.prove(token.strip(), audience)


def root_of(floor: Floor, asked: Request) -> str:
    """Scheme and host under which systems come: the configured address, or what they called."""
    return floor.site.address or f"{asked.url.scheme}://{asked.url.netloc}"


def _service(asked: Request) -> Service:
    service = SERVICES.get(str(asked.path_params["service"]))
    if service is None:
        raise NoSuchService
    return service


def _require_json(asked: Request) -> None:
    kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", "application/fhir+json"):
        raise BadHook(reason="send application/json")
