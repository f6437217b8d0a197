"""Pages of sensitivity labels: of one patient's chart, and the hospital's rules."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.shell import Floor, SignedIn, guarded
from countersign.kit.errors import CountersignError
from countersign.rooms.access.service import ALL_LABELS, in_care

Text = Annotated[str, Form()]
Ruler = Annotated[Principal, guarded(Action.LABEL_RULES)]


class Labels:
    """What is labelled in one chart; rules that label by department or code."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def standing(
        self,
        request: Request,
        principal: SignedIn,
        patient: str,
        entry: Annotated[str, Query(max_length=130)] = "",
    ) -> Response:
        said = {"entry": entry, "label": "", "change": "set", "reason": ""}
        return self._standing(request, principal, patient, said=said)

    def decide(
        self,
        request: Request,
        principal: SignedIn,
        patient: str,
        entry: Text = "",
        label: Text = "",
        change: Text = "",
        reason: Text = "",
    ) -> Response:
        kind, _, identifier = (entry or f"Patient/{patient}").partition("/")
        sensitivity = self._floor.chart.sensitivity
        try:
            sensitivity.decide(principal, patient, (kind, identifier), label, change, reason)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            said = {"entry": entry, "label": label, "change": change, "reason": reason}
            return self._standing(request, principal, patient, problem, said=said)
        allowed = self._floor.policy.decide(
            principal, Action.LABEL_CHANGE, self._floor.chart.named(patient)
        ).allowed
        # Whoever closed the chart to themselves is told so, and not shown a refusal.
        back = f"/access/labels/{patient}" if allowed else "/charts?closed=1"
        return RedirectResponse(back, 303)

    def _standing(
        self,
        request: Request,
        principal: Principal,
        patient: str,
        problem: CountersignError | None = None,
        *,
        said: dict[str, str],
    ) -> Response:
        found = self._floor.chart.sensitivity.of(principal, patient)
        facts = self._floor.chart.named(patient)
        actors = {one.decided.actor.removeprefix("person:") for one in found if one.decided}
        return self._floor.pages.render(
            request,
            "access/labels.html",
            status=problem.status if problem else 200,
            patient=patient,
            name=self._floor.chart.reader(principal).names([patient]).get(patient, patient),
            whole={one.label: one for one in found if one.whole},
            entries=[one for one in found if not one.whole],
            labels=ALL_LABELS,
            names=self._floor.people.names(actors),
            in_care=in_care(principal, facts),
            entry=said["entry"],
            said=said,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )

    def rules(self, request: Request, principal: Ruler) -> Response:
        return self._rules(request, principal)

    def add(
        self,
        request: Request,
        principal: Ruler,
        label: Text = "",
        kind: Text = "",
        department: Text = "",
        code: Text = "",
    ) -> Response:
        value = department if kind == "department" else code
        try:
            self._floor.chart.label_rules.add(principal, label, kind, value)
        except CountersignError as problem:
            if problem.status != 422:
                raise
            said = {"label": label, "kind": kind, "department": department, "code": code}
            return self._rules(request, principal, problem, said)
        return RedirectResponse("/access/label-rules", 303)

    def end(self, principal: Ruler, rule: str) -> Response:
        self._floor.chart.label_rules.end(principal, rule)
        return RedirectResponse("/access/label-rules", 303)

    def _rules(
        self,
        request: Request,
        principal: Principal,
        problem: CountersignError | None = None,
        said: dict[str, str] | None = None,
    ) -> Response:
        rules = self._floor.chart.label_rules.all(principal)
        return self._floor.pages.render(
            request,
            "access/label_rules.html",
            status=problem.status if problem else 200,
            rules=rules,
            labels=ALL_LABELS,
            departments={one.code: one.name for one in self._floor.people.departments()},
            said=said or {"label": "", "kind": "department", "department": "", "code": ""},
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )
