"""The pages of language models: servers, studies of cost and performance, distillation."""

from __future__ import annotations

from fastapi import APIRouter

from countersign.ground.shell import Floor

from .assigning import Assigning
from .overview import Overview
from .servers import ServerPages


def pages(floor: Floor) -> APIRouter:
    """``/modelbench`` and what hangs below it."""
    router = APIRouter(prefix="/modelbench")
    overview = Overview(floor)
    servers, assigning = ServerPages(floor), Assigning(floor)
    for path, handler, method in (
        ("", overview.show, "GET"),
        ("/servers", servers.list, "GET"),
        ("/servers/new", servers.new, "GET"),
        ("/servers/new", servers.add, "POST"),
        ("/servers/of/{server}", servers.one, "GET"),
        ("/servers/of/{server}", servers.change, "POST"),
        ("/servers/of/{server}/probe", servers.probe, "POST"),
        ("/servers/of/{server}/state", servers.state, "POST"),
        ("/assigning/{work}", assigning.form, "GET"),
        ("/assigning/{work}", assigning.assign, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router
