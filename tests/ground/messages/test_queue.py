"""Received, processed, failed, retried, set aside: never lost, never twice, always in order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from psycopg import errors

from building import Building
from countersign.ground.db import Database, DbRole
from countersign.ground.identity import Forbidden, Principal, Purpose, Role
from countersign.ground.messages import Arrived, NotInThisState, State

ADMIN = Principal(
    "admin", "Admin", "person", roles=frozenset({Role.ADMINISTRATOR}), purpose=Purpose.OPERATIONS
)
NURSE = Principal("nurse", "Nurse", "person", roles=frozenset({Role.NURSE}))
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def building(module_database: Database) -> Iterator[Building]:
    with tempfile.TemporaryDirectory() as folder:
        made = Building(module_database, Path(folder))
        yield made
        made.close()


def arrived(control: str, person: str = "one", raw: bytes = b"MSH") -> Arrived:
    return Arrived(raw + control.encode(), "LIS|LAB", control, "ORU^R01", "2.5", people=(person,))


class Queue(RuleBasedStateMachine):
    """The queue beside a list of what must be true of it."""

    building: Building

    @initialize()
    def begin(self) -> None:
        self.box = self.building.floor.messages.inbox
        self.desk = self.building.floor.messages.handling
        self.known: dict[str, tuple[str, str]] = {}
        self.state: dict[str, State] = {}
        self.order: list[str] = []
        with psycopg.connect(self.building.database.owner_conninfo) as owner:
            owner.execute("alter table messages.incoming disable trigger kept")
            owner.execute("delete from messages.incoming")
            owner.execute("alter table messages.incoming enable always trigger kept")

    @rule(control=st.integers(0, 6), person=st.sampled_from(["one", "two"]), again=st.booleans())
    def receive(self, control: int, person: str, again: bool) -> None:
        batch = [arrived(f"M{control}", person, person.encode())] * (2 if again else 1)
        kept = self.box.keep(batch)
        key = (f"M{control}", person)
        assert len({one.id for one in kept}) == 1
        assert all(one.again for one in kept) is (key in self.known.values())
        if key not in self.known.values():
            self.known[kept[0].id] = key
            self.state[kept[0].id] = State.RECEIVED
            self.order.append(kept[0].id)

    @rule(fails=st.booleans())
    def process(self, fails: bool) -> None:
        for identifier in self.box.due()[:1]:
            if fails:
                self.box.failed(identifier, "hl7v2.other-person")
                self.state[identifier] = State.FAILED
            else:
                self.box.processed(self.box.open(identifier), None, ())
                self.state[identifier] = State.PROCESSED

    @rule(place=st.integers(0, 12))
    def retry(self, place: int) -> None:
        if not self.order:
            return
        identifier = self.order[place % len(self.order)]
        if self.state[identifier] is State.RECEIVED:
            with pytest.raises(NotInThisState):
                self.desk.retry(identifier, ADMIN)
            return
        self.desk.retry(identifier, ADMIN)
        person = self.known[identifier][1]
        self.state[identifier] = State.RECEIVED
        for later in self.order[self.order.index(identifier) + 1 :]:
            same = self.known[later][1] == person
            if same and self.state[later] in (State.PROCESSED, State.FAILED):
                self.state[later] = State.RECEIVED

    @rule(place=st.integers(0, 12))
    def set_aside(self, place: int) -> None:
        if not self.order:
            return
        identifier = self.order[place % len(self.order)]
        if self.state[identifier] is not State.FAILED:
            with pytest.raises(NotInThisState):
                self.desk.set_aside(identifier, ADMIN)
            return
        self.desk.set_aside(identifier, ADMIN)
        self.state[identifier] = State.SET_ASIDE

    @rule()
    def replay(self) -> None:
        self.desk.replay(LONG_AGO, ADMIN)
        for identifier, state in self.state.items():
            if state in (State.PROCESSED, State.FAILED):
                self.state[identifier] = State.RECEIVED

    @invariant()
    def nothing_is_lost_or_twice(self) -> None:
        rows = self.building.rows("select id, state from messages.incoming order by number")
        assert [row["id"] for row in rows] == self.order
        assert {row["id"]: row["state"] for row in rows} == self.state

    @invariant()
    def only_those_are_due_that_wait_for_nobody(self) -> None:
        blocked: set[str] = set()
        due: list[str] = []
        for identifier in self.order:
            person = self.known[identifier][1]
            if self.state[identifier] is State.FAILED:
                blocked.add(person)
            elif self.state[identifier] is State.RECEIVED and person not in blocked:
                due.append(identifier)
        assert self.box.due() == due


def test_the_queue_keeps_its_promises(building: Building) -> None:
    Queue.building = building
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    Queue.TestCase.settings = settings(
        max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=slow
    )
    Queue.TestCase("runTest").runTest()


def test_who_may_not_looks_at_nothing_and_changes_nothing(building: Building) -> None:
    desk = building.floor.messages.handling
    for attempt in (
        lambda: desk.counts(NURSE),
        lambda: desk.listed(NURSE, None, None),
        lambda: desk.retry("x", NURSE),
        lambda: desk.set_aside("x", NURSE),
        lambda: desk.replay(LONG_AGO, NURSE),
    ):
        with pytest.raises(Forbidden):
            attempt()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("update messages.incoming set sender = 'another'", "CSM03"),
        ("update messages.incoming set box = '\\x00'", "CSM03"),
        ("update messages.incoming set verdict = 'AR'", "CSM03"),
        ("update messages.incoming set state = 'set-aside'", "CSM04"),
        ("delete from messages.incoming", "CSM02"),
    ],
)
def test_the_database_lets_nobody_change_what_came(
    building: Building, change: Any, code: str
) -> None:
    building.floor.messages.inbox.keep([arrived("M-kept", "three")])
    with (
        pytest.raises(errors.Error) as refused,
        building.database.pool(DbRole.INTERFACE).transaction() as connection,
    ):
        connection.execute(change)
    assert refused.value.sqlstate == code


def test_what_is_done_is_cleared_away_after_its_time_and_not_before(building: Building) -> None:
    (kept,) = building.floor.messages.inbox.keep([arrived("M-old", "four")])
    box = building.floor.messages.inbox
    box.processed(box.open(kept.id), None, ())
    assert box.clear(90) == 0
    with psycopg.connect(building.database.owner_conninfo) as owner:
        owner.execute("alter table messages.incoming disable trigger kept")
        owner.execute(
            "update messages.incoming set changed_at = now() - interval '91 days' where id = %s",
            (kept.id,),
        )
        owner.execute("alter table messages.incoming enable always trigger kept")
    assert box.clear(90) == 1
