"""Whoever tries passwords is slowed down, many at once included, and learns no names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from countersign.ground.identity import Locked, Role, WrongPassword
from countersign.ground.identity.lockout import FORGOTTEN, LONGEST, delay
from ground.identity.world import PASSWORD, World


def fail(world: World, name: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            world.accounts.sign_in(name, "wrong password")


def locked_for(world: World, name: str, password: str = PASSWORD) -> int:
    with pytest.raises(Locked) as refused:
        world.accounts.sign_in(name, password)
    assert (refused.value.code, refused.value.status) == ("identity.locked", 429)
    seconds = refused.value.details["seconds"]
    assert isinstance(seconds, int)
    assert f"Wait {seconds} seconds" in str(refused.value)
    return seconds


@pytest.mark.parametrize("name", ["chen", "nobody"])
def test_the_sixth_attempt_waits_longer_and_longer(world: World, name: str) -> None:
    world.person("chen", Role.PHYSICIAN)
    fail(world, name, 5)
    waits: list[int] = []
    for _ in range(4):
        waits.append(locked_for(world, name))
        world.clock.move(seconds=waits[-1] - 0.5)
        assert locked_for(world, name) == 1
        world.clock.move(seconds=0.5)
        fail(world, name, 1)
    assert waits == [30, 60, 120, 240]


def test_the_right_password_waits_as_well_and_then_opens(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    fail(world, "chen", 5)
    locked_for(world, "chen", PASSWORD)
    world.clock.move(seconds=30)
    world.accounts.sign_in("chen", PASSWORD)
    fail(world, "chen", 4)
    world.accounts.sign_in("chen", PASSWORD)


def test_one_account_does_not_lock_another_nor_its_open_sessions(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    world.person("wu", Role.NURSE)
    token = world.accounts.sign_in("chen", PASSWORD).token
    fail(world, "chen", 5)
    world.clock.move(seconds=5)
    world.accounts.sign_in("wu", PASSWORD)
    assert world.accounts.principal_for(token) is not None


def test_other_spellings_of_a_name_count_together(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    for spelling in ("chen", "CHEN", " Chen ", "ｃｈｅｎ", "chen"):
        fail(world, spelling, 1)
    locked_for(world, "cheN")


@pytest.mark.parametrize("name", ["chen", "nobody"])
def test_attempts_at_the_same_moment_try_five_passwords_and_no_more(
    world: World, name: str
) -> None:
    world.person("chen", Role.PHYSICIAN)

    def attempt(number: int) -> type[Exception]:
        try:
            world.accounts.sign_in(name, f"guess number {number}")
        except (WrongPassword, Locked) as refused:
            return type(refused)
        raise AssertionError

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(attempt, range(64)))
    assert answers.count(WrongPassword) == 5
    assert answers.count(Locked) == 59
    failed = world.events("sign-in-failed")
    assert sorted(event.detail["failures"] for event in failed) == [1, 2, 3, 4, 5]


def test_refused_attempts_are_told_with_the_next_failure(world: World) -> None:
    fail(world, "nobody", 5)
    for _ in range(7):
        locked_for(world, "nobody")
    world.clock.move(minutes=1)
    fail(world, "nobody", 1)
    assert world.events("sign-in-failed")[-1].detail == {"failures": 6, "refused": 7}


def test_a_quiet_day_forgets_and_old_names_are_not_kept(world: World) -> None:
    fail(world, "nobody", 4)
    fail(world, "somebody", 1)
    world.clock.move(seconds=FORGOTTEN.total_seconds() + 1)
    fail(world, "nobody", 4)
    with pytest.raises(WrongPassword):
        world.accounts.sign_in("nobody", "wrong password")
    locked_for(world, "nobody")
    rows = world.pool.rows("select failures from identity.attempt")
    assert rows == [{"failures": 5}]


def test_the_delay_grows_to_a_quarter_of_an_hour_and_stays_there() -> None:
    delays = [delay(failures) for failures in range(200)]
    assert delays[:6] == [timedelta(0)] * 5 + [timedelta(seconds=30)]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST == timedelta(minutes=15)
