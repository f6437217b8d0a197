"""Reads a study's results: intervals, capacity, cost, the frontier and the advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np

from countersign.ground.identity import Principal
from countersign.ground.models import KeptAnswer, KeptImport, KeptStudy, Studies
from countersign.kit.json import JSON
from countersign.rooms.modelbench.domain.imports import Imported, restored
from countersign.rooms.modelbench.domain.study.capacity import Capacity, Step, capacity
from countersign.rooms.modelbench.domain.study.frontier import frontier
from countersign.rooms.modelbench.domain.study.intervals import Interval, Marks, interval, weighted
from countersign.rooms.modelbench.domain.study.plan import Configuration, Plan, WorkRule
from countersign.rooms.modelbench.domain.study.pricing import Cost, Prices, cost
from countersign.rooms.modelbench.domain.study.reading import plan_of
from countersign.rooms.modelbench.domain.study.recommending import (
    Candidate,
    Recommendation,
    recommend,
)
from countersign.rooms.modelbench.domain.study.sets import SETS
from countersign.rooms.modelbench.store import prices_of, shipped_prices

from .loading import Loading
from .running import Progressing, progress_of

KEPT = 16
"""Results that are held ready, as bootstraps take a moment."""
PLAIN_TOKENS = 200.0
"""Tokens of an answer where nothing was measured."""


@dataclass(frozen=True, slots=True)
class SetMark:
    """One configuration on one set: the measure, and what could not be read or never came."""

    interval: Interval
    unreadable: int
    failed: int


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One configuration. ``overall`` is the mean over the sets; None where a set is missing.

    ``imported`` names the tool whose loads stand in for ours. ``seconds`` and ``tokens`` are
    means of an answer in the sets, None without any.
    """

    configuration: Configuration
    sets: Mapping[str, SetMark]
    overall: Interval | None
    steps: tuple[Step, ...]
    capacity: Capacity | None
    cost: Cost | None
    seconds: float | None
    tokens: float | None
    imported: str = ""
    best: bool = False
    """Whether it is on the frontier of quality, cost and speed."""


@dataclass(frozen=True, slots=True)
class Result:
    """All that a page, a file or a report says of a study."""

    study: KeptStudy
    plan: Plan
    progress: Progressing
    found: Mapping[str, JSON]
    rows: tuple[ResultRow, ...]
    recommendations: tuple[Recommendation, ...]
    imports: tuple[tuple[KeptImport, Imported], ...]
    prices: Prices
    price_version: int

    @property
    def whole(self) -> bool:
        """Whether the study is done; before that, figures may still change."""
        return self.study.state == "finished"

    def row(self, key: str) -> ResultRow:
        """The row of a configuration. Raises StopIteration for none."""
        return next(one for one in self.rows if one.configuration.key == key)


class StudyResults:
    """Results of studies, computed from what is kept. Safe to use from many threads."""

    def __init__(self, studies: Studies) -> None:
        self._studies = studies
        self._ready: dict[tuple[object, ...], Result] = {}
        self._lock = Lock()

    def prices(self) -> tuple[int, Prices]:
        """The price list in force, with its number; number 0 is ours, assumed."""
        kept = self._studies.prices()
        return (0, shipped_prices()) if kept is None else (kept[0], prices_of(kept[1]))

    def of(self, principal: Principal, study: str) -> Result:
        """The result as far as the study is. Raises UnknownStudy, Forbidden."""
        kept = self._studies.one(principal, study)
        plan = plan_of(kept.plan, frozenset(SETS))
        progress = progress_of(self._studies, study, plan)
        imports = self._studies.imports(principal, study)
        number, prices = self.prices()
        key = (study, kept.state, progress, len(imports), number)
        with self._lock:
            if key in self._ready:
                return self._ready[key]
        result = self._compute(kept, plan, progress, imports, (number, prices))
        with self._lock:
            while len(self._ready) >= KEPT:
                self._ready.pop(next(iter(self._ready)))
            self._ready[key] = result
        return result

    def _compute(
        self,
        kept: KeptStudy,
        plan: Plan,
        progress: Progressing,
        imports: Sequence[KeptImport],
        priced: tuple[int, Prices],
    ) -> Result:
        number, prices = priced
        read = tuple((one, restored(one.content)) for one in imports)
        answers = _sorted(self._studies.answers(kept.id))
        loads = self._studies.loads(kept.id)
        rows = [
            _row(plan, one, answers.get(one.key, {}), loads.get(one.key, ()), read, prices)
            for one in plan.configurations
        ]
        candidates = [
            Candidate(
                row.configuration.key,
                {
                    name: _marks(some)
                    for name, some in answers.get(row.configuration.key, {}).items()
                },
                row.capacity,
                row.cost,
            )
            for row in rows
        ]
        return Result(
            study=kept,
            plan=plan,
            progress=progress,
            found=self._studies.sets(kept.id),
            rows=tuple(_marked(rows)),
            recommendations=tuple(
                recommend(work, candidates, plan.seed) for work in works_of(plan)
            ),
            imports=read,
            prices=prices,
            price_version=number,
        )


