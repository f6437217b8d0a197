"""The worklist: what must be scanned again, waits, runs, is ready and is signed."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Query, Request
from starlette.responses import Response

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.shell import Floor, guarded, with_query
from countersign.ground.slides import State
from countersign.rooms.pathology.domain.label import STAINS
from countersign.rooms.pathology.service import HAND, MOST, Asked, Listed, Worklist
from countersign.rooms.pathology.service.reporting_control import (
    NAMES,
    REASONS,
    REMEDIES,
    RULES,
    Controlling,
)
from countersign.rooms.pathology.service.reporting_page import reason, span
from countersign.rooms.pathology.service.reporting_text import stain_words
from countersign.rooms.pathology.service.signing import Signing
from countersign.rooms.pathology.service.watching import ENDINGS

Watcher = Annotated[Principal, guarded(Action.SLIDES_LIST)]
PAGE: Final = 100
VIEWS: Final[dict[str, tuple[State, ...]]] = {
    "all": (),
    "hand": HAND,
    "waiting": ("queued", "running"),
    "ready": ("ready",),
    "draft": ("draft",),
    "signed": ("signed",),
    "aside": ("set-aside",),
}
"""The filters of the worklist and the states that each shows; none is any."""


class WorklistPages:
    """The list, and how Ki-67 is counted."""

    def __init__(self, floor: Floor, signing: Signing, controlling: Controlling) -> None:
        self._floor = floor
        self._controlling = controlling
        self._worklist = Worklist(floor)
        self._signing = signing

    def show(
        self,
        request: Request,
        principal: Watcher,
        view: Annotated[str, Query(max_length=12)] = "all",
        stain: Annotated[str, Query(max_length=12)] = "",
        q: Annotated[str, Query(max_length=100)] = "",
        before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    ) -> Response:
        """What this person may see, with filters; a part of the page where it is asked for."""
        self._signing.settle_newest()
        part = "hx-request" in request.headers
        chosen, who = view if view in VIEWS else "all", q.strip()
        states = VIEWS[chosen] or None
        stains = [stain] if stain in STAINS else None
        listed = self._worklist.show(principal, Asked(states, stains, who, PAGE, before))
        unfit = self._controlling.unfit([row.slide for row in listed.rows])
        kept = {"view": None if chosen == "all" else chosen, "stain": stain or None, "q": q or None}
        asks = {"stain": stain or None, "q": q or None}
        return self._floor.pages.render(
            request,
            "pathology/_list.html" if part else "pathology/worklist.html",
            rows=sorted(
                listed.rows,
                key=lambda row: row.slide.state not in HAND and row.slide.id not in unfit,
            )
            if chosen in ("all", "ready")
            else listed.rows,
            unfit=unfit,
            reasons=REASONS,
            remedies=REMEDIES,
            view=chosen,
            stain=stain,
            who=who,
            counts=_counts(listed),
            addresses={
                name: with_query("/pathology", view=None if name == "all" else name, **asks)
                for name in VIEWS
            },
            stains={code: stain_words(code) for code in STAINS},
            address=with_query("/pathology", **kept, before=before),
            newest=with_query("/pathology", **kept) if before is not None else None,
            older=with_query("/pathology", **kept, before=listed.last)
            if listed.last is not None
            else None,
            busy=not who and any(row.slide.state in ("queued", "running") for row in listed.rows),
            **({} if part else self._for_handlers(principal)),
            endings=sorted(ENDINGS),
            reason=reason,
            span=span,
        )

    def counting(self, request: Request, principal: Watcher) -> Response:
        """How Ki-67 and infiltration are counted here, and the limits of it."""
        return self._floor.pages.render(request, "pathology/counting.html")

    def _for_handlers(self, principal: Principal) -> dict[str, Any]:
        """What only those who handle slides are shown: whether to, and what the charts alarm of."""
        house = Facts.house("slides")
        handles = self._floor.policy.decide(principal, Action.SLIDES_HANDLE, house).allowed
        alarms = self._controlling.alarms() if handles else []
        names = {"measures": NAMES, "rules": RULES, "stain_words": stain_words}
        return {"handles": handles, "alarms": alarms, **names}


def _counts(listed: Listed) -> dict[str, tuple[int, bool]]:
    """How many slides each filter shows, and whether there are more than were counted."""
    found: dict[str, tuple[int, bool]] = {}
    for name, states in VIEWS.items():
        each = [listed.counts.get(one, 0) for one in states or listed.counts]
        found[name] = sum(each), MOST in each
    return found
