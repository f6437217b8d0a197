"""Checks an order once more when it is signed, against the chart as it is at that moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from countersign.ground.identity import Forbidden, Principal
from countersign.ground.models import AIStopped
from countersign.ground.signoff import (
    Alerts,
    Body,
    Draft,
    NewAlerts,
    NotRechecked,
    OrderCheck,
    Raised,
)
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON
from countersign.rooms.medication.domain import Alert, Order, Value, ordered
from countersign.rooms.medication.inference import MODEL

from .checking import Medication
from .content import Looked, Told, alert, content_of, read_order, read_told
from .writing import CHECK

UNREADABLE = (CountersignError, ArithmeticError, LookupError, TypeError, ValueError)
"""What a chart or a rule that cannot be read comes to."""


class AtSigning:
    """A ``Recheck`` of the gate."""

    def __init__(self, room: Medication, alerts: Alerts) -> None:
        self._room = room
        self._alerts = alerts

    def __call__(self, principal: Principal, draft: Draft[Body]) -> str:
        """The check under which this order may be signed; nothing for what stops one.

        What she saw when it was written, or kept at an earlier attempt, is not shown again. Raises
        NewAlerts where something that interrupts is new, recorded and ready to be read;
        NotRechecked; Forbidden, AIStopped, LedgerUnavailable.
        """
        request = next(one for one in draft.body.resources if _is_order(one))
        if request.get("status") != "active":
            return ""  # nothing holds up that an order is stopped
        patient, made = draft.head.patient, _made(request)
        checks = self._alerts.of_draft(principal, patient, draft.head.id, made)
        first = next((one for one in checks if one.id == made), None)
        looked = self._look(principal, patient, request, first)
        seen = [one for one in checks if one.id == made or one.outcome == "kept"]
        left = _stopping(looked, seen)
        if not left:
            return self._record(principal, draft, looked, ()).id
        waiting = [one for one in checks if one not in seen and one.content["held"]]
        shown = next((one for one in waiting if _stopping(looked, [*seen, one]) < left), None)
        if _stopping(looked, [*seen, *waiting]) or shown is None:
            fresh = _fresh(looked, [*seen, *waiting])
            shown = self._record(principal, draft, looked, fresh, held=True)
        raise NewAlerts(page=f"/medication/checks/{patient}/{shown.id}")

    def _look(
        self, principal: Principal, patient: str, request: JSON, first: OrderCheck | None
    ) -> Looked:
        """Raises NotRechecked where the chart or a rule cannot be read."""
        order: Order = ordered(request)
        told, then = Told(), None
        if first is not None:
            order = read_order(first.content["order"])
            told, then = read_told(first.content, "told"), read_told(first.content, "charted")
        try:
            return self._room.look(principal, patient, order, told, then)
        except (Forbidden, AIStopped):
            raise
        except UNREADABLE as problem:
            raise NotRechecked from problem

    def _record(
        self,
        principal: Principal,
        draft: Draft[Body],
        looked: Looked,
        fresh: Sequence[Alert],
        *,
        held: bool = False,
    ) -> OrderCheck:
        """Keeps the check; only what is fresh counts as shown, and only where it is (``held``)."""
        content: JSON = {
            **content_of(looked),
            "draft": draft.head.id,
            "held": held,
            "alerts": [alert(one) for one in fresh],
            "known_before": [alert(one) for one in looked.every if one not in fresh],
        }
        raised = [Raised(one.rule.id, str(one.rule.level)) for one in fresh]
        return self._alerts.show(
            principal, draft.head.patient, MODEL.label, looked.version, raised, content
        )


def _is_order(resource: JSON) -> bool:
    return resource.get("resourceType") == "MedicationRequest"


def _made(request: JSON) -> str:
    """The check from which it was written; nothing in an order of an earlier version."""
    given: list[JSON] = request.get("identifier", [])
    return next((str(one["value"]) for one in given if one.get("system") == CHECK), "")


def _stopping(looked: Looked, seen: Sequence[OrderCheck]) -> int:
    """How much she has not seen that interrupts, or is an allergy that no table knows."""
    named = {name for one in seen for name in one.content["unread"]}
    loud = sum(one.interrupts for one in _fresh(looked, seen))
    return loud + len(looked.nameless - named)


def _fresh(looked: Looked, seen: Sequence[OrderCheck]) -> list[Alert]:
    before = [row for one in seen for row in one.content["alerts"]]
    return [one for one in looked.every if not any(_covers(row, one) for row in before)]


def _covers(row: JSON, one: Alert) -> bool:
    """Whether an alert that was kept said this already: the same rule, at least as loud, about no
    less, against no less, and on the same numbers.
    """
    loud = row["level"] == "interrupt" or not one.interrupts
    numbers = {_number(float(each["number"]), each["by"]) for each in row["values"]}
    return (
        row["rule"] == one.rule.id
        and loud
        and set(one.about) <= set(row["about"])
        and set(one.against) <= set(row["against"])
        and _numbers(one.values) <= numbers
    )


def _numbers(values: Iterable[Value]) -> set[str]:
    """Without the age, which alone stands in no entry and is not computed from one."""
    return {_number(one.number, one.by) for one in values if one.reference or one.by}


def _number(number: float, by: str) -> str:
    return f"{by} {number:.3g}"
