"""The pages beside studies: the planner with its error, prices, results of other tools."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any

from fastapi import File, Form, Query, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.models import KeptImport
from countersign.ground.shell import Floor, guarded
from countersign.kit.errors import CountersignError
from countersign.rooms.modelbench.domain.imports import (
    LARGEST,
    Imported,
    ImportTooLarge,
    imported,
    restored,
    written,
)
from countersign.rooms.modelbench.domain.planner import QUANTISATIONS
from countersign.rooms.modelbench.service.study import StudyResults, wording
from countersign.rooms.modelbench.service.study.estimating import (
    EXAMPLES,
    Wish,
    calibration,
    planned,
)
from countersign.rooms.modelbench.store import BadPrices, architectures, hardware, prices_of
from countersign.rooms.modelbench.store.prices import prices_json

Reader = Annotated[Principal, guarded(Action.MODELS_READ)]
Keeper = Annotated[Principal, guarded(Action.MODELS_REGISTER)]
Text = Annotated[str, Form(max_length=300)]
Many = Annotated[list[str], Form()]
Name = Annotated[str, Query(max_length=64)]
STUDIES = 20
"""The newest studies whose measurements the planner is held against."""


class Planning:
    """Handlers of three pages."""

    def __init__(self, floor: Floor, results: StudyResults) -> None:
        self._floor = floor
        self._results = results

    def planner(
        self,
        request: Request,
        principal: Reader,
        model: Name = "deepseek-v3",
        quantisation: Name = "fp8",
        card: Name = "h20",
        cards: Annotated[int, Query(ge=1, le=1024)] = 8,
        prompt: Annotated[int, Query(ge=1, le=1_000_000)] = 800,
        output: Annotated[int, Query(ge=1, le=100_000)] = 200,
        first_token: Annotated[float, Query(gt=0, le=600)] = 1.5,
        per_token: Annotated[float, Query(gt=0, le=10_000)] = 60.0,
        daily: Annotated[int, Query(ge=1, le=10_000_000)] = 3000,
    ) -> Response:
        """An estimate, the configurations that hospitals ask about, and the known error."""
        prices = self._results.prices()[1]
        wish = Wish(
            model, quantisation, card, cards, prompt, output, first_token, per_token / 1000, daily
        )
        studies = self._floor.studies.all(principal, STUDIES)
        results = [self._results.of(principal, one.id) for one in studies]
        return self._render(
            request,
            principal,
            "planner",
            found=planned(wish, prices),
            examples=[planned(one, prices) for one in EXAMPLES],
            calibration=calibration(results, self._measured(principal)),
            prices=prices,
            bounds=wording.BOUNDS,
            architectures=architectures(),
            cards=hardware(),
            quantisations=QUANTISATIONS,
        )

    def prices(self, request: Request, principal: Reader) -> Response:
        """The list in force."""
        return self._prices(request, principal)

    def set_prices(
        self,
        request: Request,
        principal: Keeper,
        currency: Text = "CNY",
        energy: Text = "",
        pue: Text = "",
        people: Text = "",
        place: Text = "",
        host_watts: Text = "",
        busiest: Text = "",
        noted: Text = "",
        source: Text = "",
        key: Many = [],  # noqa: B006 - the framework copies it
        label: Many = [],  # noqa: B006
        purchase: Many = [],  # noqa: B006
        years: Many = [],  # noqa: B006
        watts: Many = [],  # noqa: B006
        row_noted: Many = [],  # noqa: B006
        row_source: Many = [],  # noqa: B006
        quoted: Many = [],  # noqa: B006
    ) -> Response:
        """Puts a new version in force; older ones stay."""
        least = min(map(len, (label, purchase, years, watts, row_noted, row_source)))
        rows = [
            {"key": one, "label": label[at], "purchase": purchase[at], "years": years[at],
             "watts": watts[at], "noted": row_noted[at], "source": row_source[at],
             "assumed": one not in quoted}
            for at, one in enumerate(key)
            if one.strip() and at < least
        ]  # fmt: skip
        given: dict[str, Any] = {
            "currency": currency, "energy": energy, "pue": pue, "people": people, "place": place,
            "host_watts": host_watts, "busiest": _share(busiest), "noted": noted, "source": source,
            "hardware": rows,
        }  # fmt: skip
        try:
            found = prices_of(given)
        except BadPrices as problem:
            return self._prices(request, principal, problem)
        self._floor.studies.set_prices(principal, prices_json(found))
        return RedirectResponse("/modelbench/prices?saved=yes", 303)

    def imports(self, request: Request, principal: Reader) -> Response:
        """What was imported, and the form for more."""
        return self._imports(request, principal)

    def take(
        self,
        request: Request,
        principal: Keeper,
        file: Annotated[UploadFile | None, File()] = None,
        label: Text = "",
        study: Text = "",
        model: Text = "",
        quantisation: Text = "",
        card: Text = "",
        cards: Annotated[int, Form(ge=1, le=4096)] = 1,
    ) -> Response:
        """Reads a file of another tool; only what it says is kept, with its hash."""
        try:
            raw = file.file.read(LARGEST + 1) if file else b""
            if len(raw) > LARGEST:
                raise ImportTooLarge(megabytes=LARGEST // 2**20)
            found = imported(raw)
            about, _, configuration = study.partition("/")
            self._floor.studies.add_import(
                principal,
                found.tool,
                found.version,
                sha256(raw).hexdigest(),
                {
                    **written(found),
                    "about": {
                        "label": label.strip() or found.model or found.tool,
                        "model": model,
                        "quantisation": quantisation,
                        "hardware": card,
                        "cards": cards,
                    },
                },
                study=about or None,
                configuration=configuration,
            )
        except CountersignError as problem:
            if problem.status not in (404, 413, 422):
                raise
            return self._imports(request, principal, problem)
        return RedirectResponse("/modelbench/imports", 303)

    def _prices(
        self, request: Request, principal: Principal, problem: CountersignError | None = None
    ) -> Response:
        number, prices = self._results.prices()
        return self._render(
            request,
            principal,
            "prices",
            status=problem.status if problem else 200,
            prices=prices,
            number=number,
            problem=self._floor.pages.sentence(request, problem) if problem else "",
            saved=request.query_params.get("saved") == "yes",
        )

    def _imports(
        self, request: Request, principal: Principal, problem: CountersignError | None = None
    ) -> Response:
        studies = self._floor.studies
        return self._render(
            request,
            principal,
            "imports",
            status=problem.status if problem else 200,
            listed=[(one, _read(one)) for one in studies.imports(principal)],
            studies=studies.all(principal, STUDIES),
            problem=self._floor.pages.sentence(request, problem) if problem else "",
            architectures=architectures(),
            cards=hardware(),
            quantisations=QUANTISATIONS,
            megabytes=LARGEST // 2**20,
        )

    def _measured(self, principal: Principal) -> list[tuple[str, Imported, str, str, str, int]]:
        found: list[tuple[str, Imported, str, str, str, int]] = []
        for one in self._floor.studies.imports(principal):
            about = one.content["about"]
            named = about["label"], _read(one), about["model"], about["quantisation"]
            found.append((*named, about["hardware"], about["cards"]))
        return found

    def _render(
        self, request: Request, principal: Principal, page: str, status: int = 200, **more: object
    ) -> Response:
        return self._floor.pages.render(
            request,
            f"modelbench/{page}.html",
            status=status,
            may_change=self._floor.studies.may_change(principal),
            **more,
        )


def _read(one: KeptImport) -> Imported:
    return restored(one.content)


def _share(percent: str) -> str:
    try:
        return str(float(percent) / 100)
    except ValueError:
        return percent
