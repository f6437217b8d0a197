"""The pages of records: choosing a kind, writing, choosing between two versions, and the share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.models import ModelsAway, NoLanguageModel, Work
from countersign.ground.shell import Floor, SignedIn, recording_of
from countersign.ground.signoff import Kept, ManuscriptChanged
from countersign.kit.errors import CountersignError

from .service import Behind, Dictating, Files, Records, View
from .service.dictating import PIECE, Part, lone_lines
from .service.leaving import Leaving
from .service.showing import group, pieces, rows_of
from .service.streaming import Done, Shown, Streaming

Text = Annotated[str, Form(max_length=200)]
TOLD = "preconsult"
"""Where drafts of what patients told wait for a signature."""

SHOWN = (409, 413, 422, 503)
"""What is said on the page itself, with everything that was typed still there."""


def pages(floor: Floor) -> APIRouter:
    """``/records`` and what hangs below it."""
    router = APIRouter(prefix="/records")
    desk = _Desk(floor)
    for path, handler, method in (
        ("", desk.share, "GET"),
        ("/of/{patient}", desk.start, "GET"),
        ("/of/{patient}", desk.begin, "POST"),
        ("/{record}", desk.show, "GET"),
        ("/{record}", desk.work, "POST"),
        ("/{record}/saved", desk.autosave, "POST"),
        ("/{record}/voice", desk.hear, "POST"),
        ("/{record}/phrases", desk.phrases, "GET"),
        ("/{record}/print", desk.printed, "GET"),
        ("/{record}/pdf", desk.pdf, "GET"),
        ("/{record}/cda", desk.cda, "GET"),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


class _Desk:
    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._room = Records(floor, Files(floor.records, floor.icd10))
        self._leaving = Leaving(floor, self._room)
        self._streaming = Streaming(floor, self._room)
        self._dictating = Dictating(floor)

    def start(self, request: Request, principal: SignedIn, patient: str) -> Response:
        summary, written = self._room.of_patient(principal, patient)
        every, refused = self._room.files.kinds.all()
        papers = self._floor.signoff.manuscripts
        kinds = [one for one in every if papers.may(principal, patient, one.id)]
        if not kinds:
            papers.allow(principal, patient, every[0].id)
        return self._floor.pages.render(
            request,
            "records/start.html",
            patient=summary,
            written=written,
            kinds=kinds,
            titles={one.id: one.title for one in kinds},
            refused=refused,
            names=self._floor.people.names({one.saved_by for one in written}),
        )

    def begin(
        self, request: Request, principal: SignedIn, patient: str, kind: Text = "",
        language: Text = "",
    ) -> Response:  # fmt: skip
        chosen = language if language in ("zh", "en") else self._floor.pages.language(request)
        made = self._room.begin(principal, patient, kind, chosen)
        return RedirectResponse(f"/records/{made}", 303)

    def show(self, request: Request, principal: SignedIn, record: str) -> Response:
        return self._page(request, principal, self._room.open(principal, record))

    async def work(self, request: Request, principal: SignedIn, record: str) -> Response:
        form = await request.form()
        given = {key: str(value) for key, value in form.items()}
        parts, base = _parts(given), _number(given.get("base", ""))
        chosen, was = [str(one) for one in form.getlist("chosen")], _was(given)
        do = given.get("do", "save")
        try:
            number = self._room.save(principal, record, base, parts, chosen, was)
            if do == "draft" and self._streaming.ready():
                begun = await run_in_threadpool(self._streaming.draft, principal, record, number)
                return self._flowing(request, record, begun)
            if do == "draft":
                self._room.redraft(principal, record, number)
            if do == "propose":
                return RedirectResponse(f"/inbox/{self._room.propose(principal, record)}", 303)
        except ManuscriptChanged as problem:
            return self._clash(request, principal, record, (base, parts, chosen, was), problem)
        except CountersignError as problem:
            if problem.status not in SHOWN:
                raise
            return self._page(request, principal, self._room.open(principal, record), problem)
        return RedirectResponse(f"/records/{record}", 303)

    def _flowing(
        self, request: Request, record: str, begun: Iterator[Shown | Done]
    ) -> StreamingResponse:
        """A page whose sentences come one by one; it needs no script."""

        def part(**more: object) -> bytes:
            given: dict[str, Any] = {"done": None, "problem": None, "shown": None, **more}
            made = self._floor.pages.render(
                request, "records/_drafted.html", record=record, **given
            )
            return bytes(made.body)

        def flow() -> Iterator[bytes]:
            page = bytes(self._floor.pages.render(request, "records/drafting.html").body)
            head, _, tail = page.partition(b"<!--sentences-->")
            yield head
            try:
                for one in begun:
                    yield part(done=one) if isinstance(one, Done) else part(shown=one)
            except CountersignError as problem:
                yield part(problem=self._floor.pages.sentence(request, problem))
            yield tail

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(flow(), media_type="text/html; charset=utf-8", headers=headers)

    async def autosave(self, request: Request, principal: SignedIn, record: str) -> Response:
        """What a typing person is told: kept, what somebody else wrote, or that both wrote it."""
        try:
            form = await request.form()
        except ClientDisconnect:  # she typed on: what she has now comes with the next one
            return Response(status_code=204)
        given = {key: str(value) for key, value in form.items()}
        chosen = [str(one) for one in form.getlist("chosen")]
        base, parts, was, problem = _number(given.get("base", "")), _parts(given), _was(given), None
        behind: list[Behind] = []
        try:
            number = self._room.save(principal, record, base, parts, chosen, was)
            behind = self._room.behind(principal, record, base, parts, chosen, was)
            base = number
        except CountersignError as refused:
            if refused.status not in SHOWN:
                raise
            problem = refused
            behind = [Behind(part, at, "", "", None) for part, at in was.items()]
        return self._floor.pages.render(
            request,
            "records/_saved.html",
            base=base,
            record=record,
            behind=behind,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            at=self._floor.clock(),
        )

    async def hear(
        self, request: Request, principal: SignedIn, record: str, part: Part = "lines"
    ) -> Response:
        """The words of a recording, for a box; the recording goes through memory alone."""
        content = await recording_of(request)
        return await run_in_threadpool(self._hear, request, principal, record, part, content)

    def _hear(
        self, request: Request, principal: Principal, record: str, part: Part, content: bytes
    ) -> Response:
        try:
            words = self._dictating.hear(principal, record, part, content)
        except (NoLanguageModel, ModelsAway) as problem:
            return JSONResponse({}, problem.status)  # the page says it better than the gateway
        except CountersignError as problem:
            said = self._floor.pages.sentence(request, problem)
            return JSONResponse({"said": said}, problem.status)
        return JSONResponse({"text": words} if words else {"silent": True})

    def phrases(
        self, request: Request, principal: SignedIn, record: str,
        typed: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:  # fmt: skip
        found = self._room.complete(principal, record, typed)
        return self._floor.pages.render(request, "records/_phrases.html", found=found)

    def printed(self, request: Request, principal: SignedIn, record: str) -> Response:
        view = self._room.open(principal, record)
        return self._floor.pages.render(
            request,
            "records/print.html",
            view=view,
            signed=self._leaving.signed(view),
        )

    def pdf(self, principal: SignedIn, record: str) -> Response:
        return _file(self._leaving.pdf(principal, record), "application/pdf", f"{record}.pdf")

    def cda(self, principal: SignedIn, record: str) -> Response:
        return _file(self._leaving.cda(principal, record), "application/xml", f"{record}.xml")

    def share(self, request: Request, principal: SignedIn) -> Response:
        if not self._sees(principal):
            self._floor.policy.require(principal, Action.INBOX_READ, Facts.house())
        kept = self._room.shares(principal)
        kinds = {one.id: one.title for one in self._room.files.kinds.all()[0]}
        return self._floor.pages.render(
            request,
            "records/share.html",
            kept=kept[:100],
            whole=self._sees(principal),
            by_department=group(kept, lambda one: one.department),
            by_person=group(kept, lambda one: one.person),
            by_kind=group(kept, lambda one: one.kind),
            sections=_sections(kept),
            titles={
                one.id: one.title
                for kind in reversed(self._room.files.kinds.all()[0])
                for one in kind.sections
            },
            kinds=kinds,
            names=self._floor.people.names({one.person for one in kept}),
            departments={one.code: one.name for one in self._floor.people.departments()},
        )

    def _sees(self, principal: Principal) -> bool:
        return self._floor.policy.decide(principal, Action.SAFETY_READ, Facts.house()).allowed

    def _page(
        self, request: Request, principal: Principal, view: View,
        problem: CountersignError | None = None,
    ) -> Response:  # fmt: skip
        return self._floor.pages.render(
            request,
            "records/write.html",
            status=problem.status if problem else 200,
            view=view,
            rows_of=rows_of,
            signed=self._leaving.signed(view),
            pieces={
                name: pieces(said, view.content) for name, said in view.content.drafted.items()
            },
            model=self._floor.gateway.ready(Work.RECORD),
            waits=self._floor.signoff.waiting.of(principal, view.patient.id, TOLD),
            hears=self._dictating.ready(view.written.patient),
            piece=PIECE,
            lone=lone_lines(view.content),
            names=self._floor.people.names({view.written.saved_by, view.written.begun_by}),
            problem=self._floor.pages.sentence(request, problem) if problem else None,
        )

    def _clash(
        self, request: Request, principal: Principal, record: str,
        sent: tuple[int, dict[str, str], list[str], dict[str, int]], problem: CountersignError,
    ) -> Response:  # fmt: skip
        base, parts, chosen, was = sent
        joined = self._room.clash(principal, record, base, parts, was)
        view = self._room.open(principal, record)
        titles = {f"section:{one.id}": one.title for one in view.kind.sections}
        return self._floor.pages.render(
            request,
            "records/clash.html",
            status=409,
            view=view,
            joined=joined,
            chosen=self._room.ticked(principal, record, base, chosen, was),
            titles=titles,
            names=self._floor.people.names({view.written.saved_by}),
            problem=self._floor.pages.sentence(request, problem),
        )


def _file(content: bytes, media: str, name: str) -> Response:
    return Response(
        content,
        media_type=media,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _parts(given: dict[str, str]) -> dict[str, str]:
    """What a form holds of the record: its lines, its conversation, its sections."""
    return {
        name: value.replace("\r\n", "\n")
        for name, value in given.items()
        if name in ("lines", "dialogue") or name.startswith("section:")
    }


def _was(given: dict[str, str]) -> dict[str, int]:
    """Parts that the page shows as an older version has them, with its number."""
    return {
        name.removeprefix("was:"): _number(value)
        for name, value in given.items()
        if name.startswith("was:") and _number(value)
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _sections(kept: Sequence[Kept]) -> list[tuple[str, int, int]]:
    """For each section the characters signed and kept, the most written first."""
    signed: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    for one in kept:
        for name, count in one.signed.items():
            signed[name] += count
            left[name] += one.kept[name]
    return sorted(((name, signed[name], left[name]) for name in signed), key=lambda row: -row[1])
