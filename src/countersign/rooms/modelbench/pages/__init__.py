"""The pages of language models: servers, studies of cost and performance, distillation."""

from __future__ import annotations

from fastapi import APIRouter

from countersign.ground.shell import Floor

from .overview import Overview


def pages(floor: Floor) -> APIRouter:
    """``/modelbench`` and what hangs below it."""
    router = APIRouter(prefix="/modelbench")
    overview = Overview(floor)
    for path, handler, method in (("", overview.show, "GET"),):
        router.add_api_route(path, handler, methods=[method])
    return router
