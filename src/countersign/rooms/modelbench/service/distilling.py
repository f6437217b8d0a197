"""Distillation from beginning to end: plan, teacher's labels, students, verdict, service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from countersign.ground.identity import Principal
from countersign.ground.models import (
    AIStopped,
    Asking,
    BadDistillation,
    BudgetSpent,
    Distilled,
    Kept,
    ModelsAway,
    NoLanguageModel,
    Part,
    Work,
)
from countersign.ground.signoff import Signoff
from countersign.kit.errors import CountersignError
from countersign.rooms.modelbench.domain.cascade import FEWEST
from countersign.rooms.modelbench.domain.plan import (
    HALVES,
    PARTS,
    Labelled,
    Plan,
    UnfitPlan,
    checked,
    labelled,
    part,
    unlabelled,
)
from countersign.rooms.modelbench.training import Examined, Lesson, Outcome

from .cards import card_of
from .refusals import REFUSALS
from .teaching import label_of, signed_decisions

TOLD = 25
"""Answers of a teacher that are kept together: so many are asked again after a breakdown."""
FEWEST_LEARNT = 200

Tell = Callable[[int, int | None, str], None]
Train = Callable[[Lesson], Outcome]
Stops = Callable[[], bool]


class NothingTaught(CountersignError):
    code = "modelbench.nothing-taught"
    status = 422
    message = (
        "The teacher gave clear labels to too few texts for anything to be learnt. Ask it with "
        "fewer or plainer labels."
    )


class Interrupted(Exception):
    """The work must go on later; what a teacher said so far is kept."""


class Distilling:
    """The use cases. Models answer through the gateway; people through what they signed."""

    def __init__(self, kept: Distilled, gateway: Asking, signoff: Signoff | None = None) -> None:
        self._kept = kept
        self._gateway = gateway
        self._signoff = signoff

    def begin(
        self,
        principal: Principal,
        plan: Plan,
        labels_file: bytes,
        texts_file: bytes,
        *,
        queue: bool = True,
    ) -> str:
        """Checks and keeps a plan with its texts; returns its id.

        Raises BadDistillation, NoLanguageModel, Forbidden, LedgerUnavailable.
        """
        try:
            checked(plan)
            rows = self._labelled(principal, plan, labels_file)
            plain = unlabelled(texts_file) if plan.teacher == "language-model" else []
            _enough(plan, rows, plain)
        except UnfitPlan as problem:
            raise BadDistillation(what=REFUSALS[str(problem)]) from None
        names = tuple(sorted({one.label for one in rows}))
        whole = Plan.from_json({**plan.as_json(), "labels": names})
        texts: dict[Part, list[Any]] = {
            "labelled": [[one.text, one.label] for one in rows],
            "unlabelled": plain,
        }
        return self._kept.start(principal, plan.work, whole.as_json(), texts, queue=queue)

    def distil(
        self, by: Principal, task: str, train: Train, tell: Tell, stops: Stops = lambda: False
    ) -> Kept:
        """Does the work; harmless where it was done. ``train`` runs in a process of its own.

        Raises Interrupted where it must go on later.
        """
        kept = self._kept.one(task)
        if kept.state != "waiting":
            return kept
        plan = Plan.from_json(kept.plan)
        try:
            lesson = self._lesson(by, task, plan, tell, stops)
            tell(0, None, "distil.training")
            outcome = train(lesson)
        except (AIStopped, ModelsAway, BudgetSpent):
            raise Interrupted from None
        except CountersignError as problem:
            self._kept.fail(by, task, problem.code)
            return self._kept.one(task)
        examples = [lesson.frozen.texts[row] for row in outcome.passed]
        number = sum(one.work == plan.work and one.model is not None for one in self._kept.all())
        self._kept.finish(
            by,
            task,
            card_of(plan, outcome, number + 1),
            outcome.made,
            outcome.report,
            examples,
            holds=outcome.holds,
        )
        return self._kept.one(task)

    def _labelled(self, principal: Principal, plan: Plan, raw: bytes) -> list[Labelled]:
        if plan.teacher == "language-model" and self._gateway.ready(Work.STUDY) is None:
            raise NoLanguageModel(work=Work.STUDY)
        if plan.teacher != "signed-decisions":
            return labelled(raw)
        if self._signoff is None:
            raise UnfitPlan("teacher")
        return signed_decisions(self._signoff, principal)

    def _lesson(self, by: Principal, task: str, plan: Plan, tell: Tell, stops: Stops) -> Lesson:
        rows = [Labelled(*one) for one in _flat(self._kept.texts(task, "labelled"))]
        parts = HALVES if plan.teacher == "language-model" else PARTS
        valid, frozen = (part(rows, parts[name]) for name in ("valid", "frozen"))
        if plan.teacher != "language-model":
            learn = part(rows, PARTS["learn"])
            return _made(plan, learn, valid, frozen, None)
        plain: list[str] = _flat(self._kept.texts(task, "unlabelled"))
        examined = {one.text for one in (*valid, *frozen)}
        plain = [text for text in plain if text not in examined]
        every = [*plain, *(one.text for one in valid), *(one.text for one in frozen)]
        told = self._told(by, task, plan, every, tell, stops)
        learn = [Labelled(text, label) for text, label in zip(plain, told, strict=False) if label]
        if len(learn) < FEWEST_LEARNT:
            raise NothingTaught
        return _made(plan, learn, valid, frozen, told[len(plain) :])

    def _told(
        self, by: Principal, task: str, plan: Plan, texts: list[str], tell: Tell, stops: Stops
    ) -> list[str | None]:
        """The language model's labels of all texts, those of an earlier attempt taken as kept."""
        kept: Mapping[int, list[Any]] = self._kept.texts(task, "told")
        found: list[str | None] = []
        for place, at in enumerate(range(0, len(texts), TOLD)):
            tell(at, len(texts), "distil.asking")
            if place not in kept:
                if stops():
                    raise Interrupted
                said = [
                    label_of(self._gateway, by, task, plan.labels, text)
                    for text in texts[at : at + TOLD]
                ]
                self._kept.add(task, "told", said, place)
                found += said
            else:
                found += kept[place]
        return found


