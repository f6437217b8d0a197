"""The pages of medication safety: the order for physicians, the rules for the pharmacy."""

from __future__ import annotations

from fastapi import APIRouter

from countersign.ground.shell import Floor
from countersign.rooms.medication.service import Medication

from .orders import Orders
from .rules import Rules


def pages(floor: Floor) -> APIRouter:
    """``/medication`` and what hangs below it."""
    router = APIRouter(prefix="/medication")
    room = Medication(floor.chart, floor.signoff, floor.clock)
    orders, rules = Orders(floor, room), Rules(floor, room)
    for path, handler, method in (
        ("", orders.form, "GET"),
        ("/check", orders.check, "POST"),
        ("/checks/{patient}/{check}", orders.answered, "GET"),
        ("/checks/{patient}/{check}", orders.answer, "POST"),
        ("/checks/{patient}/{check}/order", orders.write, "POST"),
        ("/rules", rules.list, "GET"),
        ("/rules/new", rules.new, "GET"),
        ("/rules/new", rules.add, "POST"),
        ("/rules/of/{rule}", rules.one, "GET"),
        ("/rules/of/{rule}", rules.change, "POST"),
        ("/committee", rules.committee, "GET"),
        ("/committee", rules.judge, "POST"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router
