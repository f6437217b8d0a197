"""The HTTP application of one web process."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from countersign.doors.cdshooks.door import door as cdshooks_door
from countersign.doors.dicom.storing import door as dicom_door
from countersign.doors.fhir.door import door as fhir_door
from countersign.doors.smart.door import door as smart_door
from countersign.doors.tlog.door import door as tlog_door
from countersign.ground.shell import Seen, SharedWith, build_http

from .house import House, open_house
from .logs import told
from .metrics import Metrics, metrics_route
from .part import mark_ready
from .readiness import Readiness, health_routes
from .rooms import PAGED, ROOMS
from .settings import from_environment

PATIENCE = 20.0
"""Seconds that a person waits for the database before the page says that it hangs."""


def application() -> FastAPI:
    """What the web server calls in each of its processes; the house closes with it."""
    stack = ExitStack()
    house = stack.enter_context(open_house(from_environment(), patience=PATIENCE))
    house.floor.library.index.start()
    readiness = Readiness(house)
    metrics = Metrics(house, readiness)
    stack.callback(metrics.close)

    def tell(seen: Seen) -> None:
        metrics.told(seen)
        told(seen)

    routes = [
        health_routes(readiness),
        metrics_route(metrics, house.settings.metrics_token),
        tlog_door(house.floor),
    ]
    app = build_http(house.floor, PAGED, routes, mounts=doors(house), tell=tell)
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
    hooks = cdshooks_door(floor, ROOMS)
    return {
        **smart_door(floor, house.settings.keys),
        **hooks,
        "/dicomweb": dicom_door(floor),
        "/fhir": fhir,
    }
