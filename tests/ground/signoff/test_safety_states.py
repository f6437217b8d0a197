"""Whatever order people act in, a recall closes when all have answered, and a case is decided
once, by the one last named, who is neither of the two."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from building import Building
from countersign.ground.db import Database
from countersign.ground.identity import Principal
from countersign.ground.signoff import ModelRecalled, RiskClass, model_node
from countersign.kit.errors import CountersignError
from countersign.kit.ids import new_id

TIMEKEEPER = Principal.system("timekeeper")
PEOPLE = st.sampled_from(["wang", "zhao", "li", "chen"])
ANSWERS = st.sampled_from(["stands", "corrected", "withdrawn"])
LIMITS = settings(
    max_examples=6,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_recalls_keep_their_states(database: Database) -> None:
    with_building(database, _recalls)


def test_cases_keep_their_states(database: Database) -> None:
    with_building(database, _cases)


def with_building(database: Database, machine: type) -> None:
    folder = Path(tempfile.mkdtemp(prefix="countersign-test-"))
    building = Building(database, folder)
    try:
        made = type("Machine", (machine,), {"building": building})
        run_state_machine_as_test(made, settings=LIMITS)
    finally:
        building.close()
        shutil.rmtree(folder)


class _recalls(RuleBasedStateMachine):  # noqa: N801 - not a test class by itself
    building: Building

    @initialize()
    def begin(self) -> None:
        self.model = self.building._register(f"m-{new_id()[-12:]}", "1")
        self.recall: str | None = None
        self.tasks = 0
        self.answered: dict[str, str] = {}

    @precondition(lambda self: self.tasks < 3)
    @rule(name=PEOPLE)
    def sign(self, name: str) -> None:
        explained = self.building.explanation(model=self.model)
        try:
            self.building.released(name, explanation=explained)
        except ModelRecalled:
            assert self.recall is not None
        else:
            assert self.recall is None
            self.tasks += 1

    @precondition(lambda self: self.recall is None and self.tasks > 0)
    @rule()
    def start(self) -> None:
        self.recall = self.building.signoff.recalls.start(
            self.building.who("admin"), model_node(self.model.label), "It is wrong too often."
        )

    @precondition(lambda self: self.recall is not None)
    @rule(name=PEOPLE, by=PEOPLE, answer=ANSWERS)
    def answer(self, name: str, by: str, answer: str) -> None:
        reviews = self.building.signoff.reviews
        mine = [one for one in reviews.mine(self.building.who(name))
                if one.recall_id == self.recall]  # fmt: skip
        for task in mine[:1]:
            allowed = name == by and task.id not in self.answered
            try:
                reviews.answer(self.building.who(by), task.id, answer, "")
            except CountersignError:
                assert not allowed
            else:
                assert allowed
                self.answered[task.id] = answer

    @invariant()
    def closed_when_all_have_answered(self) -> None:
        if getattr(self, "recall", None) is None:
            return
        admin = self.building.who("admin")
        recall = self.building.signoff.recalls.one(admin, str(self.recall))
        assert recall.tasks == self.tasks
        assert recall.answered == len(self.answered)
        assert (recall.closed_at is not None) == (recall.answered == recall.tasks)
        versions = self.building.signoff.recalls.touched(admin, recall.id, "version", 50, 0)
        labels = self.building.signoff.labels.of_references(
            one.node.removeprefix("version:") for one in versions
        )
        waiting = recall.tasks - recall.answered
        stand = sum(one == "stands" for one in self.answered.values())
        assert len(labels) == 2 * (self.tasks - stand)
        assert sum(one == "under-recall" for one in labels.values()) == 2 * waiting


class _cases(RuleBasedStateMachine):  # noqa: N801
    building: Building

    @initialize(name=PEOPLE)
    def begin(self, name: str) -> None:
        draft = self.building.drafted(risk=RiskClass.HIGH)
        self.building.decide(name, draft, "reject", reason="policy-contradicts")
        self.party = name
        self.draft = draft
        self.decided_by: str | None = None

    @rule(name=PEOPLE, outcome=st.sampled_from(["neither", "rejection-stands", "nonsense"]))
    def decide(self, name: str, outcome: str) -> None:
        case = self._case()
        person = self.building.people[name]
        allowed = self.decided_by is None and case.senior == person and outcome != "nonsense"
        try:
            self.building.signoff.adjudication.decide(
                self.building.who(name), case.id, outcome, "judgement", "Because of the chart."
            )
        except CountersignError:
            assert not allowed
        else:
            assert allowed
            self.decided_by = person

    @rule()
    def time_passes(self) -> None:
        with psycopg.connect(self.building.database.owner_conninfo) as owner:
            owner.execute("alter table signoff.adjudication_step disable trigger append_only")
            owner.execute("update signoff.adjudication_step set due_at = now() - interval '1 h'"
                          " where kind <> 'decided'")  # fmt: skip
            owner.execute("alter table signoff.adjudication_step enable always trigger append_only")

    @rule()
    def escalate(self) -> None:
        before = self._case()
        self.building.signoff.adjudication.escalate(TIMEKEEPER)
        after = self._case()
        if before.overdue:
            assert after.step == "escalated" and not after.overdue
        else:
            assert after == before

    @invariant()
    def the_senior_is_neither_of_the_two(self) -> None:
        if not hasattr(self, "draft"):
            return
        case = self._case()
        assert case.senior != self.building.people[self.party]
        assert (case.outcome is not None) == (self.decided_by is not None)
        if case.outcome is not None:
            assert case.senior == self.decided_by
        assert self.building.state(self.draft) == "rejected"

    def _case(self):  # noqa: ANN202
        cases = self.building.signoff.adjudication.all(self.building.who("admin"))
        (found,) = [one for one in cases if one.draft_id == self.draft]
        return found
