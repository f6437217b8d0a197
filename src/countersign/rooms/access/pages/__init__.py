"""The pages of access: break-glass and consent, labels, delegation."""

from __future__ import annotations

from fastapi import APIRouter

from countersign.ground.shell import Floor

from .delegating import Delegating
from .labels import Labels
from .patients import Patients


def pages(floor: Floor) -> APIRouter:
    """``/access`` and what hangs below it."""
    router = APIRouter(prefix="/access")
    patients, labels, delegating = Patients(floor), Labels(floor), Delegating(floor)
    for path, handler, method in (
        ("/break-glass", patients.search, "GET"),
        ("/break-glass", patients.open, "POST"),
        ("/break-glass/end", patients.end, "POST"),
        ("/consent/{patient}", patients.consents, "GET"),
        ("/consent/{patient}", patients.refuse, "POST"),
        ("/consent/{patient}/withdraw", patients.withdraw, "POST"),
        ("/labels/{patient}", labels.standing, "GET"),
        ("/labels/{patient}", labels.decide, "POST"),
        ("/label-rules", labels.rules, "GET"),
        ("/label-rules", labels.add, "POST"),
        ("/label-rules/{rule}/end", labels.end, "POST"),
        ("/delegations", delegating.mine, "GET"),
        ("/delegations", delegating.appoint, "POST"),
        ("/delegations/all", delegating.everybody, "GET"),
        ("/delegations/{delegation}/accept", delegating.accept, "POST"),
        ("/delegations/{delegation}/decline", delegating.decline, "POST"),
        ("/delegations/{delegation}/end", delegating.end, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router
