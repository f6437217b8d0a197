"""The HTTP application of one web process."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.responses import JSONResponse, Response

from countersign.doors.fhir.door import door as fhir_door
from countersign.ground.shell import build_http

from .house import House, open_house
from .part import mark_ready
from .rooms import ROOMS
from .settings import from_environment


def application() -> FastAPI:
    """What the web server calls in each of its processes; the house closes with it."""
    stack = ExitStack()
    house = stack.enter_context(open_house(from_environment()))
    app = build_http(house.floor, ROOMS, [_health(house)], mounts={"/fhir": fhir_door(house.floor)})
    closing = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncGenerator[None]:
        async with closing(served):
            mark_ready(house.settings)
            yield
        stack.close()

    app.router.lifespan_context = lifespan
    return app


def _health(house: House) -> APIRouter:
    router = APIRouter()

    @router.get("/ready")
    def ready() -> Response:
        house.floor.switch.state()
        return JSONResponse({"ready": True})

    return router
