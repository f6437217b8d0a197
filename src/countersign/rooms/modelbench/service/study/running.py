"""Carries a study on, from wherever it stopped, until it is done, cancelled or AI is stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from countersign.ground.db import DatabaseUnavailable
from countersign.ground.identity import Principal
from countersign.ground.jobs import Interrupted, JobContext, NotNow
from countersign.ground.ledger import LedgerUnavailable
from countersign.ground.models import KeptAnswer, KeptStudy, Studies, Switch
from countersign.kit.errors import CountersignError
from countersign.kit.json import JSON
from countersign.rooms.modelbench.domain.study.items import Item, Scored, sampled
from countersign.rooms.modelbench.domain.study.plan import Configuration, Plan
from countersign.rooms.modelbench.domain.study.reading import plan_of
from countersign.rooms.modelbench.domain.study.sets import OWN, SETS, MedicalSet
from countersign.rooms.modelbench.store import FoundSet, PromptFile, SetFolder, prompt_file

from .answering import Answering, ServerSilent
from .loading import Loading

WORKER = Principal.system("worker")
AT_ONCE = 4
"""Batches of ``concurrency`` questions between two writes."""
ALL_FAILED = 4
"""From so many on, a batch without one answer means that the server is away."""


class StudyServerAway(CountersignError):
    code = "study.server_away"
    status = 502
    message = (
        "{label} gave no answer at all ({problem}). Look at the server, then resume the study."
    )


class SetChanged(CountersignError):
    code = "study.set_changed"
    status = 409
    message = (
        "The file of the set {name} is another one than when this study began. Put the old one "
        "back, or start a new study."
    )


class Cancelled(Exception):
    """The study was ended by a person."""


class OwnCases(Protocol):
    """The hospital's signed cases, read for one study."""

    def read(self, study: str) -> FoundSet:
        """Every case that may be used; how many is recorded in the ledger."""
        ...


@dataclass(frozen=True, slots=True)
class Progressing:
    """How far a study is: answers and steps of load, each of how many at most."""

    answers: int
    of_answers: int
    loads: int
    of_loads: int

    @property
    def done(self) -> int:
        """Both together."""
        return self.answers + self.loads

    @property
    def total(self) -> int:
        """The most that there can be: loads end early where the level breaks."""
        return self.of_answers + self.of_loads


def progress_of(studies: Studies, study: str, plan: Plan) -> Progressing:
    """Counted from what is kept, so that it is right after a kill too."""
    answers, loads = studies.done(study)
    found = studies.sets(study)
    items = sum(found[one.name]["drawn"] if one.name in found else one.items for one in plan.sets)
    count = len(plan.configurations)
    return Progressing(answers, items * count, loads, len(plan.load.rates) * count)


