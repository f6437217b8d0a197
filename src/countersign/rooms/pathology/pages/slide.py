"""One slide: its page in every state, and what the viewer on it asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from countersign.ground.identity import Action, Principal
from countersign.ground.imaging import TileService
from countersign.ground.shell import Floor, NoSuchPage, UnfitRequest, guarded
from countersign.ground.slides import NothingMeasured
from countersign.kit.errors import CountersignError
from countersign.kit.json import decode, encode
from countersign.kit.words import Language
from countersign.rooms.pathology.domain.columns import packed
from countersign.rooms.pathology.domain.label import STAINS
from countersign.rooms.pathology.service import Handling
from countersign.rooms.pathology.service.dicom_leaving import is_dicom
from countersign.rooms.pathology.service.reporting import Reporting
from countersign.rooms.pathology.service.reporting_control import REASONS, REMEDIES, Controlling
from countersign.rooms.pathology.service.reporting_page import Showing, reason, span
from countersign.rooms.pathology.service.reporting_pictures import as_jpeg
from countersign.rooms.pathology.service.reporting_text import stain_words
from countersign.rooms.pathology.service.reporting_viewer import confirmed, told
from countersign.rooms.pathology.service.results import SHOWN, floats
from countersign.rooms.pathology.service.signing import Signing

Reader = Annotated[Principal, guarded(Action.SLIDES_LIST)]
Handler = Annotated[Principal, guarded(Action.SLIDES_HANDLE)]
Text = Annotated[str, Form(max_length=200)]
KINDS: Final = ("threshold", "region", "nuclei")
KEPT: Final = {"cache-control": "private, max-age=3600"}
"""A tile never changes; it may stay in this person's own browser."""


class SlidePages:
    """Rights and receipts are those of the services; tiles ask for the right each time."""

    def __init__(
        self,
        floor: Floor,
        reporting: Reporting,
        signing: Signing,
        tiles: TileService,
        controlling: Controlling,
    ) -> None:
        self._floor = floor
        self._reporting = reporting
        self._signing = signing
        self._handling = Handling(floor)
        self._controlling = controlling
        self._showing = Showing(floor, reporting, signing)
        self.tiles = tiles

    def show(
        self,
        request: Request,
        principal: Reader,
        slide: str,
        who: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        """The page, with a receipt of the looking."""
        return self._page(request, principal, slide, who.strip())

    def act(
        self,
        request: Request,
        principal: Reader,
        slide: str,
        do: Text,
        patient: Text = "",
        stain: Text = "",
        accession: Text = "",
        block: Text = "",
    ) -> Response:
        """What a person does with the slide as a whole."""
        handling = self._handling
        try:
            if do == "propose":
                return RedirectResponse(f"/inbox/{self._signing.propose(principal, slide)}", 303)
            if do == "takeback":
                self._signing.take_back(principal, slide)
            elif do == "match":
                handling.match(principal, slide, patient, stain, accession, block)
            elif do == "again":
                handling.again(principal, slide)
            elif do == "rescan":
                handling.ask_rescan(principal, slide)
            elif do == "aside":
                handling.set_aside(principal, slide)
            else:
                raise UnfitRequest
        except CountersignError as problem:
            if problem.status not in (409, 422, 503):
                raise
            return self._page(request, principal, slide, "", problem)
        return RedirectResponse(f"/pathology/slides/{slide}", 303)

    def state(self, request: Request, principal: Reader, slide: str) -> Response:
        """How far the measuring is, asked for again by a page that was recorded when it was opened;
        once the state is another, the page loads itself again."""
        one = self._reporting.allowed(principal, slide)
        if one.state not in ("queued", "running"):
            return Response(status_code=204, headers={"HX-Refresh": "true"})
        return self._floor.pages.render(
            request,
            "pathology/_advance.html",
            one=one,
            advance=self._showing.advance(one),
            span=span,
        )

    def told(self, request: Request, principal: Reader, slide: str) -> Response:
        """Size, rules, regions and corrections, as JSON for the viewer."""
        one = self._reporting.allowed(principal, slide)
        seen = self._reporting.see(principal, slide) if one.state in SHOWN else None
        described = self.tiles.description(self._path(principal, slide))
        editable = seen is not None and self._reporting.may_correct(principal, one)
        address = f"/pathology/slides/{slide}"
        language = self._floor.pages.language(request)
        analysed = seen is not None
        found = told(described, address, seen, language, editable=editable, analysed=analysed)
        return Response(encode(found), media_type="application/json")

    def nuclei(self, principal: Reader, slide: str) -> Response:
        """Every nucleus as it was measured, as columns; the viewer lays corrections over them."""
        shown = self._reporting.results.show(principal, slide)
        return StreamingResponse(packed(shown.nuclei), media_type="application/octet-stream")

    def tile(self, principal: Reader, slide: str, level: int, column: int, row: int) -> Response:
        """One tile as a JPEG."""
        found = self.tiles.tile(self._path(principal, slide), level, column, row)
        return Response(found, media_type="image/jpeg", headers=KEPT)

    def label(self, principal: Handler, slide: str) -> Response:
        """The label's picture, for who may see names; each looking is recorded."""
        pixels = self._reporting.results.label(principal, slide)
        if pixels is None:
            raise NoSuchPage
        return Response(as_jpeg(pixels), media_type="image/jpeg")

    async def correct(self, request: Request, principal: Reader, slide: str) -> Response:
        """One correction, or the undoing of one; answers with the server's own count."""
        given: Any = decode(await request.body())
        if not isinstance(given, dict):
            raise UnfitRequest
        language = self._floor.pages.language(request)
        return await run_in_threadpool(self._correct, principal, slide, given, language)  # pyright: ignore[reportUnknownArgumentType]

    def _correct(
        self, principal: Principal, slide: str, given: dict[str, Any], language: Language
    ) -> Response:
        kind, value = given.get("kind"), given.get("value")
        if given.get("run") != self._reporting.results.run_of(slide).id:
            raise NothingMeasured
        said: dict[str, Any] = floats(value) if isinstance(value, dict) else {}
        if given.get("again") is True and isinstance(kind, str):
            kept = self._reporting.again(principal, slide, kind, said, given.get("undoes"))
            if kept is not None:
                seen = self._reporting.recount(principal, slide)
                return JSONResponse(confirmed(seen, kept.number, language))
        if kind == "undo" and isinstance(given.get("undoes"), int):
            made = self._reporting.undo(principal, slide, given["undoes"])
        elif kind in KINDS and isinstance(value, dict):
            made = self._reporting.results.correct(principal, slide, kind, said)
        else:
            raise UnfitRequest
        seen = self._reporting.recount(principal, slide)
        return JSONResponse(confirmed(seen, made.number, language))

    def _page(
        self,
        request: Request,
        principal: Principal,
        slide: str,
        who: str,
        problem: CountersignError | None = None,
    ) -> Response:
        view = self._showing.view(principal, slide, who)
        return self._floor.pages.render(
            request,
            "pathology/slide.html",
            status=problem.status if problem else 200,
            view=view,
            stains=[(code, stain_words(code)) for code in STAINS],
            reason=reason,
            span=span,
            advance=view.advance,
            unfit=self._controlling.unfit([view.one]).get(slide, ()),
            reasons=REASONS,
            remedies=REMEDIES,
            signed_words=view.signed_words,
            dicom=view.one.state == "signed" and not view.signed_words,
            overview=not is_dicom(view.one),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )

    def _path(self, principal: Principal, slide: str) -> Path:
        return self._floor.slides.keeping.path(self._reporting.allowed(principal, slide))
