"""Second factors at sign-in: who is asked, what is taken once, and what nobody gets round."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest

from countersign.ground.identity import (
    Code,
    Entrance,
    Forbidden,
    Holder,
    Locked,
    NotEnrolled,
    NotFound,
    Party,
    Passkey,
    PasskeyRefused,
    Password,
    Role,
    SecondFactor,
    SecondFactorNeeded,
    SignedOut,
    StepUpNeeded,
    WrongPassword,
    WrongProof,
)
from countersign.ground.identity.totp import code, step_at
from ground.identity.world import PASSWORD, World

HERE = Party("http://localhost", "localhost", "Countersign")


def begun(world: World, username: str, **process: object) -> str:
    """The password is right, and a second proof is owed."""
    with pytest.raises(SecondFactorNeeded) as needed:
        world.process(**process).sign_in(username, PASSWORD)  # type: ignore[arg-type]
    assert needed.value.pending not in needed.value.sentence()
    assert needed.value.details == {}
    return needed.value.pending


def shown(world: World, secret: str, away: int = 0) -> str:
    """What the telephone shows at this moment."""
    return code(secret, step_at(world.clock()) + away)


def present(world: World, username: str = "doctor") -> tuple[str, Holder]:
    """Signed in and provably there."""
    token = world.accounts.sign_in(username, PASSWORD).token
    world.entrance.step_up(token, Password(PASSWORD), HERE)
    return token, world.entrance.enrolment.holder(token)


def enrolled(world: World, username: str = "doctor") -> tuple[str, tuple[str, ...]]:
    """The secret and the recovery codes of somebody who has set up an application."""
    _, holder = present(world, username)
    secret = world.entrance.enrolment.secret(holder)
    made = world.entrance.enrolment.confirm(holder, shown(world, secret))
    return secret, made.codes


@pytest.fixture
def doctor(world: World) -> str:
    return world.person("doctor", Role.PHYSICIAN)


def test_who_has_one_is_asked_for_it_and_let_in_with_it(world: World, doctor: str) -> None:
    secret, codes = enrolled(world)
    assert len(set(codes)) == 10
    world.clock.move(seconds=60)
    pending = begun(world, "doctor")
    waiting = world.entrance.waiting(pending)
    assert waiting is not None
    assert (waiting.person, waiting.enrolled) == (doctor, True)
    assert world.accounts.principal_for(pending) is None, "half a sign-in opens nothing"
    # Any process finishes what another began.
    signed_in = world.enter().finish(pending, Code(shown(world, secret)), HERE, None)
    assert signed_in.principal.id == doctor
    assert world.events("sign-in")[-1].detail == {
        "purpose": "treatment", "way": "password", "factor": "totp",
    }  # fmt: skip
    with pytest.raises(SignedOut):
        world.entrance.finish(pending, Code(shown(world, secret)), HERE, None)


def test_a_code_is_taken_once(world: World, doctor: str) -> None:
    secret, _ = enrolled(world)
    pending = begun(world, "doctor")
    for away in (0, -1):  # the one that set it up, and an earlier one
        with pytest.raises(WrongProof):
            world.entrance.finish(pending, Code(shown(world, secret, away)), HERE, None)
    assert world.events("sign-in-failed")[-1].detail == {"reason": "identity.wrong_proof"}
    later = shown(world, secret, 1)
    world.entrance.finish(pending, Code(later), HERE, None)
    with pytest.raises(WrongProof):
        world.entrance.finish(begun(world, "doctor"), Code(later), HERE, None)


def test_of_many_at_once_with_the_same_code_one_gets_in(world: World, doctor: str) -> None:
    secret, codes = enrolled(world)
    world.clock.move(seconds=60)
    for given in (shown(world, secret), codes[0]):
        tokens, refused = list[str](), list[Exception]()

        def attempt(pending: str, text: str, tokens: list[str], refused: list[Exception]) -> None:
            try:
                tokens.append(world.enter().finish(pending, Code(text), HERE, None).token)
            except (WrongProof, SignedOut, Locked) as problem:
                refused.append(problem)

        threads = [
            Thread(target=attempt, args=(begun(world, "doctor"), given, tokens, refused))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(tokens), len(refused)) == (1, 3), refused
        world.clock.move(hours=25)  # the attempts of before are forgotten


def test_guessing_codes_is_slowed_down_in_every_process(world: World, doctor: str) -> None:
    secret, _ = enrolled(world)
    world.clock.move(seconds=60)
    pending = begun(world, "doctor")
    for _ in range(5):
        with pytest.raises(WrongProof):
            world.enter().finish(pending, Code("000000"), HERE, None)
    with pytest.raises(Locked):
        world.enter().finish(pending, Code(shown(world, secret)), HERE, None)
    assert len(world.events("sign-in-failed")) == 5, "an attempt that is not heard says nothing"
    # The name at the sign-in page locks nobody's second factor, and the other way round.
    world.clock.move(seconds=31)
    assert begun(world, "doctor")
    world.entrance.finish(pending, Code(shown(world, secret)), HERE, None)


def test_wrong_passwords_are_counted_over_all_processes(world: World, doctor: str) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            world.process().sign_in("doctor", "a guess")
    with pytest.raises(Locked):
        world.process().sign_in("doctor", PASSWORD)


def test_a_recovery_code_is_good_once_and_new_ones_end_the_old(world: World, doctor: str) -> None:
    _, codes = enrolled(world)
    signed_in = world.entrance.finish(
        begun(world, "doctor"), Code(f" {codes[0].lower()} "), HERE, None
    )
    assert world.events("sign-in")[-1].detail["factor"] == "recovery"
    with pytest.raises(WrongProof):
        world.entrance.finish(begun(world, "doctor"), Code(codes[0]), HERE, None)
    assert world.entrance.enrolment.codes_left(doctor) == 9
    world.entrance.step_up(signed_in.token, Code(codes[1]), HERE)
    fresh = world.entrance.enrolment.renew_codes(world.entrance.enrolment.holder(signed_in.token))
    assert not set(fresh) & set(codes)
    with pytest.raises(WrongProof):
        world.entrance.finish(begun(world, "doctor"), Code(codes[2]), HERE, None)


def test_nothing_secret_lies_in_the_database_or_the_ledger(world: World, doctor: str) -> None:
    secret, codes = enrolled(world)
    dumped = "".join(
        str(row)
        for table in ("factor", "recovery", "enrolment", "pending")
        for row in world.pool.rows(f"select t::text from identity.{table} t")  # type: ignore[arg-type]
    )
    said = "".join(str(event.body) for event in world.events())
    plain = [one.replace("-", "") for one in codes]
    for word in (secret, *codes, *plain):
        assert word not in dumped
        assert word not in said


@pytest.mark.parametrize(
    ("setting", "role", "asked"),
    [
        (SecondFactor.NO, Role.PHYSICIAN, False),
        (SecondFactor.SIGNERS, Role.PHYSICIAN, True),
        (SecondFactor.SIGNERS, Role.PATHOLOGIST, True),
        (SecondFactor.SIGNERS, Role.NURSE, False),
        (SecondFactor.SIGNERS, Role.AUDITOR, False),
        (SecondFactor.EVERYBODY, Role.AUDITOR, True),
    ],
)
def test_the_setting_says_of_whom_one_is_demanded(
    world: World, setting: SecondFactor, role: Role, asked: bool
) -> None:
    world.person("somebody", role)
    accounts = world.process(second=setting)
    if asked:
        with pytest.raises(SecondFactorNeeded):
            accounts.sign_in("somebody", PASSWORD)
    else:
        assert accounts.sign_in("somebody", PASSWORD)


def test_where_it_is_demanded_it_is_set_up_at_sign_in(world: World, doctor: str) -> None:
    accounts = world.process(second=SecondFactor.SIGNERS)
    entrance = world.enter(accounts)
    pending = begun(world, "doctor", second=SecondFactor.SIGNERS)
    holder = entrance.enrolment.newcomer(pending)
    secret = entrance.enrolment.secret(holder)
    assert entrance.enrolment.secret(holder) == secret, "a page loaded again shows the same"
    with pytest.raises(WrongProof):
        entrance.finish_enrolled(pending, "000000", None)
    signed_in, made = entrance.finish_enrolled(pending, shown(world, secret), None)
    assert signed_in.principal.id == doctor
    assert len(made.codes) == 10
    assert world.events("factor-enrolled")[-1].actor == f"person:{doctor}"


def test_a_password_alone_never_adds_a_factor_to_one_that_is_there(
    world: World, doctor: str
) -> None:
    """Who stole the password must not set up a telephone of their own."""
    enrolled(world)
    pending = begun(world, "doctor")
    with pytest.raises(SignedOut):
        world.entrance.enrolment.newcomer(pending)
    with pytest.raises(SignedOut):
        world.entrance.finish_enrolled(pending, "000000", None)


def test_a_half_sign_in_is_not_finished_without_a_proof(world: World, doctor: str) -> None:
    enrolled(world)
    world.clock.move(seconds=1)
    with pytest.raises(WrongProof):
        world.accounts.finish(begun(world, "doctor"), None, None)
    accounts = world.process(second=SecondFactor.EVERYBODY)
    world.person("nobody-yet", Role.NURSE)
    with pytest.raises(SecondFactorNeeded) as needed:
        accounts.sign_in("nobody-yet", PASSWORD)
    with pytest.raises(WrongProof):
        accounts.finish(needed.value.pending, None, None)


def test_a_half_sign_in_ends_after_a_while_and_with_a_new_password(
    world: World, doctor: str
) -> None:
    secret, _ = enrolled(world)
    world.clock.move(seconds=60)
    pending = begun(world, "doctor")
    world.clock.move(minutes=10)
    with pytest.raises(SignedOut):
        world.entrance.finish(pending, Code(shown(world, secret)), HERE, None)
    pending = begun(world, "doctor")
    admin = world.person("admin", Role.ADMINISTRATOR)
    by = world.accounts.sign_in("admin", PASSWORD).principal
    assert by.id == admin
    world.accounts.reset_password(doctor, "another long password", by=by)
    with pytest.raises(SignedOut):
        world.entrance.finish(pending, Code(shown(world, secret)), HERE, None)


def test_setting_one_up_needs_presence_first(world: World, doctor: str) -> None:
    token = world.accounts.sign_in("doctor", PASSWORD).token
    with pytest.raises(StepUpNeeded):
        world.entrance.enrolment.holder(token)
    with pytest.raises(SignedOut):
        world.entrance.enrolment.holder("made up")


def test_a_set_up_is_used_once_and_not_for_ever(world: World, doctor: str) -> None:
    _, holder = present(world)
    with pytest.raises(NotEnrolled):
        world.entrance.enrolment.confirm(holder, "000000")
    secret = world.entrance.enrolment.secret(holder)
    world.clock.move(minutes=16)
    with pytest.raises(NotEnrolled):
        world.entrance.enrolment.confirm(holder, shown(world, secret))
    secret = world.entrance.enrolment.secret(holder)
    world.entrance.enrolment.confirm(holder, shown(world, secret))
    with pytest.raises(NotEnrolled):
        world.entrance.enrolment.confirm(holder, shown(world, secret))
    # A second application takes the place of the first.
    world.entrance.enrolment.confirm(
        holder, shown(world, world.entrance.enrolment.secret(holder), 1)
    )
    assert len(world.entrance.enrolment.of(doctor)) == 1
    assert len(world.entrance.enrolment.of(doctor, removed=True)) == 1


def test_an_administrator_removes_what_was_lost_and_nobody_else_does(
    world: World, doctor: str
) -> None:
    _, codes = enrolled(world)
    world.person("admin", Role.ADMINISTRATOR)
    world.person("colleague", Role.PHYSICIAN)
    colleague = world.accounts.sign_in("colleague", PASSWORD).principal
    admin = world.accounts.sign_in("admin", PASSWORD).principal
    (factor,) = world.entrance.enrolment.of(doctor)
    for attempt in (
        lambda: world.entrance.enrolment.of_another(doctor, by=colleague),
        lambda: world.entrance.enrolment.remove_of_another(doctor, factor.id, by=colleague),
    ):
        with pytest.raises(Forbidden):
            attempt()
    _, mine = present(world, "colleague")
    with pytest.raises(NotFound):
        world.entrance.enrolment.remove(mine, factor.id)
    world.entrance.enrolment.remove_of_another(doctor, factor.id, by=admin)
    event = world.events("factor-removed")[-1]
    assert (event.actor, event.subject) == (admin.actor, f"person:{doctor}")
    assert event.detail == {"factor": "totp", "id": factor.id}
    # The password is enough again, and the codes on paper are worth nothing.
    token = world.accounts.sign_in("doctor", PASSWORD).token
    with pytest.raises(WrongProof):
        world.entrance.step_up(token, Code(codes[0]), HERE)
    (gone,) = world.entrance.enrolment.of(doctor, removed=True)
    assert gone.removed_by == admin.actor


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", "[" * 5000, "x" * 70_000, '{"id": 1}'])
def test_any_answer_in_place_of_a_passkey_is_refused_in_words(
    world: World, doctor: str, answer: str
) -> None:
    token, holder = present(world)
    world.entrance.enrolment.offer(holder, HERE)
    with pytest.raises(PasskeyRefused):
        world.entrance.enrolment.register(holder, HERE, answer, "mine")
    with pytest.raises(PasskeyRefused):
        world.entrance.step_up(token, Passkey(answer), HERE)


def test_a_number_in_place_of_a_host_name_has_no_passkeys() -> None:
    assert not Party("http://127.0.0.1:8000", "127.0.0.1", "x").possible
    assert not Party("http://[::1]:8000", "::1", "x").possible
    assert Party("https://ward.example", "ward.example", "x").possible


def test_presence_is_of_one_session_and_passes(world: World, doctor: str) -> None:
    token, _ = present(world)
    principal = world.accounts.required(token).principal
    assert world.entrance.presences.fresh(principal) is not None
    elsewhere = world.accounts.sign_in("doctor", PASSWORD).principal
    assert world.entrance.presences.fresh(elsewhere) is None
    assert world.events("stepped-up")[-1].detail == {"way": "password"}
    world.accounts.sign_out(token)
    assert world.entrance.presences.fresh(principal) is None
    brief: Entrance = world.enter(step_up=timedelta(microseconds=1))
    token = world.accounts.sign_in("doctor", PASSWORD).token
    brief.step_up(token, Password(PASSWORD), HERE)
    assert brief.presences.fresh(world.accounts.required(token).principal) is None


def test_a_wrong_proof_of_presence_is_counted_and_recorded(world: World, doctor: str) -> None:
    token = world.accounts.sign_in("doctor", PASSWORD).token
    for _ in range(5):
        with pytest.raises(WrongPassword):
            world.enter().step_up(token, Password("a guess"), HERE)
    with pytest.raises(Locked):
        world.enter().step_up(token, Password(PASSWORD), HERE)
    assert [event.detail["reason"] for event in world.events("step-up-refused")] == [
        "identity.wrong_password"
    ] * 5
