"""FHIR R4 over REST for other systems, under ``/fhir``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from countersign.ground.chart import Reader
from countersign.ground.identity import Principal
from countersign.ground.shell import Floor
from countersign.kit.clock import stamp
from countersign.kit.errors import CountersignError

from . import reading
from .capability import capability
from .outcomes import NotJSON, NotOffered, NoToken, answer, failed
from .writing import Writer

Handler = Callable[[Request], Response]
JSON_TYPES = ("application/fhir+json", "application/json")


def door(floor: Floor) -> Starlette:
    """The application to be mounted at ``/fhir``; it guards itself with bearer tokens."""
    rest = _Rest(floor)
    routes = [
        Route("/metadata", _served(rest.metadata), methods=["GET"]),
        Route("/", _served(rest.bundle, body=True), methods=["POST"]),
        Route("/{kind}", _served(rest.search), methods=["GET"]),
        Route("/{kind}", _served(rest.create, body=True), methods=["POST"]),
        Route("/{kind}/_search", _served(rest.posted_search, body=True), methods=["POST"]),
        Route("/{kind}/{id}", _served(rest.read), methods=["GET"]),
        Route("/{kind}/{id}", _served(rest.update, body=True), methods=["PUT"]),
        Route("/{kind}/{id}", _served(rest.delete), methods=["DELETE"]),
        Route("/{kind}/{id}/_history", _served(rest.history), methods=["GET"]),
        Route("/{kind}/{id}/_history/{version}", _served(rest.version), methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers={404: _nothing, 405: _nothing})


def _served(handler: Handler, *, body: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """Runs a handler in a thread, with the body read, and turns errors into outcomes."""

    async def serve(request: Request) -> Response:
        if body:
            try:
                await request.body()
            except CountersignError as problem:
                return failed(problem)
        return await run_in_threadpool(_guarded, handler, request)

    return serve


def _guarded(handler: Handler, request: Request) -> Response:
    try:
        return handler(request)
    except CountersignError as problem:
        return failed(problem)


async def _nothing(request: Request, problem: Exception) -> Response:
    return failed(NotOffered())


class _Rest:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._labels = floor.signoff.labels
        self._since = stamp(floor.clock())

    def metadata(self, request: Request) -> Response:
        return answer(capability(_base(request), self._since))

    def read(self, request: Request) -> Response:
        kind, identifier = _named(request)
        reader = self._reader(request, kind, "r")
        return reading.read(reader, self._labels, kind, identifier, request.headers)

    def version(self, request: Request) -> Response:
        kind, identifier = _named(request)
        number = str(request.path_params["version"])
        reader = self._reader(request, kind, "r")
        return reading.version(reader, self._labels, kind, identifier, number, request.headers)

    def history(self, request: Request) -> Response:
        kind, identifier = _named(request)
        reader = self._reader(request, kind, "r")
        return reading.history(reader, self._labels, _base(request), kind, identifier)

    def search(self, request: Request) -> Response:
        asked, kind = request.query_params.multi_items(), _kind(request)
        reader = self._reader(request, kind, "s")
        return reading.search(reader, self._labels, _base(request), kind, asked)

    def posted_search(self, request: Request) -> Response:
        asked = [
            *request.query_params.multi_items(),
            *parse_qsl(_body(request).decode("utf-8", "replace"), keep_blank_values=True),
        ]
        kind = _kind(request)
        reader = self._reader(request, kind, "s")
        return reading.search(reader, self._labels, _base(request), kind, asked)

    def create(self, request: Request) -> Response:
        return self._writer(request).create(_kind(request), _json(request), request.headers)

    def update(self, request: Request) -> Response:
        kind, identifier = _named(request)
        return self._writer(request).update(kind, identifier, _json(request), request.headers)

    def delete(self, request: Request) -> Response:
        kind, identifier = _named(request)
        return self._writer(request).delete(kind, identifier, request.headers)

    def bundle(self, request: Request) -> Response:
        return self._writer(request).bundle(_json(request), self._labels)

    def _reader(self, request: Request, kind: str, way: str) -> Reader:
        client = self._client(request)
        self._floor.policy.require_scope(client, way, kind)
        return self._floor.chart.reader(client)

    def _writer(self, request: Request) -> Writer:
        floor = self._floor
        return Writer(floor.chart, floor.policy, self._client(request), _base(request))

    def _client(self, request: Request) -> Principal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NoToken
        token = token.strip()
        client = self._floor.clients.principal_for(token)
        client = client or self._floor.apps.tokens.principal_for(token)
        if client is None:
            raise NoToken
        return client


def _kind(request: Request) -> str:
    return str(request.path_params["kind"])


def _named(request: Request) -> tuple[str, str]:
    return _kind(request), str(request.path_params["id"])


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/fhir"


def _body(request: Request) -> bytes:
    return getattr(request, "_body", b"")


def _json(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in JSON_TYPES:
        raise NotJSON
    return _body(request)
