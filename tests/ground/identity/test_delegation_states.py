"""Delegations as a state machine on a real PostgreSQL: nothing overlaps, and time decides alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from countersign.ground.db import Database
from countersign.ground.identity import (
    Appointment,
    ColleagueAway,
    DelegationOver,
    DelegationOverlaps,
    Delegations,
    DelegationUnknown,
    LicenceKind,
    Principal,
    Purpose,
    Role,
    StandsInThen,
)
from countersign.ground.identity.rights import standing
from countersign.kit.ids import new_id
from ground.identity.world import INSTALLER, World

ZONE = ZoneInfo("Asia/Shanghai")
PEOPLE = 4
SOME = st.integers(0, PEOPLE - 1)
HOUR = timedelta(hours=1)
OVERLAPS = (DelegationOverlaps, StandsInThen, ColleagueAway)


@dataclass
class Asked:
    """What the model knows of one row."""

    by: int
    to: int
    begins: int
    ends: int
    accepted: bool = False
    gone: bool = False

    def meets(self, other: Asked) -> bool:
        return self.begins < other.ends and other.begins < self.ends


class Leaves(RuleBasedStateMachine):
    """Four physicians, and leaves that begin and end on whole hours of the next days."""

    world: World
    delegations: Delegations

    def __init__(self) -> None:
        super().__init__()
        self.people = [self._physician(number) for number in range(PEOPLE)]
        self.start = datetime.now(UTC) + 2 * HOUR
        self.rows: dict[str, Asked] = {}

    def _physician(self, number: int) -> Principal:
        people = self.world.people
        person = people.add(f"Physician {number}", by=INSTALLER)
        people.grant(person, Role.PHYSICIAN, by=INSTALLER)
        dates = (date(2020, 1, 1), date(2100, 1, 1))
        people.license(person, LicenceKind.PHYSICIAN, *dates, by=INSTALLER)
        with psycopg.connect(self.world.database.owner_conninfo) as owner:
            owner.execute(
                "insert into identity.account (person_id, username, password_hash, changed_at)"
                " values (%s, %s, 'none', now())",
                (person, person),
            )
        return Principal(
            person,
            "P",
            "person",
            roles=frozenset({Role.PHYSICIAN}),
            licences=frozenset({LicenceKind.PHYSICIAN}),
        )

    @rule(by=SOME, to=SOME, begins=st.integers(0, 40), lasts=st.integers(1, 20))
    def appoint(self, by: int, to: int, begins: int, lasts: int) -> None:
        if by == to:
            return
        new = Asked(by, to, begins, begins + lasts)
        starts, ends = self.start + begins * HOUR, self.start + (begins + lasts) * HOUR
        wanted = Appointment(self.people[to].id, "inbox", starts, ends, "on leave")
        try:
            made = self.delegations.appoint(self.people[by], wanted)
        except OVERLAPS:
            assert self._conflicts(new), new
        else:
            assert not self._conflicts(new), new
            self.rows[made] = new

    @rule(who=SOME, which=st.integers(0, 30))
    def accept(self, who: int, which: int) -> None:
        self._answer("accept", who, which)

    @rule(who=SOME, which=st.integers(0, 30))
    def decline(self, who: int, which: int) -> None:
        self._answer("decline", who, which)

    def _answer(self, step: str, who: int, which: int) -> None:
        if not self.rows:
            return
        name, row = list(self.rows.items())[which % len(self.rows)]
        concerned = who in (row.by, row.to)
        may = who == row.to and not row.accepted and not row.gone
        try:
            getattr(self.delegations, step)(self.people[who], name)
        except OVERLAPS:
            assert may and step == "accept" and self._conflicts(row, name)
        except (DelegationOver, DelegationUnknown) as problem:
            assert not may
            assert isinstance(problem, DelegationOver) == concerned
        else:
            assert may
            row.accepted, row.gone = step == "accept", step == "decline"

    @rule(who=SOME, which=st.integers(0, 30))
    def end(self, who: int, which: int) -> None:
        if not self.rows:
            return
        name, row = list(self.rows.items())[which % len(self.rows)]
        may = not row.gone and (who == row.by or who == row.to and row.accepted)
        try:
            self.delegations.end(self.people[who], name)
        except (DelegationOver, DelegationUnknown):
            assert not may
        else:
            assert may
            row.gone = True

    def _conflicts(self, new: Asked, name: str = "") -> bool:
        return any(
            one.by == new.by or one.accepted and one.to == new.by or one.by == new.to
            for other, one in self.rows.items()
            if other != name and not one.gone and one.meets(new)
        )

    @invariant()
    def nobody_is_away_twice_or_lends_what_was_lent(self) -> None:
        live = [one for one in self.rows.values() if one.accepted and not one.gone]
        for one, other in combinations(live, 2):
            if one.meets(other):
                assert one.by != other.by and one.by != other.to and one.to != other.by

    def teardown(self) -> None:
        """At every moment the rights are those of the delegations in force then, and no others."""
        edges = {hour for one in self.rows.values() for hour in (one.begins, one.ends)}
        moments = [(hour, minutes) for hour in edges for minutes in (-1, 0, 1)]
        with self.world.pool.reading() as connection:
            for who, person in enumerate(self.people):
                for hour, minutes in moments[:24]:
                    now = self.start + hour * HOUR + timedelta(minutes=minutes)
                    found = standing(connection, person.id, Purpose.TREATMENT, now, ZONE)
                    assert found is not None
                    at = hour + minutes / 60
                    assert {one.person for one in found.lent} == {
                        self.people[one.by].id
                        for one in self.rows.values()
                        if one.to == who and one.accepted and not one.gone
                        and one.begins <= at < one.ends
                    }  # fmt: skip


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    made = World(database)
    yield made
    made.ledger.close()


def test_delegations_go_through_their_states_and_nothing_overlaps(world: World) -> None:
    made = Delegations(
        world.pool, world.ledger, world.policy, world.vault, world.people, new_id, lambda: None
    )
    machine: Any = type("OnThisDatabase", (Leaves,), {"world": world, "delegations": made})
    limits = settings(
        max_examples=20,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=limits)
