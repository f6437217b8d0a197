"""The HTTP application of one web process."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from countersign.doors.fhir.door import door as fhir_door
from countersign.doors.smart.door import door as smart_door
from countersign.doors.tlog.door import door as tlog_door
from countersign.ground.shell import SharedWith, build_http

from .house import House, open_house
from .part import mark_ready
from .rooms import PAGED
from .settings import from_environment


def application() -> FastAPI:
    """What the web server calls in each of its processes; the house closes with it."""
    stack = ExitStack()
    house = stack.enter_context(open_house(from_environment()))
    app = build_http(
        house.floor, PAGED, [_health(house), tlog_door(house.floor)], mounts=doors(house)
    )
    closing = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncGenerator[None]:
        async with closing(served):
            mark_ready(house.settings)
            yield
        stack.close()

    app.router.lifespan_context = lifespan
    return app


def doors(house: House) -> dict[str, ASGIApp]:
    """The doors by the address at which they are mounted; a longer one comes first."""
    floor = house.floor
    fhir = SharedWith(fhir_door(floor), floor.apps.registry.origins)
    return {**smart_door(floor, house.settings.keys), "/fhir": fhir}


def _health(house: House) -> APIRouter:
    router = APIRouter()

    @router.get("/ready")
    def ready() -> Response:
        house.floor.switch.state()
        return JSONResponse({"ready": True})

    return router
