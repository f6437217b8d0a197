"""The control charts of stain, focus and scanner."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from starlette.responses import Response

from countersign.ground.identity import Action, Principal
from countersign.ground.shell import Floor, guarded, with_query
from countersign.kit.words import Words
from countersign.rooms.pathology.service.control_drawing import (
    FOOT,
    HEIGHT,
    SPANS,
    WIDTH,
    Wanted,
)
from countersign.rooms.pathology.service.control_export import as_csv
from countersign.rooms.pathology.service.reporting_control import NAMES, RULES, Controlling
from countersign.rooms.pathology.service.reporting_text import stain_words

Reader = Annotated[Principal, guarded(Action.SLIDES_HANDLE)]
Days = Annotated[int, Query()]
Scanner = Annotated[str, Query(max_length=200)]
Stain = Annotated[str, Query(max_length=40)]
Day = Annotated[str, Query(max_length=10)]

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
        control = self._controlling.charted(principal, wanted)
        return self._floor.pages.render(
            request,
            "pathology/control.html",
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


def _address(path: str, wanted: Wanted, until: date | None) -> str:
    return with_query(
        path,
        days=wanted.days,
        scanner=wanted.scanner or None,
        stain=wanted.stain or None,
        until=until.isoformat() if until else None,
        since=wanted.since.isoformat() if wanted.since else None,
    )
