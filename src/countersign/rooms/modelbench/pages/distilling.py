"""The pages of distillation: what was distilled, a new one, and what came of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from countersign.ground.identity import Action, Facts, Principal
from countersign.ground.jobs import Progress
from countersign.ground.models import DISTIL, BadDistillation, NoLanguageModel, Work
from countersign.ground.shell import Floor, guarded
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.plan import Plan, Teacher
from countersign.rooms.modelbench.service import Distilling
from countersign.rooms.modelbench.service.training import NEEDS_EXTRA, RUNGS, extra_installed

Text = Annotated[str, Form(max_length=400)]
Many = Annotated[list[str], Form()]
Upload = Annotated[UploadFile | None, File()]
Reader = Annotated[Principal, guarded(Action.MODELS_READ)]
Keeper = Annotated[Principal, guarded(Action.MODELS_REGISTER)]
NAMES = {
    "rule": Words("Rule: phrases that name a label", "规则：能直接指明标签的短语"),
    "linear": Words("Linear: character n-grams", "线性：字符 n 元组"),
    "transformer": Words("Small transformer, 8-bit", "小型 Transformer，8 位"),
}
TEACHERS: dict[Teacher, Words] = {
    "labelled-file": Words("People: a file of texts with their labels", "人工：带标签的文本文件"),
    "language-model": Words(
        "The hospital's language model assigned to studies", "本院用于研究的语言模型"
    ),
    "signed-decisions": Words(
        "What physicians signed or rejected, by the drafts' titles",
        "医生签署或驳回的决定（按草稿标题）",
    ),
}


class Distillation:
    """All staff read results; who registers models begins, starts and withdraws."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def list(self, request: Request, principal: Reader) -> Response:
        return self._list(request, principal)

    def begin(
        self,
        request: Request,
        principal: Keeper,
        title: Text = "",
        work: Text = "",
        teacher: Text = "",
        rungs: Many = [],  # noqa: B006 - the framework copies it
        answer: Text = "",
        core_hour: Text = "",
        source: Text = "",
        licence: Text = "",
        labelled: Upload = None,
        unlabelled: Upload = None,
    ) -> Response:
        plan = Plan(
            title=title.strip(),
            work=work.strip(),
            teacher=teacher if teacher in TEACHERS else "",  # type: ignore[arg-type]
            rungs=tuple(one for one in RUNGS if one in rungs),
            answer=_number(answer),
            core_hour=_number(core_hour),
            money="CNY",
            source=source.strip(),
            licence=licence.strip(),
        )
        distilling = Distilling(self._floor.students.kept, self._floor.gateway, self._floor.signoff)
        try:
            made = distilling.begin(principal, plan, _read(labelled), _read(unlabelled))
        except (BadDistillation, NoLanguageModel) as problem:
            return self._list(request, principal, problem, plan)
        return RedirectResponse(f"/modelbench/distilling/of/{made}", 303)

    def one(self, request: Request, principal: Reader, task: str) -> Response:
        kept = self._floor.students.kept.one(task)
        live = self._floor.students.kept.live(kept.work)
        return self._floor.pages.render(
            request,
            "modelbench/distillation.html",
            one=kept,
            plan=Plan.from_json(kept.plan),
            names=NAMES,
            teachers=TEACHERS,
            progress=self._progress(task) if kept.state == "waiting" else None,
            answers=live is not None and live[0] == task,
            passed=self._floor.students.kept.passed(principal, task),
            may_change=self._may_change(principal),
            people=self._floor.people.names([kept.actor.removeprefix("person:")]),
        )

    def go_live(self, principal: Keeper, task: str) -> Response:
        self._floor.students.kept.go_live(principal, task)
        return RedirectResponse(f"/modelbench/distilling/of/{task}", 303)

    def withdraw(self, principal: Keeper, task: str) -> Response:
        self._floor.students.kept.withdraw(principal, task)
        return RedirectResponse(f"/modelbench/distilling/of/{task}", 303)

    def _list(
        self,
        request: Request,
        principal: Principal,
        problem: CountersignError | None = None,
        plan: Plan | None = None,
    ) -> Response:
        kept = self._floor.students.kept
        found = kept.all()
        live = {one.work: kept.live(one.work) for one in found}
        answering = {which[0] for which in live.values() if which is not None}
        return self._floor.pages.render(
            request,
            "modelbench/distilling.html",
            status=problem.status if problem else 200,
            problem=self._floor.pages.sentence(request, problem) if problem else None,
            plan=plan,
            found=found,
            answering=answering,
            names=NAMES,
            needs_extra=NEEDS_EXTRA,
            extra=extra_installed(),
            teachers=TEACHERS,
            studying=self._floor.gateway.ready(Work.STUDY),
            may_change=self._may_change(principal),
        )

    def _may_change(self, principal: Principal) -> bool:
        facts = Facts.house("models")
        return self._floor.policy.decide(principal, Action.MODELS_REGISTER, facts).allowed

    def _progress(self, task: str) -> Progress | None:
        for job in self._floor.jobs.recent(200):
            if job.task == DISTIL and job.args.get("task") == task:
                return job.progress
        return None


def _number(text: str) -> float:
    """0, which no plan may have, for what is no number."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _read(upload: UploadFile | None) -> bytes:
    return upload.file.read() if upload is not None else b""
