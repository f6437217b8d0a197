"""The life of a slide in the worker: looked at, matched, planned, measured, summed up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

from countersign.ground.db import WHOLE
from countersign.ground.identity import Principal
from countersign.ground.imaging import SlideError
from countersign.ground.jobs import ComputeLost, Interrupted, JobContext, NotNow
from countersign.ground.shell import Floor
from countersign.ground.slides import PLAN, Described, KeptSlide, Run, SlideGone, State, part_name
from countersign.kit.errors import CountersignError
from countersign.rooms.pathology.domain.measured import Nuclei, Plan
from countersign.rooms.pathology.inference.computing import (
    ToFinish,
    ToMeasure,
    ToPlan,
    ToSee,
    findings_of,
    light,
    nuclei_of,
    plan_of,
    see,
    words_of,
)
from countersign.rooms.pathology.inference.errors import Unmeasurable
from countersign.rooms.pathology.inference.registry import REGISTRY, MakeAnalysis, Registry
from countersign.rooms.pathology.store import (
    Part,
    findings_json,
    nuclei_parquet,
    part_from,
    part_parquet,
    plan_from,
    plan_json,
)

from .control_keeping import figures_of, quality_of
from .matching import Matching, Unclear
from .serving import serving

logger = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")

GONE: Final = "file-gone"
"""The code of a slide whose file is away, or is another by now."""

PATHOLOGY = Principal.system("pathology")
GROUP = 8
"""Tiles that travel together: enough that the way costs little, few enough to be lost at a kill."""

EVERY = timedelta(seconds=5)
"""How often what was measured is made durable."""

LOSSES = 3
"""How often a slide may lose a computing process that it had for itself, without getting on, before
it counts as failed. What is lost in a shared one may be a neighbour's fault."""

ATTEMPTS = 3
"""How often an error that is nobody's known fault is tried again."""


class _Taken(CountersignError):
    code = "pathology.taken"
    status = 409
    message = "Somebody took this slide from the queue."


class _Deadly(CountersignError):
    code = "pathology.ends_its_reader"
    status = 422
    message = "Reading this slide ended the process that read it. Scan the slide again."