def works_of(plan: Plan) -> tuple[WorkRule, ...]:
    """The plan's kinds of work; a plan without any is judged by all its sets together."""
    if plan.works or not plan.sets:
        return plan.works
    return (WorkRule("all", {one.name: 1.0 for one in plan.sets}),)


def _sorted(answers: Sequence[KeptAnswer]) -> dict[str, dict[str, list[KeptAnswer]]]:
    found: dict[str, dict[str, list[KeptAnswer]]] = {}
    for one in answers:
        found.setdefault(one.configuration, {}).setdefault(one.set_name, []).append(one)
    return found


def _marks(answers: Sequence[KeptAnswer]) -> Marks:
    ids = tuple(one.item for one in answers)
    scores = np.array([one.score for one in answers])
    if SETS[answers[0].set_name].measure != "macro-f1":
        return Marks(ids, scores)
    # Over all labels of this set's gold answers and of what was said, in one fixed order.
    labels = sorted({one.gold for one in answers} | {one.label for one in answers if one.label})
    codes = {label: code for code, label in enumerate(labels)}
    gold = np.array([codes[one.gold] for one in answers], dtype=np.int64)
    said = np.array([codes.get(one.label, -1) for one in answers], dtype=np.int64)
    return Marks(ids, scores, gold, said)


def _row(
    plan: Plan,
    configuration: Configuration,
    answers: Mapping[str, Sequence[KeptAnswer]],
    loads: Sequence[JSON],
    imports: Sequence[tuple[KeptImport, Imported]],
    prices: Prices,
) -> ResultRow:
    marks = {name: _marks(some) for name, some in answers.items()}
    given = [one for some in answers.values() for one in some if not one.failed]
    steps, imported = tuple(Loading.restored(one) for one in loads), ""
    for kept, one in imports:
        if not steps and kept.configuration == configuration.key and one.steps:
            steps, imported = one.steps, one.tool
    found = capacity(steps, plan.level) if steps else None
    tokens = float(np.mean([one.tokens_out for one in given])) if given else None
    return ResultRow(
        configuration=configuration,
        sets={
            name: SetMark(
                interval(marks[name], np.random.default_rng(plan.seed)),
                sum(one.unreadable for one in some),
                sum(bool(one.failed) for one in some),
            )
            for name, some in answers.items()
        },
        overall=_overall(plan, marks),
        steps=steps,
        capacity=found,
        cost=_cost(plan, configuration, found, prices),
        seconds=float(np.mean([one.seconds for one in given])) if given else None,
        tokens=tokens,
        imported=imported,
    )


def _overall(plan: Plan, marks: Mapping[str, Marks]) -> Interval | None:
    names = {one.name: 1.0 for one in plan.sets}
    if not names or not names.keys() <= marks.keys():
        return None
    return weighted(marks, names, np.random.default_rng(plan.seed))


def _cost(
    plan: Plan, configuration: Configuration, found: Capacity | None, prices: Prices
) -> Cost | None:
    """At the shape of the load; a record or an answer is one request of it."""
    if found is None or found.step is None:
        return None
    step = found.step
    tokens = (
        step.output_throughput / step.request_throughput
        if step.request_throughput > 0
        else PLAIN_TOKENS
    )
    return cost(
        prices,
        configuration.hardware,
        configuration.cards,
        step.request_throughput,
        tokens,
        plan.daily,
    )


def _marked(rows: Sequence[ResultRow]) -> list[ResultRow]:
    points: dict[str, tuple[float | None, ...]] = {
        row.configuration.key: (
            row.overall.value if row.overall else None,
            -row.cost.real_thousand if row.cost else None,
            row.capacity.requests_a_second if row.capacity else None,
        )
        for row in rows
    }
    best = frontier(points)
    return [replace(row, best=row.configuration.key in best) for row in rows]
