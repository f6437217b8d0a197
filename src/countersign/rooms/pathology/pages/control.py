"""The control charts of stain, focus and scanner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.shell import Floor, guarded, with_query
from countersign.ground.slides import ANEW, ControlChange, UnfitChange
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.pathology.service.control_drawing import (
    FOOT,
    HEIGHT,
    SPANS,
    WIDTH,
    Wanted,
)
from countersign.rooms.pathology.service.control_export import as_csv
from countersign.rooms.pathology.service.reporting_control import CAUSES, NAMES, RULES, Controlling
from countersign.rooms.pathology.service.reporting_text import stain_words

Reader = Annotated[Principal, guarded(Action.SLIDES_HANDLE)]
Days = Annotated[int, Query()]
Scanner = Annotated[str, Query(max_length=200)]
Stain = Annotated[str, Query(max_length=40)]
Day = Annotated[str, Query(max_length=10)]
Text = Annotated[str, Form(max_length=200)]

PERIODS: Final = dict(
    zip(
        SPANS,
        (
            Words("a week", "一周"),
            Words("a month (30 days)", "一个月（30 天）"),
            Words("a quarter (90 days)", "一个季度（90 天）"),
            Words("a year", "一年"),
        ),
        strict=True,
    )
)
HERE: Final = "/pathology/control"


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _wanted(
    days: Days = 90, scanner: Scanner = "", stain: Stain = "", until: Day = "", since: Day = ""
) -> Wanted:
    """What makes no sense is as if it had not been said."""
    return Wanted(days if days in SPANS else 90, scanner, stain, _date(until), _date(since))


Asked = Annotated[Wanted, Depends(_wanted)]


class ControlPages:
    """For those who handle slides."""

    def __init__(self, floor: Floor, controlling: Controlling) -> None:
        self._floor = floor
        self._controlling = controlling

    def show(self, request: Request, principal: Reader, wanted: Asked) -> Response:
        """Alarms first, then a chart for each measure of each scanner and stain."""
        return self._page(request, principal, wanted)

    def act(
        self,
        request: Request,
        principal: Reader,
        wanted: Asked,
        withdrawn: Annotated[int | None, Form(ge=1, lt=2**63)] = None,
        happened: Text = "",
        cause: Text = "",
        of_scanner: Text = "",
        of_stain: Text = "",
        lot: Text = "",
    ) -> Response:
        """Something that happened is written down, or withdrawn."""
        try:
            if withdrawn is not None:
                self._controlling.withdraw(principal, withdrawn)
            else:
                day = _date(happened)
                if day is None:
                    raise UnfitChange
                self._controlling.note(principal, day, cause, of_scanner, of_stain, lot)
        except CountersignError as problem:
            if problem.status not in (409, 422):
                raise
            typed = {"happened": happened, "cause": cause, "lot": lot}
            said = (
                {**typed, "scanner": of_scanner, "stain": of_stain} if withdrawn is None else None
            )
            return self._page(request, principal, wanted, problem, said)
        return RedirectResponse(f"{_address(HERE, wanted, wanted.until)}#changes", 303)

    def _page(
        self,
        request: Request,
        principal: Reader,
        wanted: Wanted,
        problem: CountersignError | None = None,
        said: Mapping[str, str] | None = None,
    ) -> Response:
        control = self._controlling.charted(principal, wanted)
        today = self._floor.people.today()
        given = {"scanner": wanted.scanner, "stain": wanted.stain, "cause": "", "lot": ""}
        return self._floor.pages.render(
            request,
            "pathology/control.html",
            status=problem.status if problem else 200,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            typed=said is not None,
            said=said or {"happened": today.isoformat(), **given},
            causes=CAUSES,
            anew=ANEW,
            people=self._floor.people.names(map(_person, control.changes)),
            person=_person,
            today=today,
            address=_address(HERE, wanted, wanted.until),
            control=control,
            periods=PERIODS,
            width=WIDTH,
            height=HEIGHT,
            foot=FOOT,
            names=NAMES,
            rules=RULES,
            stain_words=stain_words,
            earlier=_address(HERE, wanted, control.earlier) if control.earlier else None,
            later=_address(HERE, wanted, control.later) if control.later else None,
            sheet=_address(f"{HERE}.csv", wanted, wanted.until),
        )

    def export(self, request: Request, principal: Reader, wanted: Asked) -> Response:
        """The same as a table for other programs."""
        control = self._controlling.charted(principal, wanted, "control-export")
        said = as_csv(control, self._floor.pages.formats(request).say)
        name = f"countersign-control-{control.end or 'empty'}.csv"
        return Response(
            "\ufeff" + said,  # so that office programs read the Chinese
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )


def _person(one: ControlChange) -> str:
    return one.actor.removeprefix("person:")


def _address(path: str, wanted: Wanted, until: date | None) -> str:
    return with_query(
        path,
        days=wanted.days,
        scanner=wanted.scanner or None,
        stain=wanted.stain or None,
        until=until.isoformat() if until else None,
        since=wanted.since.isoformat() if wanted.since else None,
    )
