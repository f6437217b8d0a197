"""The pages of the chart: patients, one chart, its trends, one source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.chart import PatientSummary
from countersign.ground.identity import REASONS, Action, App, Facts, Principal, Purpose
from countersign.ground.shell import Floor, SignedIn, guarded, with_query
from countersign.kit.dates import BadDate, age_on, interval
from countersign.kit.words import Words

from .service import Charts

PAGE = 50
LABELS: dict[str, Words] = {
    "PSY": Words("Psychiatry", "精神科"),
    "HIV": Words("HIV", "HIV"),
    "GDIS": Words("Genetics", "遗传病"),
    "EMP": Words("Member of staff", "本院员工"),
}
"""Labels that close a chart to all but the care team."""


def pages(floor: Floor) -> APIRouter:
    """``/charts`` and ``/charts/{patient}``."""
    router = APIRouter(prefix="/charts")
    desk = _Desk(floor)
    for path, handler in (
        ("", desk.patients),
        ("/{patient}", desk.chart),
        ("/{patient}/results", desk.results),
        ("/{patient}/source/{kind}/{identifier}/_history/{version}", desk.source),
    ):
        router.add_api_route(path, handler, methods=["GET"])
    return router


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._charts = Charts(floor.chart, floor.signoff, floor.policy)

    def patients(
        self,
        request: Request,
        principal: Annotated[Principal, guarded(Action.PATIENTS_LIST)],
        name: Annotated[str, Query(max_length=100)] = "",
        department: Annotated[str, Query(max_length=64)] = "",
        use: Annotated[str, Query(max_length=16)] = "",
        closed: bool = False,
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        offset = (page - 1) * PAGE
        teaching = use == "teaching"
        found = self._charts.patients(principal, name.strip(), department, PAGE, offset, teaching)
        if principal.purpose == Purpose.PERSONAL and found.total == 1 and not name:
            return RedirectResponse(f"/charts/{found.patients[0].id}", 303)
        known = {one.code: one.name for one in self._floor.people.departments()}

        def address(number: int) -> str:
            return with_query(
                "/charts",
                name=name or None,
                department=department or None,
                use=use or None,
                page=number,
            )

        return self._floor.pages.render(
            request,
            "charts/patients.html",
            found=found,
            name=name,
            department=department,
            teaching=teaching,
            clinical=principal.purpose == Purpose.TREATMENT,
            closed=closed,
            departments=[
                (code, known[code]) for code in sorted(principal.departments & set(known))
            ],
            department_names=known,
            ages={one.id: self._age(one) for one in found.patients},
            first=offset + 1,
            previous=address(page - 1) if page > 1 else None,
            following=address(page + 1) if offset + PAGE < found.total else None,
        )

    def chart(self, request: Request, principal: SignedIn, patient: str) -> Response:
        language = self._floor.pages.language(request)
        view = self._charts.open(principal, patient, language)
        signers = {
            person for one in view.answers for pair in one.verified_by for person in pair if person
        }
        openings = self._floor.glass.recent([patient])
        facts = self._floor.chart.named(patient)
        may_record = self._floor.policy.decide(principal, Action.CONSENT_RECORD, facts).allowed
        hidden = view.drafts_hidden
        return self._floor.pages.render(
            request,
            "charts/chart.html",
            view=view,
            age=self._age(view.patient),
            names=self._floor.people.names(signers | {one.person for one in openings}),
            openings=openings,
            glass_reasons=REASONS,
            refused=facts.refused,
            may_record=may_record,
            may_consider=self._may_consider(principal, facts),
            may_compare=self._may(principal, Action.CASES_READ),
            may_label=self._may_label(principal, patient),
            labelled=[LABELS[code] for code in sorted(facts.sensitivity & set(LABELS))],
            department_names={one.code: one.name for one in self._floor.people.departments()},
            drafts_hidden=self._floor.pages.sentence(request, hidden) if hidden else None,
            apps=self._apps(principal),
        )

    def results(self, request: Request, principal: SignedIn, patient: str) -> Response:
        language = self._floor.pages.language(request)
        summary, series = self._charts.results(principal, patient, language)
        return self._floor.pages.render(
            request, "charts/results.html", patient=summary, age=self._age(summary), series=series
        )

    def source(
        self,
        request: Request,
        principal: SignedIn,
        patient: str,
        kind: str,
        identifier: str,
        version: int,
    ) -> Response:
        found = self._charts.source(principal, kind, identifier, version)
        return self._floor.pages.render(
            request,
            "charts/source.html",
            patient=patient,
            version=found,
            label=self._charts.label(found),
            may_label=found.patient == patient and self._may_label(principal, patient),
            text=_indented(found.raw),
        )

    def _may_label(self, principal: Principal, patient: str) -> bool:
        facts = self._floor.chart.named(patient)
        return self._floor.policy.decide(principal, Action.LABEL_CHANGE, facts).allowed

    def _may_consider(self, principal: Principal, facts: Facts) -> bool:
        """Whether diagnoses may be asked for: by who could decide on such a draft."""
        asked = replace(facts, kind="differential.ranking")
        decided = self._floor.policy.decide(principal, Action.DRAFT_DECIDE, asked)
        return decided.allowed and "ai" not in facts.refused

    def _apps(self, principal: Principal) -> tuple[App, ...]:
        """The apps in which this person may open the chart."""
        allowed = self._floor.policy.decide(principal, Action.APP_LAUNCH, Facts.house("apps"))
        return self._floor.apps.registry.launchable() if allowed.allowed else ()

    def _may(self, principal: Principal, action: Action) -> bool:
        return self._floor.policy.decide(principal, action, Facts.house()).allowed

    def _age(self, patient: PatientSummary) -> int | None:
        """Completed years today, or at death."""
        try:
            birth = interval(patient.birth_date).low.date() if patient.birth_date else None
            until = self._last_day(patient)
        except BadDate:
            return None
        return None if birth is None else age_on(birth, until)

    def _last_day(self, patient: PatientSummary) -> date:
        if patient.deceased and patient.deceased != "true":
            return interval(patient.deceased).low.date()
        return self._floor.clock().astimezone(self._floor.site.zone).date()


def _indented(raw: bytes) -> str:
    return msgspec.json.format(raw, indent=2).decode()
