"""The auditor's pages: ``/audit`` and what hangs below it."""

from __future__ import annotations

from fastapi import APIRouter

from countersign.ground.shell import Floor

from .access import AccessDesk
from .ledger import LedgerDesk


def pages(floor: Floor) -> APIRouter:
    """The ledger, decisions explained, and who may see a patient."""
    router = APIRouter(prefix="/audit")
    ledger, access = LedgerDesk(floor), AccessDesk(floor)
    for path, handler, method in (
        ("", ledger.search, "GET"),
        ("/export", ledger.export, "POST"),
        ("/verify", ledger.verify, "GET"),
        ("/event/{index}", ledger.event, "GET"),
        ("/event/{index}/within", ledger.within, "GET"),
        ("/event/{index}/why", access.why, "GET"),
        ("/break-glass", ledger.openings, "GET"),
        ("/break-glass/{opening}", ledger.opening, "GET"),
        ("/break-glass/{opening}", ledger.review, "POST"),
        ("/question", access.question, "GET"),
        ("/patients", access.choose, "GET"),
        ("/patients/{patient}", access.patient, "GET"),
        ("/patients/{patient}/list", access.export, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router