def _enough(plan: Plan, rows: list[Labelled], plain: list[str]) -> None:
    """Raises UnfitPlan where the parts would be too small to decide anything."""
    parts = HALVES if plan.teacher == "language-model" else PARTS
    if any(len(part(rows, parts[name])) < FEWEST for name in ("valid", "frozen")):
        raise UnfitPlan("few-labelled" if plan.teacher != "signed-decisions" else "few-decisions")
    if plan.teacher == "language-model" and len(plain) < FEWEST_LEARNT:
        raise UnfitPlan("few-unlabelled")


def _made(
    plan: Plan,
    learn: list[Labelled],
    valid: list[Labelled],
    frozen: list[Labelled],
    told: list[str | None] | None,
) -> Lesson:
    """``told`` is what a model said of ``valid`` and then ``frozen``; None where people's labels
    are the teacher, who is then right by definition."""
    number = {label: at for at, label in enumerate(plan.labels)}

    def examined(rows: list[Labelled], said: list[str | None] | None) -> Examined:
        truth = np.array([number[one.label] for one in rows], np.int64)
        heard = (
            truth
            if said is None
            else np.array([number.get(one or "", -1) for one in said], np.int64)
        )
        return Examined(tuple(one.text for one in rows), truth, heard)

    cut = len(valid)
    return Lesson(
        labels=plan.labels,
        texts=tuple(one.text for one in learn),
        hard=np.array([number[one.label] for one in learn], np.int64),
        soft=None,
        valid=examined(valid, None if told is None else told[:cut]),
        frozen=examined(frozen, None if told is None else told[cut:]),
        rungs=plan.rungs,
        core_hour=plan.core_hour,
        answer=plan.answer,
    )


def _flat(bundles: Mapping[int, list[Any]]) -> list[Any]:
    return [item for place in sorted(bundles) for item in bundles[place]]