class Analysing:
    """``registry`` says what measures which stain, and how a slide is opened."""

    def __init__(self, floor: Floor, registry: Registry = REGISTRY) -> None:
        self._floor = floor
        self._registry = registry
        self._slides = floor.slides
        self._matching = Matching(floor.chart)

    def work(self, context: JobContext, slide: str) -> None:
        """Takes one slide as far as it goes; started again, it goes on from where it was.

        Raises Interrupted and NotNow where it must wait, and what may pass by itself.
        """
        one = self._slides.keeping.one(WHOLE, slide)
        if one.state not in ("queued", "running"):
            return
        try:
            self._work(context, one)
        except (Interrupted, ComputeLost):
            raise
        except CountersignError as problem:
            if problem.status >= 500 and not isinstance(problem, Unmeasurable):
                raise  # the database, the ledger or the disk: nothing that the slide can help
            self._fault(one, problem)
        except Exception as problem:
            if context.attempt < ATTEMPTS:
                raise
            logger.warning("slide %s: %s", slide, type(problem).__qualname__)
            self._stop(one, "failed", "failed", "unexpected")

    def _work(self, context: JobContext, one: KeptSlide) -> None:
        path = self._slides.keeping.path(one)
        if one.described is None or one.patient is None:
            self._look(one, path)
            one = self._slides.keeping.one(WHOLE, one.id)
        if one.state not in ("queued", "running") or one.patient is None or one.stain is None:
            return
        if self._floor.switch.state().stopped:
            raise NotNow
        make = self._registry.by_stain.get(one.stain)
        if make is None or "ai" in self._floor.chart.named(one.patient).refused:
            code = "no-analysis" if make is None else "ai-refused"
            self._slides.keeping.move(PATHOLOGY, one.id, "set-aside", code)
            return
        make = serving(self._floor, make().name, make)
        analysis = make()
        run = self._slides.running.begin(PATHOLOGY, one.id, analysis.name, analysis.version)
        if run is not None:
            self._measure(context, one, run, path, make)

    def _look(self, one: KeptSlide, path: Path) -> None:
        """Describes a slide and finds whose it is."""
        seen = self._away(see, ToSee(self._registry.opener, path))
        self._slides.keeping.path(one)  # what was looked at is still what came
        said = Described(seen.format, seen.width, seen.height, seen.levels, seen.mpp, seen.scanner)
        self._slides.keeping.describe(one.id, said, seen.label, seen.codes)
        if one.patient is not None:
            return
        found = self._matching.find(self._slides.keeping.told(WHOLE, one.id))
        if isinstance(found, Unclear):
            self._read(one, path)
            self._slides.keeping.move(PATHOLOGY, one.id, "unmatched", found.code)
        else:
            self._slides.keeping.give(PATHOLOGY, one.id, found, queue=False, first=True)

    def _read(self, one: KeptSlide, path: Path) -> None:
        """What can be recognised on its label helps the person who says whose it is."""
        with suppress(SlideError, _Deadly):
            said = self._away(words_of, ToSee(self._registry.opener, path))
            self._slides.keeping.read(one.id, said)

    def _measure(
        self, context: JobContext, one: KeptSlide, run: Run, path: Path, make: MakeAnalysis
    ) -> None:
        opener = self._registry.opener
        plan = self._plan(run, ToPlan(opener, path, make))
        parts = self._kept_parts(run)
        done = sum(part.many for part in parts)
        self._slides.running.advance(run, done, len(plan.tiles), first=True)
        losses = 0  # in a row; after the first the slide is alone until it gets on
        while done < len(plan.tiles):
            before = done
            try:
                for part in self._parts(context, run, plan, done, (path, make), losses > 0):
                    parts.append(part)
                    done += part.many
                losses = 0
            except ComputeLost:
                # What was measured is durable; the processes start anew.
                done = sum(part.many for part in parts)
                losses = 1 if done > before else losses + 1
                if losses > LOSSES:
                    self._stop(one, "failed", "failed", ComputeLost.code)
                    return
        nuclei = Nuclei.joined([part.nuclei for part in parts])
        findings = self._away(findings_of, ToFinish(opener, path, make, plan, nuclei))
        self._slides.keeping.path(one)  # what was measured is still what came
        context.progress(done, len(plan.tiles), "pathology.finishing")
        self._slides.running.finish(
            PATHOLOGY,
            run,
            nuclei_parquet(nuclei),
            findings_json(findings),
            len(nuclei),
            figures_of(quality_of(one.id, plan, findings)),
        )

    def _plan(self, run: Run, item: ToPlan) -> Plan:
        """The plan of a run, made once: what goes on later goes on by the same one."""
        held = self._slides.running.find(run, PLAN)
        if held is None:
            self._slides.running.put(run, PLAN, [plan_json(self._away(plan_of, item))])
            held = self._slides.running.get(run, PLAN)
        return plan_from(held)

    def _kept_parts(self, run: Run) -> list[Part]:
        """What an interrupted attempt left, as far as it is without a gap."""
        kept: list[Part] = []
        done = 0
        for number in self._slides.running.parts(run):
            if number != done:
                break
            part = part_from(self._slides.running.get(run, part_name(number)))
            kept.append(part)
            done += part.many
        return kept

    def _parts(
        self,
        context: JobContext,
        run: Run,
        plan: Plan,
        done: int,
        where: tuple[Path, MakeAnalysis],
        alone: bool,
    ) -> Iterator[Part]:
        """Measures from tile ``done`` on and yields what has become durable; ``alone``, one group
        in a process of its own."""
        path, make = where
        groups = [plan.tiles[at : at + GROUP] for at in range(done, len(plan.tiles), GROUP)]
        groups = groups[:1] if alone else groups
        small, opener = light(plan), self._registry.opener
        items = (ToMeasure(opener, path, make, small, group) for group in groups)
        compute = self._floor.compute
        measured: Iterator[Nuclei] = (
            (compute.alone(nuclei_of, item) for item in items)
            if alone
            else compute.map(nuclei_of, items)
        )
        waiting: list[Nuclei] = []
        first, since = done, self._floor.clock()
        try:
            for group, nuclei in zip(groups, measured, strict=True):
                waiting.append(nuclei)
                done += len(group)
                now, last = self._floor.clock(), alone or done == len(plan.tiles)
                context.progress(done, len(plan.tiles), "pathology.measuring")
                if last or now - since >= EVERY:
                    yield self._durable(run, Part(first, done - first, Nuclei.joined(waiting)))
                    self._slides.running.advance(run, done, len(plan.tiles))
                    waiting, first, since = [], done, now
                    self._wanted(context, run)
                elif context.stopping:
                    yield self._durable(run, Part(first, done - first, Nuclei.joined(waiting)))
                    raise Interrupted
        except ComputeLost:
            if waiting:
                yield self._durable(run, Part(first, done - first, Nuclei.joined(waiting)))
            raise
        finally:
            close: Callable[[], None] | None = getattr(measured, "close", None)
            if close is not None:
                close()

    def _durable(self, run: Run, part: Part) -> Part:
        self._slides.running.put(run, part_name(part.first), [part_parquet(part)])
        return part

    def _wanted(self, context: JobContext, run: Run) -> None:
        """Raises where the work is to stop here. What a person took away ends quietly."""
        if not self._slides.running.going(run.slide):
            raise _Taken
        if self._floor.switch.state().stopped:
            raise NotNow
        if context.stopping:
            raise Interrupted

    def _away(self, function: Callable[[T], R], item: T) -> R:
        """Does one thing in a computing process; where that was killed, again in one of its own,
        because another slide may have ended the shared one."""
        with suppress(ComputeLost):
            return next(iter(self._floor.compute.map(function, [item])))
        for _ in range(LOSSES):
            with suppress(ComputeLost):
                return self._floor.compute.alone(function, item)
        raise _Deadly

    def _fault(self, one: KeptSlide, problem: CountersignError) -> None:
        """Gives the slide the state that its problem means."""
        if isinstance(problem, _Taken):
            run = self._slides.running.latest(WHOLE, one.id)
            if run is not None:
                self._slides.running.end(PATHOLOGY, run, "cancelled", "set-aside", None)
        elif isinstance(problem, Unmeasurable):
            self._stop(one, "rescan", "rescan", str(problem.details.get("reason", "unmeasurable")))
        elif isinstance(problem, SlideGone) or problem.code == "imaging.away":
            self._stop(one, "failed", "failed", GONE)
        else:
            self._stop(one, "damaged", "damaged", problem.code)

    def _stop(self, one: KeptSlide, outcome: str, state: State, code: str) -> None:
        run = self._slides.running.latest(WHOLE, one.id)
        now = self._slides.keeping.one(WHOLE, one.id)
        if run is not None and run.outcome is None:
            self._slides.running.end(PATHOLOGY, run, outcome, code, state)
        elif now.state in ("queued", "running"):
            self._slides.keeping.move(PATHOLOGY, one.id, state, code)
