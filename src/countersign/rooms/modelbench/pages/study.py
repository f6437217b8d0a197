"""The pages of studies: the list, a new one, its progress and result, its files."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.shell import Floor, NoSuchPage, guarded
from countersign.kit.errors import CountersignError
from countersign.rooms.modelbench.domain.planner import QUANTISATIONS
from countersign.rooms.modelbench.domain.study.plan import BadPlan, Plan
from countersign.rooms.modelbench.domain.study.reading import plan_of, written
from countersign.rooms.modelbench.domain.study.sets import SETS
from countersign.rooms.modelbench.service.study import (
    StudyResults,
    estimated_seconds,
    example_plan,
    plan_from_toml,
    wording,
)
from countersign.rooms.modelbench.service.study.exporting import as_csv, as_json
from countersign.rooms.modelbench.service.study.forms import Form as Filled
from countersign.rooms.modelbench.service.study.forms import Line, plan_from_form
from countersign.rooms.modelbench.service.study.plotting import plot
from countersign.rooms.modelbench.service.study.printing import as_pdf
from countersign.rooms.modelbench.service.study.running import progress_of
from countersign.rooms.modelbench.store import SetFolder, architectures

Reader = Annotated[Principal, guarded(Action.MODELS_READ)]
Keeper = Annotated[Principal, guarded(Action.MODELS_REGISTER)]
Text = Annotated[str, Form(max_length=300)]
Many = Annotated[list[str], Form()]
MOST_LINES = 12


class Studies:
    """Handlers for all staff to read and for administrators to start."""

    def __init__(self, floor: Floor, results: StudyResults) -> None:
        self._floor = floor
        self._results = results

    def list(self, request: Request, principal: Reader) -> Response:
        """Every study, the newest first, with how far it is."""
        studies = self._floor.studies
        listed = [
            (one, progress_of(studies, one.id, plan_of(one.plan, frozenset(SETS))))
            for one in studies.all(principal)
        ]
        return self._render(request, principal, "studies", listed=listed)

    def new(
        self,
        request: Request,
        principal: Keeper,
        lines: Annotated[int, Query(ge=1, le=MOST_LINES)] = 3,
    ) -> Response:
        """The form with its defaults."""
        return self._new(request, principal, Filled(lines=(Line(),) * lines))

    def start(
        self,
        request: Request,
        principal: Keeper,
        act: Text = "check",
        toml: Annotated[str, Form(max_length=256 * 1024)] = "",
        title: Text = "",
        label: Many = [],  # noqa: B006 - the framework copies it
        server: Many = [],  # noqa: B006
        address: Many = [],  # noqa: B006
        model: Many = [],  # noqa: B006
        quantisation: Many = [],  # noqa: B006
        hardware: Many = [],  # noqa: B006
        cards: Many = [],  # noqa: B006
        like: Many = [],  # noqa: B006
        sets: Many = [],  # noqa: B006
        items: Text = "200",
        rates: Text = "",
        seconds: Text = "30",
        arrivals: Text = "poisson",
        recorded: Text = "",
        prompt_tokens: Text = "800",
        output_tokens: Text = "200",
        first: Text = "1.5",
        between: Text = "60",
        margin: Text = "2",
        daily: Text = "3000",
        concurrency: Text = "4",
        seed: Text = "1",
    ) -> Response:
        """Starts the study, or says how long it would take."""
        columns = (label, server, address, model, quantisation, hardware, cards, like)
        lines = tuple(
            Line(*(column[place] if place < len(column) else "" for column in columns))
            for place in range(min(len(model), MOST_LINES))
        )
        filled = Filled(
            title, lines or (Line(),), tuple(sets), items, rates, seconds, arrivals, recorded,
            prompt_tokens, output_tokens, first, between, margin, daily, concurrency, seed,
        )  # fmt: skip
        try:
            plan = plan_from_toml(toml) if toml.strip() else plan_from_form(filled)
        except BadPlan as problem:
            return self._new(request, principal, filled, toml, problem=problem)
        if act != "start":
            return self._new(request, principal, filled, toml, plan=plan)
        made = self._floor.studies.start(principal, plan.title, written(plan))
        return RedirectResponse(f"/modelbench/studies/of/{made}", 303)

    def one(self, request: Request, principal: Reader, study: str) -> Response:
        """The study: how far it is, and what it says so far."""
        result = self._results.of(principal, study)
        return self._render(
            request,
            principal,
            "study",
            result=result,
            drawn=plot(result),
            wording=wording,
            sets=SETS,
        )

    def file(self, request: Request, principal: Reader, study: str, name: str) -> Response:
        """The result as a file: report.pdf, figures.csv or figures.json."""
        result = self._results.of(principal, study)
        pages, clock = self._floor.pages, self._floor.clock
        match name:
            case "report.pdf":
                day = pages.formats(request).day(clock())
                hospital = self._floor.site.hospital
                body = as_pdf(result, pages.language(request), hospital, day)
                kind = "application/pdf"
            case "figures.csv":
                body, kind = as_csv(result).encode("utf-8-sig"), "text/csv; charset=utf-8"
            case "figures.json":
                body, kind = as_json(result), "application/json"
            case _:
                raise NoSuchPage
        headers = {"content-disposition": f'attachment; filename="study-{study[:8]}-{name}"'}
        return Response(body, 200, headers, kind)

    def cancel(self, request: Request, principal: Keeper, study: str) -> Response:
        """Ends it early."""
        self._floor.studies.cancel(principal, study)
        return RedirectResponse(f"/modelbench/studies/of/{study}", 303)

    def resume(self, request: Request, principal: Keeper, study: str) -> Response:
        """Carries a failed one on."""
        self._floor.studies.resume(principal, study)
        return RedirectResponse(f"/modelbench/studies/of/{study}", 303)

    def _new(
        self,
        request: Request,
        principal: Principal,
        filled: Filled,
        toml: str = "",
        plan: Plan | None = None,
        problem: CountersignError | None = None,
    ) -> Response:
        folder = SetFolder(self._floor.studies.folder)
        _, prices = self._results.prices()
        return self._render(
            request,
            principal,
            "new_study",
            status=problem.status if problem else 200,
            filled=filled,
            toml=toml,
            example=example_plan(),
            plan=plan,
            minutes=round(estimated_seconds(plan) / 60) if plan else None,
            problem=self._floor.pages.sentence(request, problem) if problem else "",
            sets=SETS,
            there={name for name, one in SETS.items() if not one.file or folder.has(one)},
            quantisations=QUANTISATIONS,
            hardware=prices.hardware,
            architectures=architectures(),
            servers=sorted(self._floor.models.servers()),
            most=MOST_LINES,
        )

    def _render(
        self, request: Request, principal: Principal, page: str, status: int = 200, **more: object
    ) -> Response:
        return self._floor.pages.render(
            request,
            f"modelbench/{page}.html",
            status=status,
            may_change=self._floor.studies.may_change(principal),
            states=wording.STATES,
            **more,
        )
