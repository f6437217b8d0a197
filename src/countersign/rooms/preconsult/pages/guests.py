"""The patient's pages: one question a page, without an account, without scripts, in large type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import JSONResponse, RedirectResponse, Response

from countersign.ground.shell import Floor, Visit, Visiting, recording_of
from countersign.kit.errors import CountersignError
from countersign.rooms.preconsult.domain import (
    ASK,
    BACKGROUND,
    QUESTIONS,
    RedFlag,
    UnfitAnswer,
    steps,
)
from countersign.rooms.preconsult.inference import READ, Speech, flags, speeches
from countersign.rooms.preconsult.service import (
    Interviewing,
    View,
    Voice,
    answered,
    danger,
)
from countersign.rooms.preconsult.service.interviewing import asks

Language = Annotated[str, Query(alias="lang", max_length=5)]
Item = Annotated[str, Query(max_length=60)]
SAYS = {
    "interviews.link_unusable": "unusable",
    "interviews.too_much": "too_much",
    "interviews.closed": "closed",
    "interviews.unfit_file": "error_file",
}
STEPS = len(steps()) + QUESTIONS
WRITTEN = ("complaint", *(one for one in BACKGROUND if one != "smoking"))
"""Steps that have a box to write in, or to speak into."""


def guests(floor: Floor) -> APIRouter:
    """``/visit/{secret}`` and what hangs below it."""
    router = APIRouter(prefix="/visit")
    desk = _Visitors(floor)
    router.add_api_route("/{secret}", desk.show, methods=["GET"])
    router.add_api_route("/{secret}", desk.take, methods=["POST"])
    router.add_api_route("/{secret}/voice", desk.hear, methods=["POST"])
    return router


class _Visitors:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._service = Interviewing(floor)
        self._voice = Voice(floor)

    def show(
        self, request: Request, visit: Visiting, lang: Language = "", item: Item = ""
    ) -> Response:
        speech = self._speech(request, lang)
        try:
            held = visit.open()
            if held.state == "sent":
                return self._plain(request, visit, speech, "sent")
            view = self._service.view(held, speech.code, item)
        except CountersignError as problem:
            return self._refused(request, visit, speech, problem, {})
        return self._step(request, visit, speech, view)

    async def take(self, request: Request, visit: Visiting) -> Response:
        async with request.form(max_files=6, max_fields=60) as form:
            content = [
                await one.read() for one in form.getlist("file") if isinstance(one, UploadFile)
            ]
            return await run_in_threadpool(self._take, request, visit, form, content)

    async def hear(self, request: Request, visit: Visiting, lang: Language = "") -> Response:
        """The words of a recording, for the box; the recording goes through memory alone."""
        content = await recording_of(request)
        return await run_in_threadpool(self._hear, request, visit, content, lang)

    def _hear(self, request: Request, visit: Visit, content: bytes, lang: str) -> Response:
        speech = self._speech(request, lang)
        try:
            words = self._voice.hear(visit.open(), content, speech.code)
        except CountersignError as problem:
            said = speech.texts[SAYS.get(problem.code, "speak_away")]
            return JSONResponse({"said": said}, problem.status)
        if not words:
            return JSONResponse({"said": speech.texts["speak_empty"]}, 422)
        return JSONResponse({"text": words})

    def _take(self, request: Request, visit: Visit, form: FormData, files: list[bytes]) -> Response:
        given = {name: str(value) for name, value in form.items() if isinstance(value, str)}
        speech = self._speech(request, given.get("lang", ""))
        chosen = [str(one) for one in form.getlist("choice")]
        item = given.get("item", "")
        try:
            held = visit.open()
            if item == "review":
                self._service.send(held, speech.code)
            elif item == "file":
                for content in filter(None, files):
                    self._service.attach(held, content)
            else:
                self._service.answer(held, item, given, chosen, speech.code)
        except UnfitAnswer as problem:
            return self._again(request, visit, speech, given, f"error_{problem}")
        except CountersignError as problem:
            return self._refused(request, visit, speech, problem, given, chosen)
        return RedirectResponse(f"/visit/{visit.secret}?lang={speech.code}", 303)

    def _again(
        self, request: Request, visit: Visit, speech: Speech, given: Mapping[str, str], said: str
    ) -> Response:
        """The same question with what was written, and what is missing."""
        try:
            view = self._service.view(visit.open(), speech.code, given.get("item", ""))
        except CountersignError as problem:
            return self._refused(request, visit, speech, problem, given)
        return self._step(request, visit, speech, view, given, said, 422)

    def _refused(
        self,
        request: Request,
        visit: Visit,
        speech: Speech,
        problem: CountersignError,
        given: Mapping[str, str],
        chosen: Sequence[str] = (),
    ) -> Response:
        """Says what is the matter; where nothing could be saved, the words stay on the page.

        Dangers are found by rules all the same, and what to do now is said at once.
        """
        said = SAYS.get(problem.code)
        if said == "error_file" or (said == "too_much" and given):
            return self._again(request, visit, speech, given, said)
        if said is None and problem.status < 500:
            raise problem
        kept = [(k, v) for k, v in given.items() if k not in ("csrf", "lang", "choice")]
        return self._render(
            request,
            visit,
            speech,
            "away" if said is None else said,
            problem.status,
            kept=[*kept, *(("choice", one) for one in chosen)],
            now=self._now(self._service.dangers(given, chosen), speech),
        )

    def _plain(self, request: Request, visit: Visit, speech: Speech, page: str) -> Response:
        return self._render(request, visit, speech, page, 200, kept=[], now=[])

    def _step(
        self,
        request: Request,
        visit: Visit,
        speech: Speech,
        view: View,
        given: Mapping[str, str] | None = None,
        said: str = "",
        status: int = 200,
    ) -> Response:
        page = "alarm" if view.dangers else "step"
        term = view.item.removeprefix(ASK)
        before: Mapping[str, Any] = given or view.answers.get(view.item, {})
        return self._render(
            request,
            visit,
            speech,
            page,
            status,
            kept=[],
            view=view,
            said=said,
            before=before,
            question=(view.wording or self._asked(view, term, speech))
            if view.item.startswith(ASK)
            else "",
            dangers=[(one.id, danger(one.id, speech)) for one in flags().flags],
            now=self._now(view.dangers, speech),
            lines=answered(
                self._floor,
                self._floor.interviews.keeping.entries(view.held),
                speech,
                view.files,
            )
            if view.item == "review"
            else [],
            voice=(view.item in WRITTEN or view.item.startswith(ASK))
            and self._voice.ready(view.held.patient),
            share=round(100 * min(1.0, view.done / STEPS)),
        )

    def _render(
        self, request: Request, visit: Visit, speech: Speech, page: str, status: int, **more: Any
    ) -> Response:
        response = self._floor.pages.render(
            request,
            f"preconsult/visit_{page if page in ('step', 'alarm') else 'end'}.html",
            status=status,
            t=speech.texts,
            speech=speech,
            speeches=list(speeches().values()),
            address=f"/visit/{visit.secret}",
            page=page,
            **more,
        )
        response.headers["content-language"] = speech.code
        response.headers["referrer-policy"] = "no-referrer"
        response.headers["x-robots-tag"] = "noindex"
        return response

    def _asked(self, view: View, term: str, speech: Speech) -> str:
        label = self._floor.reasoning.label(term)
        return asks(view.question, term, speech.code, label)

    def _now(self, dangers: Sequence[RedFlag], speech: Speech) -> list[tuple[str, str]]:
        """What to do now, as it was signed; in other languages the sentence for all of them."""
        if speech.code in READ:
            language = "zh" if speech.code == "zh" else "en"
            return [(one.title.into(language), one.now.into(language)) for one in dangers]
        return [(danger(one.id, speech), speech.texts["alarm_now"]) for one in dangers]

    def _speech(self, request: Request, wanted: str) -> Speech:
        known = speeches()
        if wanted in known:
            return known[wanted]
        asked = request.headers.get("accept-language", "").lower()
        for part in asked.split(","):
            code = part.split(";")[0].strip().split("-")[0]
            if code in known:
                return known[code]
        return known["zh"]
