"""Serves checkpoint and tiles to whoever reaches the house, entries to auditors alone.

Hashes are of salted events and say nothing of what was done; without them nobody outside could
compare what the house shows to different people. How many leaves there are is open with them.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.ledger import Event, EventKind, Resource
from countersign.ground.shell import Floor, guarded
from countersign.kit.json import digest

PREFIX = "/tlog"
Auditor = Annotated[Principal, guarded(Action.AUDIT_READ)]
FOR_EVER = "public, max-age=31536000, immutable"
OCTETS = "application/octet-stream"


def door(floor: Floor) -> APIRouter:
    """``/tlog/checkpoint``, ``/tlog/tile/<L>/<N>[.p/<W>]`` and ``/tlog/tile/entries/…``."""
    router = APIRouter(prefix=PREFIX)

    def checkpoint() -> Response:
        return PlainTextResponse(floor.tiles.checkpoint(), headers={"cache-control": "max-age=2"})

    def entries(principal: Auditor, path: str) -> Response:
        resource = floor.tiles.named(f"tile/entries/{path}")
        content = floor.tiles.read(resource) if resource else None
        if resource is None or content is None:
            return _absent()
        floor.ledger.record(_seen(principal, resource, content))
        headers = {"cache-control": "private, no-store"}
        return Response(content, media_type=OCTETS, headers=headers)

    def tile(path: str) -> Response:
        resource = floor.tiles.named(f"tile/{path}")
        content = floor.tiles.read(resource) if resource and resource.level is not None else None
        if content is None:
            return _absent()
        return Response(content, media_type=OCTETS, headers={"cache-control": FOR_EVER})

    router.add_api_route("/checkpoint", checkpoint, methods=["GET"])
    router.add_api_route("/tile/entries/{path:path}", entries, methods=["GET"])
    router.add_api_route("/tile/{path:path}", tile, methods=["GET"])
    return router


def _seen(principal: Principal, resource: Resource, content: bytes) -> Event:
    return Event(
        EventKind.AUDIT_VIEWED,
        principal.actor,
        subject=resource.path,
        commits={"entries": digest(content).hex()},
        detail={"count": resource.width},
    )


def _absent() -> Response:
    said = "There is no such tile of the ledger, or an event of it was pruned.\n"
    return PlainTextResponse(said, 404)
