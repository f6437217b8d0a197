"""The pages of language models: servers, studies of cost and performance, distillation."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from countersign.ground.shell import Floor
from countersign.rooms.modelbench.service.study import StudyResults

from .assigning import Assigning
from .distilling import Distillation
from .overview import Overview
from .planner import Planning
from .servers import ServerPages
from .study import Studies
from .trained import TrainedPages


def pages(floor: Floor) -> APIRouter:
    """``/modelbench`` and what hangs below it."""
    router = APIRouter(prefix="/modelbench")
    overview = Overview(floor)
    distillation = Distillation(floor)
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
        *_studies(floor),
        *_trained(floor),
        ("/distilling", distillation.list, "GET"),
        ("/distilling", distillation.begin, "POST"),
        ("/distilling/of/{task}", distillation.one, "GET"),
        ("/distilling/of/{task}/live", distillation.go_live, "POST"),
        ("/distilling/of/{task}/withdraw", distillation.withdraw, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


def _studies(floor: Floor) -> tuple[tuple[str, Callable[..., Response], str], ...]:
    """Studies of cost and performance, and what belongs to them."""
    results = StudyResults(floor.studies)
    studies, planning = Studies(floor, results), Planning(floor, results)
    return (
        ("/studies", studies.list, "GET"),
        ("/studies/new", studies.new, "GET"),
        ("/studies/new", studies.start, "POST"),
        ("/studies/of/{study}", studies.one, "GET"),
        ("/studies/of/{study}/files/{name}", studies.file, "GET"),
        ("/studies/of/{study}/cancel", studies.cancel, "POST"),
        ("/studies/of/{study}/resume", studies.resume, "POST"),
        ("/planner", planning.planner, "GET"),
        ("/prices", planning.prices, "GET"),
        ("/prices", planning.set_prices, "POST"),
        ("/imports", planning.imports, "GET"),
        ("/imports", planning.take, "POST"),
    )


def _trained(floor: Floor) -> tuple[tuple[str, Callable[..., Response], str], ...]:
    """What the hospital trained by itself, two versions side by side."""
    trained = TrainedPages(floor)
    return (
        ("/trained", trained.list, "GET"),
        ("/trained/of/{name}/{version}", trained.one, "GET"),
        ("/trained/of/{name}/{version}/serve", trained.serve, "POST"),
        ("/trained/of/{name}/{version}/withdraw", trained.withdraw, "POST"),
    )
