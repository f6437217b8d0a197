"""DICOMweb for other systems, under ``/dicomweb``: instances are stored by STOW-RS."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from countersign.ground.identity import Principal
from countersign.ground.imaging import ImageMismatch
from countersign.ground.shell import Floor
from countersign.kit.errors import CountersignError
from countersign.kit.json import encode

from .answers import Outcome
from .parts import Part, Parts, boundary_of

JSON_KIND = "application/dicom+json"
GULP = 1024 * 1024
"""Bytes that are gathered before a thread writes them."""


class NoToken(CountersignError):
    code = "dicom.no_token"
    status = 401
    message = "Send the token that the administrator issued: “Authorization: Bearer …”."


def door(floor: Floor) -> Starlette:
    """The application to be mounted at ``/dicomweb``; it guards itself with bearer tokens."""
    storing = _Storing(floor)
    return Starlette(
        routes=[
            Route("/studies", storing.store, methods=["POST"]),
            Route("/studies/{study}", storing.store, methods=["POST"]),
        ]
    )


class _Storing:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    async def store(self, request: Request) -> Response:
        """Streams the instances of a request to the disk and says what became of each."""
        try:
            client = await run_in_threadpool(self._client, request)
            boundary = boundary_of(request.headers.get("content-type", ""))
            outcome = await self._receive(request, client, boundary)
        except CountersignError as problem:
            return _failed(problem)
        return Response(encode(outcome.body()), outcome.status, media_type=JSON_KIND)

    async def _receive(self, request: Request, client: Principal, boundary: str) -> Outcome:
        outcome, study = Outcome(), request.path_params.get("study")

        def done(part: Part) -> None:
            self._keep(part, client, study, outcome)

        parts = Parts(boundary, self._floor.received.spool, done)
        try:
            gathered = bytearray()
            async for data in request.stream():
                gathered += data
                if len(gathered) >= GULP:
                    await run_in_threadpool(parts.feed, bytes(gathered))
                    gathered.clear()
            await run_in_threadpool(parts.feed, bytes(gathered))
            parts.finish()
        finally:
            parts.close()
        return outcome

    def _keep(self, part: Part, client: Principal, study: str | None, outcome: Outcome) -> None:
        """Keeps one instance; ``study`` is the only one whose instances the address permits."""
        if part.spool is None:
            outcome.refused.append(("", "", part.problem or ImageMismatch()))
            return
        named = "", ""
        try:
            found = self._floor.received.read(part.spool)
            named = found.sop_class, found.sop_instance
            if study is not None and found.study != study:
                raise ImageMismatch
            kept = self._floor.received.keep(part.spool, found, client.actor, client.actor)
        except CountersignError as problem:
            outcome.refused.append((named[0], named[1], problem))
        else:
            outcome.kept.append(kept)
        finally:
            part.discard()

    def _client(self, request: Request) -> Principal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NoToken
        client = self._floor.clients.principal_for(token.strip())
        client = client or self._floor.apps.tokens.principal_for(token.strip())
        if client is None:
            raise NoToken
        self._floor.policy.require_scope(client, "c", "ImagingStudy")
        return client


def _failed(problem: CountersignError) -> Response:
    headers = {"www-authenticate": "Bearer"} if problem.status == 401 else {}
    said = {"error": problem.code, "message": problem.sentence()}
    return Response(encode(said), problem.status, headers, "application/json")
