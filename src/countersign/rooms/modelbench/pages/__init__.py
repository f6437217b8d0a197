"""The pages of language models: servers, studies of cost and performance, distillation."""

from __future__ import annotations

from fastapi import APIRouter

from countersign.ground.shell import Floor

from .distilling import Distillation
from .overview import Overview


def pages(floor: Floor) -> APIRouter:
    """``/modelbench`` and what hangs below it."""
    router = APIRouter(prefix="/modelbench")
    overview = Overview(floor)
    distillation = Distillation(floor)
    for path, handler, method in (
        ("", overview.show, "GET"),
        ("/distilling", distillation.list, "GET"),
        ("/distilling", distillation.begin, "POST"),
        ("/distilling/of/{task}", distillation.one, "GET"),
        ("/distilling/of/{task}/live", distillation.go_live, "POST"),
        ("/distilling/of/{task}/withdraw", distillation.withdraw, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router
