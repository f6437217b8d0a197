"""Makes cases of charts, keeps them searchable in memory, and compares a chart with them."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from threading import Lock

from countersign.ground.chart import Chart, PatientChart
from countersign.ground.identity import Action, Policy, Principal
from countersign.ground.jobs import Interrupted, JobContext
from countersign.ground.ledger import Receipt
from countersign.ground.library import CaseCollections, Collection
from countersign.kit.errors import CountersignError

from .domain import (
    Case,
    Groups,
    Near,
    Outcome,
    Shelf,
    as_json,
    case_of,
    from_json,
    groups,
    nearest,
)

KEPT = 40
"""Collections whose cases stay in memory in one process; the longest unused goes first."""


class NothingToCompare(CountersignError):
    code = "cases.nothing_to_compare"
    status = 409
    message = (
        "This chart names no coded problem, so no case can be compared with it. Enter one first."
    )


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a chart is compared by, what is near it, and how those cases ended."""

    chart: PatientChart
    case: Case
    near: tuple[Near, ...]
    ended: tuple[tuple[Outcome, int], ...]
    searched: int
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Preview:
    """A collection as its curator sees it before releasing: counts and the first cases."""

    collection: Collection
    groups: Groups
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class _Loaded:
    shelf: Shelf
    places: dict[int, list[int]]
    """From a patient's hash to where in the shelf their cases stand."""


class Cases:
    """The use cases of the room. One object for a process: it holds the shelves."""

    def __init__(self, chart: Chart, collections: CaseCollections, policy: Policy) -> None:
        self._chart = chart
        self._collections = collections
        self._policy = policy
        self._shelves: OrderedDict[tuple[str, int], _Loaded] = OrderedDict()
        self._lock = Lock()

    def like(self, principal: Principal, patient: str, limit: int = 10) -> Likeness:
        """The cases nearest to a chart, of those collections that this person may read.

        The patient's own case is left out. Raises Forbidden, NothingToCompare,
        LedgerUnavailable: without a receipt nothing is shown.
        """
        chart = self._chart.reader(principal).open(patient)
        mine = case_of((one.resource for one in chart.versions), whole=False)
        if mine is None:
            raise NothingToCompare
        released = [one for one in self._collections.all(principal) if one.state == "released"]
        loaded = {one.id: self._load(one) for one in released}
        index = self._collections.index(patient)
        own = [
            (name, place) for name, held in loaded.items() for place in held.places.get(index, [])
        ]
        shelves = {name: held.shelf for name, held in loaded.items()}
        near = tuple(nearest(mine, shelves, limit, own))
        receipt = self._collections.searched(
            principal, patient, [f"{one.shelf}/{one.place}" for one in near]
        )
        ended = Counter[Outcome](one.case.outcome for one in near)
        return Likeness(
            chart,
            mine,
            near,
            tuple(ended.most_common()),
            sum(len(shelf.cases) for shelf in shelves.values()) - len(own),
            receipt,
        )

    def preview(self, principal: Principal, collection: str, shown: int = 20) -> Preview:
        """Raises UnknownCollection."""
        found = self._collections.one(principal, collection)
        cases = [from_json(one.content) for one in self._collections.entries(collection)]
        return Preview(found, groups(cases), tuple(cases[:shown]))

    def build(self, collection: str, context: JobContext) -> None:
        """Fills a collection from the charts of its departments and leaves it to its curator.

        Left out: who refuses research or processing by AI, who or what bears a sensitivity
        label, whose stay has not ended, and charts without a coded problem.
        """
        found = self._collections.unfinished(collection)
        if found is None:
            return
        worker = Principal.system("worker")
        made: list[tuple[str, Case]] = []
        patients = self._chart.inhabitants(found.departments)
        for done, patient in enumerate(patients, start=1):
            if context.stopping:
                raise Interrupted
            case = self._case(worker, patient)
            if case is not None:
                made.append((patient, case))
            context.progress(done, len(patients))
        small = groups([case for _, case in made]).small
        self._collections.fill(
            worker,
            collection,
            [
                (patient, place in small, as_json(case))
                for place, (patient, case) in enumerate(made)
            ],
        )

    def _case(self, worker: Principal, patient: str) -> Case | None:
        facts = self._chart.facts_of(patient)
        if facts.sensitivity or "ai" in facts.refused:
            return None
        if not self._policy.decide(worker, Action.RESEARCH_INCLUDE, facts).allowed:
            return None
        chart = self._chart.reader(worker).open(patient)
        resources = (one.resource for one in chart.versions)
        return case_of(resources, sorted(facts.departments))

    def _load(self, collection: Collection) -> _Loaded:
        key = (collection.id, collection.entries)
        with self._lock:
            held = self._shelves.get(key)
            if held is not None:
                self._shelves.move_to_end(key)
                return held
        entries = self._collections.entries(collection.id)
        places: dict[int, list[int]] = {}
        for place, one in enumerate(entries):
            places.setdefault(one.patient_index, []).append(place)
        held = _Loaded(Shelf([from_json(one.content) for one in entries]), places)
        with self._lock:
            for old in [other for other in self._shelves if other[0] == collection.id]:
                del self._shelves[old]
            self._shelves[key] = held
            while len(self._shelves) > KEPT:
                self._shelves.popitem(last=False)
        return held