class Running:
    """What the job and the command line do alike."""

    def __init__(
        self,
        studies: Studies,
        switch: Switch,
        answering: Answering,
        loading: Loading,
        folder: SetFolder,
        own: OwnCases,
    ) -> None:
        self._studies = studies
        self._switch = switch
        self._answering = answering
        self._loading = loading
        self._folder = folder
        self._own = own

    def carry_on(self, study: str, context: JobContext) -> None:
        """Does what is left of a study; an error becomes its state, and it may be resumed.

        Raises Interrupted, NotNow, and the errors of database and ledger.
        """
        kept = self._studies.kept(study)
        if kept.state in ("finished", "cancelled"):
            return
        if self._studies.ahead(study):
            raise NotNow
        try:
            self._work(kept, plan_of(kept.plan, frozenset(SETS)), context)
        except Cancelled:
            return
        except (DatabaseUnavailable, LedgerUnavailable):
            raise
        except CountersignError as problem:
            self._studies.fail(WORKER, study, problem.code)

    def _work(self, kept: KeptStudy, plan: Plan, context: JobContext) -> None:
        drawn = {one.name: self._drawn(kept.id, plan, SETS[one.name]) for one in plan.sets}
        for configuration in plan.configurations:
            for name, items in drawn.items():
                self._ask_all(kept.id, plan, configuration, SETS[name], items, context)
            self._load_all(kept.id, plan, configuration, context)
        answers, loads = self._studies.done(kept.id)
        self._studies.finish(WORKER, kept.id, {"answers": answers, "loads": loads})

    def _drawn(self, study: str, plan: Plan, one: MedicalSet) -> list[Item]:
        """The items by the plan's seed; the first look at a set is kept and must stay true."""
        found = self._own.read(study) if one.name == OWN else self._folder.read(one)
        choice = next(given for given in plan.sets if given.name == one.name)
        items = sampled(found.items, choice.items, plan.seed)
        prompt = prompt_file(one.prompt)
        content: JSON = {
            "sha256": found.sha256,
            "whole": len(found.items),
            "drawn": len(items),
            "prompt": prompt.name,
            "prompt_version": prompt.version,
            "prompt_sha256": prompt.sha256,
        }
        if self._studies.note_set(study, one.name, content) != content:
            raise SetChanged(name=one.name)
        return items

    def _ask_all(
        self,
        study: str,
        plan: Plan,
        configuration: Configuration,
        one: MedicalSet,
        items: Sequence[Item],
        context: JobContext,
    ) -> None:
        done = self._studies.answered(study, configuration.key, one.name)
        left = [item for item in items if item.id not in done]
        asking = _Asking(self._answering, plan, configuration, one, prompt_file(one.prompt))
        with ThreadPoolExecutor(plan.concurrency) as threads:
            for batch in _batches(left, plan.concurrency * AT_ONCE):
                self._look_around(study, plan, context)
                answers = list(threads.map(asking.answer, batch))
                failed = [answer.failed for answer in answers if answer.failed]
                if len(failed) == len(batch) >= ALL_FAILED:
                    raise StudyServerAway(label=configuration.label, problem=failed[0])
                self._studies.add_answers(study, answers)

    def _load_all(
        self, study: str, plan: Plan, configuration: Configuration, context: JobContext
    ) -> None:
        done = self._studies.loads(study).get(configuration.key, [])
        steps = [self._loading.restored(one) for one in done]
        for rate in plan.load.rates:
            if any(step.rate == rate for step in steps):
                continue
            if any(not step.within(plan.level) for step in steps):
                return
            self._look_around(study, plan, context)
            reached = self._answering.place(configuration)
            step = self._loading.step(plan, configuration, reached, rate)
            self._studies.add_load(study, configuration.key, rate, self._loading.written(step))
            steps.append(step)

    def _look_around(self, study: str, plan: Plan, context: JobContext) -> None:
        """Tells how far it is, and leaves off where it must."""
        if context.stopping:
            raise Interrupted
        if self._switch.state().stopped:
            raise NotNow
        if self._studies.kept(study).state == "cancelled":
            raise Cancelled
        now = progress_of(self._studies, study, plan)
        context.progress(now.done, now.total, "study.running")


class _Asking:
    """One configuration asked about one set; ``answer`` may run in many threads."""

    def __init__(
        self,
        answering: Answering,
        plan: Plan,
        configuration: Configuration,
        one: MedicalSet,
        prompt: PromptFile,
    ) -> None:
        self._answering = answering
        self._plan = plan
        self._configuration = configuration
        self._set = one
        self._prompt = prompt

    def answer(self, item: Item) -> KeptAnswer:
        """The answer's worth; asked a second time where the first got none."""
        problem = ""
        for _ in range(2):
            try:
                said = self._answering.ask(
                    self._configuration,
                    self._prompt.system,
                    self._prompt.filled(item.values),
                    seconds=self._plan.answer_seconds,
                    temperature=self._plan.temperature,
                    tokens=self._plan.answer_tokens,
                )
            except ServerSilent as refused:
                problem = str(refused.details["problem"])[:80]
                continue
            scored = self._set.score(item, said.text)
            return self._kept(item, scored, "", said.tokens_in, said.tokens_out, said.seconds)
        return self._kept(item, Scored(0.0), problem or "no answer", 0, 0, 0.0)

    def _kept(
        self, item: Item, scored: Scored, failed: str, read: int, made: int, seconds: float
    ) -> KeptAnswer:
        return KeptAnswer(
            configuration=self._configuration.key,
            set_name=self._set.name,
            item=item.id,
            score=scored.score,
            label=scored.label,
            gold=item.gold[0] if item.choices else "",
            unreadable=scored.unreadable,
            failed=failed,
            tokens_in=read,
            tokens_out=made,
            seconds=seconds,
        )


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
