"""Imports FHIR R4 files, folders and archives into the chart: ``countersign import fhir PATH``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from countersign.ground.chart import (
    Chart,
    Limits,
    MissingReference,
    PreparedBundle,
    Received,
    Refusal,
    prepare,
    refusal,
)
from countersign.ground.identity import Principal
from countersign.ground.jobs import Compute
from countersign.kit.errors import CountersignError
from countersign.kit.ids import new_id

from . import files
from .files import Found

SOURCE = "import"

Progress = Callable[[int, int | None, str], None]
"""Hears how many files are done, of how many (None while unknown), and the last one's name."""


@dataclass(slots=True)
class Report:
    """What an import did. ``refused`` are a file's name and why; of a refused transaction
    nothing was taken in.
    """

    files: int = 0
    resources: int = 0
    unchanged: int = 0
    refused: list[tuple[str, Refusal]] = field(default_factory=list[tuple[str, Refusal]])


@dataclass(frozen=True, slots=True)
class _Task:
    found: Found
    limits: Limits


@dataclass(frozen=True, slots=True)
class _Done:
    """``raw`` comes back only where conditions must be looked up first."""

    name: str
    result: PreparedBundle | Refusal
    raw: bytes = field(repr=False, default=b"")


def import_fhir(
    path: Path,
    chart: Chart,
    compute: Compute,
    *,
    departments: Iterable[str] = (),
    progress: Progress | None = None,
) -> Report:
    """Takes in every file; what one file's refusal says does not stop the others.

    Identifiers are kept, so that an import that was interrupted, or is repeated, changes
    only what differs. A file that points to something not yet in the chart is tried again
    after all others. Raises UnreadablePath, LedgerUnavailable, DatabaseUnavailable.
    """
    work = _Import(chart, compute, tuple(departments), progress or _silent)
    work.run(path)
    return work.report


class _Import:
    def __init__(
        self, chart: Chart, compute: Compute, departments: tuple[str, ...], progress: Progress
    ) -> None:
        self.report = Report()
        self._chart = chart
        self._compute = compute
        self._departments = departments
        self._progress = progress
        self._principal = Principal.system("importer")

    def run(self, path: Path) -> None:
        total = files.count(path)
        limits = self._chart.limits
        later = self._pass(files.found(path, limits), total, last=False)
        while later:
            # A set of files may build on one another; each round must take in at least one.
            found = files.found(path, limits, wanted=later.__contains__)
            left = self._pass(found, total, last=False)
            if len(left) == len(later):
                self._pass(files.found(path, limits, wanted=left.__contains__), total, last=True)
                return
            later = left

    def _pass(self, found: Iterator[Found], total: int | None, last: bool) -> set[str]:
        """Returns the names of files that wait for others."""
        later: set[str] = set()
        tasks = (_Task(one, self._chart.limits) for one in found)
        for done in self._compute.map(prepared, tasks):
            outcome = self._take(done)
            if _waits(outcome) and not last:
                later.add(done.name)
                continue
            self._note(done.name, outcome)
            self._progress(self.report.files, total, done.name)
        return later

    def _take(self, done: _Done) -> Received | Refusal:
        if isinstance(done.result, Refusal):
            return done.result
        try:
            if done.result.asks:
                return self._chart.receive(
                    self._principal,
                    done.raw,
                    source=SOURCE,
                    departments=self._departments,
                    keep_ids=True,
                )
            return self._chart.take(
                self._principal, done.result, source=SOURCE, departments=self._departments
            )
        except CountersignError as problem:
            if problem.status >= 500:
                raise
            return refusal(problem)

    def _note(self, name: str, outcome: Received | Refusal) -> None:
        self.report.files += 1
        if isinstance(outcome, Refusal):
            self.report.refused.append((name, outcome))
            return
        unchanged = sum(1 for one in outcome.written if one.unchanged)
        self.report.unchanged += unchanged
        self.report.resources += len(outcome.written) - unchanged
        self.report.refused.extend((name, one) for one in outcome.refused)


def prepared(task: _Task) -> _Done:
    """Validates and indexes one file; runs in a process of the compute port."""
    name, raw = task.found.name, task.found.raw
    if isinstance(raw, Refusal):
        return _Done(name, raw)
    try:
        result = prepare(raw, task.limits, new_id, keep_ids=True)
    except CountersignError as problem:
        return _Done(name, refusal(problem))
    return _Done(name, result, raw if result.asks else b"")


def _waits(outcome: Received | Refusal) -> bool:
    return isinstance(outcome, Refusal) and outcome.code == MissingReference.code


def _silent(done: int, total: int | None, name: str) -> None:
    """Where nobody watches."""
