"""The pages of the safety loop: those of the quality office and those of the people concerned."""

from __future__ import annotations

from fastapi import APIRouter

from countersign.ground.shell import Floor

from .people import People
from .quality import Quality


def pages(floor: Floor) -> APIRouter:
    """``/safety`` and what hangs below it."""
    router = APIRouter(prefix="/safety")
    office, people = Quality(floor), People(floor)
    for path, handler, method in (
        ("/recalls", office.recalls, "GET"),
        ("/recalls/new", office.preview, "GET"),
        ("/recalls/start", office.start, "POST"),
        ("/recalls/of/{recall}", office.recall, "GET"),
        ("/adjudication", office.adjudication, "GET"),
        ("/reading", office.reading, "GET"),
        ("/rules", office.rules, "GET"),
        ("/rules", office.change, "POST"),
        ("/reviews", people.reviews, "GET"),
        ("/reviews/{task}", people.review, "GET"),
        ("/reviews/{task}/answer", people.answer, "POST"),
        ("/cases/{case}", people.case, "GET"),
        ("/cases/{case}/outcome", people.decide, "POST"),
        ("/notices", people.notices, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router
