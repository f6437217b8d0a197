"""The clock is set back under the whole house: nothing that was over begins again unseen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from building import PASSWORD, PATIENT, Building
from countersign.app.readiness import Readiness
from countersign.ground.db import Database
from countersign.ground.identity import (
    Code,
    Locked,
    Party,
    Password,
    SecondFactorNeeded,
    Stated,
    WrongPassword,
    WrongProof,
)
from countersign.ground.identity.totp import code, step_at
from countersign.ground.ledger import Event, EventKind
from countersign.kit.errors import CountersignError

HERE = Party("http://localhost", "localhost", "Countersign")
WHY = "The patient lies unconscious before me and nobody of the ward answers."


class Clock:
    """The machine's clock, and by how much it was set wrong."""

    def __init__(self) -> None:
        self.wrong = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.wrong


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def building(
    module_database: Database, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("home"), clock)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def right_again(clock: Clock) -> Iterator[None]:
    yield
    clock.wrong = timedelta(0)


def test_the_order_of_the_ledger_and_its_proofs_do_not_depend_on_it(
    building: Building, clock: Clock
) -> None:
    building.released()
    before = building.ledger.checkpoint()
    clock.wrong = timedelta(days=-400)
    draft = building.drafted()
    building.ledger.record(Event(EventKind.CHART_VIEWED, "person:1"))
    after = building.ledger.checkpoint()
    assert after.size > before.size and building.ledger.verify([before.note]).sound
    events = building.events()
    assert events[-1].at < events[0].at, "leaves say what the clock said"
    assert [event.index for event in events] == list(range(len(events)))
    proposed = building.rows("select proposed_at as at from signoff.draft where id = %s", draft)
    assert proposed[0]["at"] > events[0].at, "deadlines are the database's"


def test_monitoring_is_told(building: Building, clock: Clock) -> None:
    for wrong, good in (
        (timedelta(0), True),
        (timedelta(minutes=-5), False),
        (timedelta(minutes=5), False),
    ):
        clock.wrong = wrong
        assert Readiness(building.house).checks()["clock"] is good
    clock.wrong = timedelta(hours=1)  # what comes from the future stays when the clock is right
    building.ledger.record(Event(EventKind.CHART_VIEWED, "person:1"))
    clock.wrong = timedelta(0)
    assert Readiness(building.house).checks()["clock"] is False
    building.ledger.record(Event(EventKind.CHART_VIEWED, "person:1"))
    assert Readiness(building.house).checks()["clock"] is True


def test_a_licence_that_ended_signs_nothing_on_an_earlier_day(
    building: Building, clock: Clock
) -> None:
    draft = building.drafted()
    clock.wrong = timedelta(days=-30)
    building._tokens.clear()  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(CountersignError):
        building.accept("lapsed", draft)
    assert building.state(draft) == "open"


def test_a_draft_that_expired_is_not_signed(building: Building, clock: Clock) -> None:
    late = building.drafted(valid_days=1e-6)
    time.sleep(0.2)
    clock.wrong = timedelta(days=-1)
    building._tokens.clear()  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(CountersignError):
        building.accept("wang", late)


def test_an_emergency_access_does_not_outlive_its_end(building: Building, clock: Clock) -> None:
    building._tokens.clear()  # pyright: ignore[reportPrivateUsage]
    stranger, chart = building.who("stranger"), building.floor.chart
    stated = Stated("emergency", WHY)
    building.floor.glass.open(stranger, chart.named(PATIENT), stated, timedelta(seconds=2))
    assert chart.reader(building.who("stranger")).read("Observation", "o1")
    time.sleep(2.5)
    clock.wrong = timedelta(minutes=-4)
    with pytest.raises(CountersignError):
        chart.reader(building.who("stranger")).read("Observation", "o1")


def test_a_session_that_was_used_later_than_now_is_over(building: Building, clock: Clock) -> None:
    accounts = building.floor.accounts
    token = accounts.sign_in("nurse", PASSWORD).token
    assert accounts.principal_for(token) is not None
    clock.wrong = timedelta(minutes=-3)
    assert accounts.principal_for(token) is not None, "a small correction disturbs nobody"
    clock.wrong = timedelta(minutes=-6)
    assert accounts.principal_for(token) is None


def test_a_session_that_was_ended_stays_ended(building: Building, clock: Clock) -> None:
    accounts = building.floor.accounts
    token = accounts.sign_in("chen", PASSWORD).token
    accounts.sign_out(token)
    clock.wrong = timedelta(seconds=-30)
    assert accounts.principal_for(token) is None


def test_a_code_that_was_used_is_not_taken_again(building: Building, clock: Clock) -> None:
    accounts, entrance = building.floor.accounts, building.floor.entrance
    token = accounts.sign_in("li", PASSWORD).token
    entrance.step_up(token, Password(PASSWORD), HERE)
    holder = entrance.enrolment.holder(token)
    secret = entrance.enrolment.secret(holder)
    used = code(secret, step_at(clock()))
    entrance.enrolment.confirm(holder, used)
    for minutes in (0, -1, -10):
        clock.wrong = timedelta(minutes=minutes)
        with pytest.raises(SecondFactorNeeded) as needed:
            accounts.sign_in("li", PASSWORD)
        for shown in {used, code(secret, step_at(clock()))}:
            with pytest.raises((WrongProof, Locked)):
                entrance.finish(needed.value.pending, Code(shown), HERE, None)


def test_a_name_that_is_locked_stays_locked(building: Building, clock: Clock) -> None:
    accounts = building.floor.accounts
    for _ in range(6):
        with pytest.raises((WrongPassword, Locked)):
            accounts.sign_in("pathologist", "not the password")
    with pytest.raises(Locked):
        accounts.sign_in("pathologist", PASSWORD)
    clock.wrong = timedelta(hours=-2)
    with pytest.raises(Locked):
        accounts.sign_in("pathologist", PASSWORD)
