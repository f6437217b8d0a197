"""The physician's pages: an order is written, checked at once, and its alerts are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.chart import PatientFilter
from countersign.ground.identity import Action, Principal
from countersign.ground.shell import Floor, guarded
from countersign.ground.signoff import REASONS, OrderCheck
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.medication.domain import FREQUENCIES, KINDS, ROUTES, UNITS, Order, milligrams
from countersign.rooms.medication.service import Medication, Told

Text = Annotated[str, Form(max_length=400)]
Physician = Annotated[Principal, guarded(Action.ORDER_CHECK)]
_YES = {"yes": True, "no": False}
_PATIENTS = 200


@dataclass(frozen=True, slots=True)
class Written:
    """The form as it was filled in, so that it comes back as it was."""

    drug: str = ""
    dose: str = ""
    unit: str = "mg"
    route: str = "oral"
    frequency: str = ""
    pregnant: str = ""
    lactating: str = ""
    weight: str = ""

    def order(self) -> Order:
        """The order; a dose that is no number counts as unknown and is said to be missing."""
        per_day = FREQUENCIES[self.frequency][0] if self.frequency in FREQUENCIES else None
        amount = _number(self.dose)
        return Order(
            self.drug.strip(),
            milligrams(amount, self.unit),
            per_day,
            self.route if self.route in ROUTES else "",
            amount=_plain(amount),
            unit=self.unit if self.unit in UNITS else "",
            often=self.frequency if self.frequency in FREQUENCIES else "",
        )

    def told(self) -> Told:
        """What was said of the patient."""
        weight = _number(self.weight)
        return Told(
            _YES.get(self.pregnant),
            _YES.get(self.lactating),
            weight if weight is not None and 0.3 < weight < 400 else None,
        )


class Orders:
    """Handlers for physicians."""

    def __init__(self, floor: Floor, room: Medication) -> None:
        self._floor = floor
        self._room = room

    def form(
        self, request: Request, principal: Physician, patient: Annotated[str, Query()] = ""
    ) -> Response:
        return self._form(request, principal, patient, Written())

    def check(
        self,
        request: Request,
        principal: Physician,
        patient: Text = "",
        drug: Text = "",
        dose: Text = "",
        unit: Text = "mg",
        route: Text = "",
        frequency: Text = "",
        pregnant: Text = "",
        lactating: Text = "",
        weight: Text = "",
    ) -> Response:
        written = Written(drug, dose, unit, route, frequency, pregnant, lactating, weight)
        if "hx-request" in request.headers and not (patient and drug.strip()):
            return self._form(request, principal, patient, written)  # she is still writing
        try:
            found = self._room.check(principal, patient, written.order(), written.told())
        except CountersignError as problem:
            if problem.status not in (409, 422, 503):
                raise
            return self._form(request, principal, patient, written, problem=problem)
        return self._form(request, principal, patient, written, found)

    def answered(
        self, request: Request, principal: Physician, patient: str, check: str
    ) -> Response:
        return self._shown(request, principal, patient, check)

    async def answer(
        self, request: Request, principal: Physician, patient: str, check: str
    ) -> Response:
        form = await request.form()
        given = {key: str(value) for key, value in form.items()}
        reasons = {
            key.removeprefix("reason-"): value
            for key, value in given.items()
            if key.startswith("reason-") and value
        }
        try:
            self._floor.signoff.alerts.answer(
                principal, patient, check, given.get("outcome", ""), reasons,
                given.get("comment", ""),
            )  # fmt: skip
        except CountersignError as problem:
            if problem.status not in (409, 422):
                raise
            return self._shown(request, principal, patient, check, problem, given)
        return RedirectResponse(f"/medication/checks/{patient}/{check}", 303)

    def write(self, request: Request, principal: Physician, patient: str, check: str) -> Response:
        """The checked order as a draft, which she signs where every draft is signed."""
        try:
            draft = self._room.write(principal, patient, check)
        except CountersignError as problem:
            if problem.status not in (409, 422):
                raise
            return self._shown(request, principal, patient, check, problem)
        return RedirectResponse(f"/inbox/{draft}", 303)

    def _form(
        self,
        request: Request,
        principal: Principal,
        patient: str,
        written: Written,
        found: OrderCheck | None = None,
        problem: CountersignError | None = None,
    ) -> Response:
        people = self._floor.chart.reader(principal).patients(PatientFilter(limit=_PATIENTS))
        return self._floor.pages.render(
            request,
            "medication/order.html",
            status=problem.status if problem else 200,
            patients=[(one.id, _label(one.name, one.birth_date)) for one in people.patients],
            patient=patient,
            written=written,
            units=[(unit, unit) for unit in UNITS],
            routes=list(ROUTES.items()),
            frequencies=[(code, words) for code, (_, words) in FREQUENCIES.items()],
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            **self._common(found),
        )

    def _shown(
        self,
        request: Request,
        principal: Principal,
        patient: str,
        check: str,
        problem: CountersignError | None = None,
        given: dict[str, str] | None = None,
    ) -> Response:
        found = self._floor.signoff.alerts.one(principal, patient, check)
        names = self._floor.chart.reader(principal).names({patient})
        return self._floor.pages.render(
            request,
            "medication/check.html",
            status=problem.status if problem else 200,
            patient=patient,
            name=names.get(patient, patient),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            **{**self._common(found), "given": given or {}},
        )

    def _common(self, found: OrderCheck | None) -> dict[str, object]:
        shown = list(zip(found.alerts, found.content["alerts"], strict=True)) if found else []
        return {
            "found": found,
            "alerts": [(key, _worded(one)) for (key, _), one in shown if one["level"] != "silent"],
            "interrupts": any(one["level"] == "interrupt" for _, one in shown),
            "kinds": {str(kind): words for kind, words in KINDS.items()},
            "reasons": list(REASONS.items()),
            "given": {},
        }


def _worded(alert: JSON) -> JSON:
    """An alert as it was kept, its sentences again in two languages."""
    return {**alert, **{name: Words(**alert[name]) for name in ("title", "says", "instead")}}


def _label(name: str, born: str) -> str:
    return f"{name} · {born}" if born else name


def _plain(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.6f}".rstrip("0").rstrip(".")


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().replace("，", "."))
    except ValueError:
        return None
    return number if 0 < number < 1e7 else None
