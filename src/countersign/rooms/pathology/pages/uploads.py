"""Takes slides in pieces, so that a large one goes on where a line broke."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.shell import Floor, UnfitRequest, guarded
from countersign.kit.json import decode
from countersign.rooms.pathology.service import Handling

Handler = Annotated[Principal, guarded(Action.SLIDES_HANDLE)]
HINTS: Final = ("mrn", "accession", "block", "stain")


class Uploads:
    """Three requests: begin, pieces, done. Answers are JSON for the page's own script."""

    def __init__(self, floor: Floor) -> None:
        self._handling = Handling(floor)

    async def begin(self, request: Request, principal: Handler) -> Response:
        """``{"size": bytes}``; answers with the upload's identifier."""
        size = await _json(request)
        if not isinstance(size.get("size"), int) or size["size"] <= 0:
            raise UnfitRequest
        upload = await run_in_threadpool(self._handling.begin_upload, principal, size["size"])
        return JSONResponse({"upload": upload})

    async def append(
        self,
        request: Request,
        principal: Handler,
        upload: str,
        offset: Annotated[int, Query(ge=0)],
    ) -> Response:
        """The next piece; answers with where the upload ends now."""
        piece = await request.body()
        end = await run_in_threadpool(self._handling.append, principal, upload, offset, [piece])
        return JSONResponse({"end": end})

    async def finish(self, request: Request, principal: Handler, upload: str) -> Response:
        """``{"name": …}``, hints and, for a folder, ``{"parts": [[name, bytes], …]}`` in the order
        in which they were sent; answers with the slide and whether it is new."""
        given = await _json(request)
        parts = _parts(given.get("parts", []))
        hints = {name: str(given[name])[:100] for name in HINTS if given.get(name)}
        name = str(given.get("name", ""))[:200]
        made = await run_in_threadpool(
            self._handling.finish_upload, principal, upload, name, hints, parts
        )
        return JSONResponse({"slide": made.slide, "new": made.new})


async def _json(request: Request) -> dict[str, Any]:
    given = decode(await request.body())
    if not isinstance(given, dict):
        raise UnfitRequest
    return given  # pyright: ignore[reportUnknownVariableType]


def _parts(given: Any) -> list[tuple[str, int]]:
    """Names and bytes. Raises UnfitRequest for anything else."""
    try:
        found = [(name, size) for name, size in given]
    except (TypeError, ValueError):
        raise UnfitRequest from None
    if not all(isinstance(name, str) and type(size) is int for name, size in found):
        raise UnfitRequest
    return found
