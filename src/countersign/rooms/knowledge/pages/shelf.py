"""The pages of curators: the shelf, one document on it, and what readers miss."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import File, Form, Query, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Principal
from countersign.ground.library import (
    EVERYWHERE,
    NOTES,
    OUTCOMES,
    VERDICTS,
    BadDocument,
    Card,
    UnknownDocument,
)
from countersign.ground.shell import Floor, guarded
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.knowledge.domain.layout import PART, laid_out
from countersign.rooms.knowledge.service import Knowledge, described

from .choosing import Choosing

Curator = Annotated[Principal, guarded(Action.LIBRARY_KEEP)]
Text = Annotated[str, Form(max_length=4000)]
Many = Annotated[list[str], Form()]
Files = Annotated[list[UploadFile], File()]
LISTS = {
    "": Words("All", "全部"),
    "draft": Words("Not published", "未发布"),
    "waiting": Words("New version waiting", "有新版本待发布"),
    "unreviewed": Words("Unreviewed", "未审阅"),
    "review-due": Words("Review due", "待复审"),
    "expiring": Words("Expiring", "即将过期"),
    "unread": Words("Not opened in 90 days", "90 天无人查看"),
    "gone": Words("Withdrawn or expired", "已撤回或过期"),
}
MEBIBYTE = 1024 * 1024


class Shelf:
    """Handlers for curators."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._library = floor.library
        self._knowledge = Knowledge(floor.library, floor.signoff, floor.chart, floor.clock)
        self._choosing = Choosing(floor)

    def list(
        self,
        request: Request,
        principal: Curator,
        show: Annotated[str, Query(max_length=20)] = "",
        problem: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        return self._list(request, principal, show)

    def receive(
        self,
        request: Request,
        principal: Curator,
        files: Files = [],  # noqa: B006 - the framework copies it
        kind: Text = "guideline",
        home: Text = EVERYWHERE,
        audience: Text = "clinical",
        departments: Many = [],  # noqa: B006
    ) -> Response:
        given = [one for one in files if one.filename]
        try:
            if not given:
                raise BadDocument(field="files")
            received = [
                self._library.keeping.receive(
                    principal,
                    Card(
                        _stem(one.filename or ""),
                        kind=kind,
                        home=home,
                        permission=self._choosing.permission(audience, departments),
                        owner=principal.id,
                        file=_name(one.filename or ""),
                    ),
                    iter(lambda one=one: one.file.read(MEBIBYTE), b""),
                )[0]
                for one in given
            ]
        except CountersignError as refused:
            if refused.status not in (409, 413, 422):
                raise
            return self._list(request, principal, "", refused)
        address = f"/knowledge/shelf/of/{received[0]}" if len(received) == 1 else "/knowledge/shelf"
        return RedirectResponse(address, 303)

    def one(
        self,
        request: Request,
        principal: Curator,
        document: str,
        version: Annotated[str, Query(max_length=64)] = "",
        part: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        waiting: Annotated[bool, Query()] = False,
    ) -> Response:
        return self._one(request, principal, document, version, part, waiting=waiting)

    def describe(
        self,
        request: Request,
        principal: Curator,
        document: str,
        number: Annotated[int, Form()] = 0,
        title: Text = "",
        kind: Text = "",
        language: Text = "",
        home: Text = "",
        audience: Text = "",
        departments: Many = [],  # noqa: B006
        region: Text = "",
        level: Text = "",
        topic: Text = "",
        icd10: Text = "",
        owner: Text = "",
        reviewer: Text = "",
        review_due: Text = "",
        valid_from: Text = "",
        valid_until: Text = "",
    ) -> Response:
        found = self._library.keeping.one(principal, document)

        def save() -> None:
            card = described(
                found.card,
                title=title.strip(),
                kind=kind,
                language=language,
                home=home,
                permission=self._choosing.permission(audience, departments),
                region=region.strip(),
                level=level.strip(),
                topic=topic.strip(),
                icd10=tuple(one for one in icd10.replace(",", " ").replace("，", " ").split())[:50],
                owner=self._choosing.person(owner, "owner"),
                reviewer=self._choosing.person(reviewer, "reviewer") if reviewer else None,
                review_due=_day(review_due, "review_due"),
                valid_from=_day(valid_from, "valid_from"),
                valid_until=_day(valid_until, "valid_until"),
            )
            self._library.keeping.describe(principal, document, number, card)

        return self._done(request, principal, document, save)

    def publish(
        self,
        request: Request,
        principal: Curator,
        document: str,
        number: Annotated[int, Form()] = 0,
        version: Text = "",
    ) -> Response:
        def save() -> None:
            self._library.keeping.publish(principal, document, number, version)

        return self._done(request, principal, document, save)

    def replace(
        self,
        request: Request,
        principal: Curator,
        document: str,
        files: Files = [],  # noqa: B006
    ) -> Response:
        def save() -> None:
            if not files or not files[0].filename:
                raise BadDocument(field="files")
            file = files[0]
            self._library.keeping.add_version(
                principal,
                document,
                _name(file.filename or ""),
                iter(lambda: file.file.read(MEBIBYTE), b""),
            )

        return self._done(request, principal, document, save)

    def withdraw(
        self, request: Request, principal: Curator, document: str, reason: Text = ""
    ) -> Response:
        return self._done(
            request,
            principal,
            document,
            lambda: self._knowledge.withdraw(principal, document, reason),
        )

    def questions(self, request: Request, principal: Curator) -> Response:
        return self._floor.pages.render(
            request,
            "knowledge/questions.html",
            unanswered=self._library.finding.unanswered(principal),
        )

    def feedback(self, request: Request, principal: Curator) -> Response:
        said = self._library.consulting.feedback(principal)
        titles = {one.id: one.card.title for one in self._library.keeping.documents(principal)}
        return self._floor.pages.render(
            request, "knowledge/feedback.html", said=said, titles=titles, verdicts=VERDICTS
        )

    def contradictions(self, request: Request, principal: Curator) -> Response:
        return self._floor.pages.render(
            request,
            "knowledge/contradictions.html",
            found=self._knowledge.contradictions(principal),
        )

    def _list(
        self,
        request: Request,
        principal: Principal,
        show: str,
        problem: CountersignError | None = None,
    ) -> Response:
        today = self._floor.clock().astimezone(self._floor.site.zone).date()
        listed = self._knowledge.shelf(principal, today)
        counts = {name: sum(name in one.marks for one in listed) for name in LISTS if name}
        return self._floor.pages.render(
            request,
            "knowledge/shelf.html",
            status=problem.status if problem else 200,
            listed=[one for one in listed if not show or show in one.marks],
            show=show,
            lists=LISTS,
            counts={"": len(listed), **counts},
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            megabytes=self._library.megabytes,
            **self._choosing.of(principal),
        )

    def _one(
        self,
        request: Request,
        principal: Principal,
        document: str,
        version: str = "",
        part: int = 1,
        problem: CountersignError | None = None,
        *,
        waiting: bool = False,
    ) -> Response:
        keeping = self._library.keeping
        found = keeping.one(principal, document)
        versions = keeping.versions(principal, document)
        chosen = next((one for one in versions if one.id == version), versions[0])
        text = keeping.text(principal, chosen.id) if chosen.outcome == "read" else None
        blocks = text.understood.blocks if text else ()
        some = blocks[(part - 1) * PART : part * PART]
        history = keeping.history(principal, document)
        people = self._floor.people.people()
        return self._floor.pages.render(
            request,
            "knowledge/one.html",
            status=problem.status if problem else 200,
            found=found,
            versions=versions,
            chosen=chosen,
            text=text,
            laid=laid_out(text.understood.text, some) if text else (),
            part=part,
            parts=-(-len(blocks) // PART),
            history=history,
            waiting=waiting,
            people=[(one.id, one.name) for one in people],
            names={one.id: one.name for one in people},
            outcomes=OUTCOMES,
            notes=NOTES,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            **self._choosing.of(principal),
        )

    def _done(
        self, request: Request, principal: Principal, document: str, save: object
    ) -> Response:
        assert callable(save)  # noqa: S101
        try:
            save()
        except CountersignError as problem:
            if problem.status not in (409, 413, 422) or isinstance(problem, UnknownDocument):
                raise
            return self._one(request, principal, document, problem=problem)
        return RedirectResponse(f"/knowledge/shelf/of/{document}", 303)


def _name(given: str) -> str:
    """The file's own name without any folder."""
    return PurePosixPath(given.replace("\\", "/")).name[:300]


def _stem(given: str) -> str:
    return PurePosixPath(_name(given)).stem.strip() or "-"


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadDocument(field=field) from None
