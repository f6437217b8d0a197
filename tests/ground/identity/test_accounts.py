"""Signing in and out as a person meets it, and what the ledger keeps of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest
from argon2 import PasswordHasher

from countersign.ground.db import DbRole
from countersign.ground.identity import (
    Accounts,
    BadCsrf,
    BadValue,
    Forbidden,
    LicenceKind,
    Locked,
    NameTaken,
    NotFound,
    PasswordIsName,
    PasswordTooShort,
    Principal,
    Purpose,
    Role,
    SignedIn,
    SignedOut,
    WrongPassword,
)
from countersign.ground.ledger import LedgerUnavailable
from countersign.kit.ids import new_id
from ground.identity.world import INSTALLER, PASSWORD, QUICK, World

LATER = "another long password"


def test_a_person_signs_in_with_everything_that_the_policy_needs(world: World) -> None:
    world.department("cardiology", "icu", "oncology")
    person = world.person("chen", Role.PHYSICIAN, Role.RESEARCHER)
    world.people.join(person, "cardiology", by=INSTALLER)
    now = world.clock()
    world.people.on_duty(person, "icu", now, now.replace(hour=9), by=INSTALLER)
    world.people.care(person, "anna", "consultation", by=INSTALLER)

    signed_in = world.accounts.sign_in("  CHEN ", PASSWORD)

    session = world.accounts.required(signed_in.token)
    assert session.principal == signed_in.principal
    assert session.csrf == signed_in.csrf
    assert session.principal == Principal(
        person,
        "Name of chen",
        "person",
        roles=frozenset({Role.PHYSICIAN, Role.RESEARCHER}),
        departments=frozenset({"cardiology", "icu"}),
        purpose=Purpose.TREATMENT,
        session=session.id,
        licences=frozenset({LicenceKind.PHYSICIAN}),
        care=frozenset({"anna"}),
    )
    assert session.principal.actor == f"person:{person}"


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    answers: set[tuple[str, str, int]] = set()
    for name, password in [("chen", "wrong password"), ("nobody", PASSWORD), ("", ""), ("\0", "x")]:
        with pytest.raises(WrongPassword) as refused:
            world.accounts.sign_in(name, password)
        answers.add((refused.value.code, str(refused.value), refused.value.status))
    assert len(answers) == 1


def test_an_unknown_name_costs_the_same_work(world: World) -> None:
    """One hash with the same parameters is computed for every attempt, whoever is named."""
    tried: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            tried.append(str(hash))
            return super().verify(hash, password)

    world.person("chen", Role.PHYSICIAN)
    accounts = Accounts(
        world.pool,
        world.ledger,
        world.policy,
        world.clock,
        new_id,
        b"key",
        work=Watched(time_cost=1, memory_cost=8, parallelism=1),
    )
    for name in ("chen", "nobody", "\0", "x" * 500):
        with pytest.raises(WrongPassword):
            accounts.sign_in(name, "wrong password")
    assert len(tried) == 4
    assert {hashed.rsplit("$", 2)[0] for hashed in tried} == {"$argon2id$v=19$m=8,t=1,p=1"}


def test_the_ledger_keeps_no_password_and_no_unknown_name(world: World) -> None:
    person = world.person("chen", Role.PHYSICIAN)
    for name in ("chen", "mistyped-secret"):
        with pytest.raises(WrongPassword):
            world.accounts.sign_in(name, "a wrong one 123")
    signed_in = world.accounts.sign_in("chen", PASSWORD)
    world.accounts.sign_out(signed_in.token)
    world.accounts.sign_out(signed_in.token)

    events = world.events("sign-in", "sign-in-failed", "sign-out")
    assert [(event.kind, event.actor, event.subject) for event in events] == [
        ("sign-in-failed", "system:sign-in", f"person:{person}"),
        ("sign-in-failed", "system:sign-in", None),
        ("sign-in", f"person:{person}", f"session:{signed_in.principal.session}"),
        ("sign-out", f"person:{person}", f"session:{signed_in.principal.session}"),
    ]
    assert events[0].commits["name"] != events[1].commits["name"]
    said = b"".join(event.body for event in world.events())
    for secret in ("mistyped", "a wrong one", PASSWORD, signed_in.token, "Name of chen"):
        assert secret.encode() not in said


def test_a_new_token_at_every_sign_in_and_the_old_one_ends(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    planted = world.accounts.sign_in("chen", PASSWORD).token
    fresh = world.accounts.sign_in("chen", PASSWORD, previous=planted).token
    assert fresh != planted
    assert world.accounts.principal_for(planted) is None
    assert world.accounts.principal_for(fresh) is not None
    never_issued = "A" * 43
    chosen = world.accounts.sign_in("chen", PASSWORD, previous=never_issued).token
    assert chosen != never_issued
    assert world.accounts.principal_for(never_issued) is None


def test_tokens_are_long_random_and_stored_only_as_hashes(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    tokens = {world.accounts.sign_in("chen", PASSWORD).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 43 for token in tokens)
    stored = world.pool.rows("select * from identity.session")
    stored += world.pool.rows("select * from identity.account")
    text = str(stored)
    assert not any(token in text for token in tokens)
    assert PASSWORD not in text
    assert "$argon2id$" in text


def test_a_form_needs_the_token_of_its_own_session(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    one = world.accounts.sign_in("chen", PASSWORD)
    other = world.accounts.sign_in("chen", PASSWORD)
    session = world.accounts.required(one.token)
    session.check_csrf(one.csrf)
    for wrong in ("", other.csrf, one.token, one.csrf.upper(), "é", "\ud800"):
        with pytest.raises(BadCsrf) as refused:
            session.check_csrf(wrong)
        assert (refused.value.code, refused.value.status) == ("identity.csrf", 403)
    assert one.csrf not in repr(session)
    assert one.token not in repr(one)


def test_signing_out_takes_effect_at_once_here_and_soon_elsewhere(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    elsewhere = world.process()
    token = world.accounts.sign_in("chen", PASSWORD).token
    assert elsewhere.principal_for(token) is not None
    assert world.accounts.principal_for(token) is not None

    world.accounts.sign_out(token)

    assert world.accounts.principal_for(token) is None
    world.clock.move(seconds=2)
    assert elsewhere.principal_for(token) is None
    with pytest.raises(SignedOut) as refused:
        elsewhere.required(token)
    assert (refused.value.code, refused.value.status) == ("identity.signed_out", 401)
    with pytest.raises(SignedOut):
        elsewhere.required(None)


def test_a_purpose_that_the_roles_do_not_allow_is_refused(world: World) -> None:
    world.person("chen", Role.PHYSICIAN, Role.RESEARCHER)
    first = world.accounts.sign_in("chen", PASSWORD)
    assert first.principal.purpose is Purpose.TREATMENT
    second = world.accounts.change_purpose(first.token, Purpose.RESEARCH)
    assert second.principal.purpose is Purpose.RESEARCH
    assert world.accounts.principal_for(first.token) is None
    for act in (
        lambda: world.accounts.change_purpose(second.token, Purpose.OVERSIGHT),
        lambda: world.accounts.sign_in("chen", PASSWORD, purpose=Purpose.PERSONAL),
    ):
        with pytest.raises(Forbidden):
            act()
    assert world.accounts.sign_in("chen", PASSWORD, purpose=Purpose.RESEARCH)


def test_changing_the_purpose_does_not_prolong_the_session(world: World) -> None:
    world.person("chen", Role.PHYSICIAN, Role.RESEARCHER)
    signed_in = world.accounts.sign_in("chen", PASSWORD)
    ends_at = world.accounts.required(signed_in.token).ends_at
    world.clock.move(minutes=20)
    again = world.accounts.change_purpose(signed_in.token, Purpose.RESEARCH)
    assert world.accounts.required(again.token).ends_at == ends_at


def test_changing_the_password_ends_every_other_session(world: World) -> None:
    person = world.person("chen", Role.PHYSICIAN)
    here, there = (world.accounts.sign_in("chen", PASSWORD) for _ in range(2))

    fresh = world.accounts.change_password(here.token, PASSWORD, LATER)

    assert world.accounts.principal_for(here.token) is None
    assert world.accounts.principal_for(there.token) is None
    assert world.accounts.required(fresh.token).principal.id == person
    with pytest.raises(WrongPassword):
        world.accounts.sign_in("chen", PASSWORD)
    world.accounts.sign_in("chen", LATER)
    assert world.events("person-changed")[-1].detail == {"change": "password-changed"}


def test_a_stolen_session_cannot_try_passwords_without_end(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    token = world.accounts.sign_in("chen", PASSWORD).token
    for _ in range(5):
        with pytest.raises(WrongPassword):
            world.accounts.change_password(token, "wrong password", LATER)
    with pytest.raises(Locked):
        world.accounts.change_password(token, PASSWORD, LATER)


def test_a_weak_new_password_changes_nothing(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    token = world.accounts.sign_in("chen", PASSWORD).token
    with pytest.raises(PasswordTooShort):
        world.accounts.change_password(token, PASSWORD, "short")
    with pytest.raises(PasswordIsName):
        world.accounts.change_password(token, PASSWORD, "chen-123456")
    assert world.accounts.principal_for(token) is not None
    world.accounts.sign_in("chen", PASSWORD)


def test_an_account_is_made_once_for_a_person_and_a_name(world: World) -> None:
    person = world.person("chen", Role.PHYSICIAN)
    other = world.people.add("Somebody else", by=INSTALLER)
    with pytest.raises(NameTaken):
        world.accounts.create("chen2", person, PASSWORD, by=INSTALLER)
    with pytest.raises(NameTaken):
        world.accounts.create("ＣＨＥＮ", other, PASSWORD, by=INSTALLER)
    with pytest.raises(NotFound):
        world.accounts.create("new", "nobody", PASSWORD, by=INSTALLER)
    for name in ("", " ", "a\nb", "x" * 65):
        with pytest.raises(BadValue):
            world.accounts.create(name, other, PASSWORD, by=INSTALLER)
    created = [e for e in world.events("person-changed") if e.detail["change"] == "account-created"]
    assert len(created) == 1


def test_only_who_may_change_people_makes_or_resets_accounts(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    target = world.person("wu", Role.NURSE)
    chen = world.accounts.sign_in("chen", PASSWORD).principal
    for act in (
        lambda: world.accounts.create("new", target, PASSWORD, by=chen),
        lambda: world.accounts.reset_password(target, LATER, by=chen),
        lambda: world.accounts.close(target, by=chen),
    ):
        with pytest.raises(Forbidden):
            act()
    world.accounts.sign_in("wu", PASSWORD)


def test_a_reset_lifts_the_lock_and_ends_the_sessions(world: World) -> None:
    person = world.person("wu", Role.NURSE)
    world.person("admin", Role.ADMINISTRATOR)
    admin = world.accounts.sign_in("admin", PASSWORD).principal
    open_session = world.accounts.sign_in("wu", PASSWORD).token
    for _ in range(5):
        with pytest.raises(WrongPassword):
            world.accounts.sign_in("wu", "wrong password")
    with pytest.raises(Locked):
        world.accounts.sign_in("wu", PASSWORD)

    world.accounts.reset_password(person, LATER, by=admin)

    assert world.accounts.principal_for(open_session) is None
    assert world.accounts.sign_in("wu", LATER).principal.id == person


def test_who_left_or_whose_account_is_closed_is_signed_out_and_stays_out(world: World) -> None:
    left, closed = world.person("left", Role.NURSE), world.person("closed", Role.NURSE)
    tokens = [world.accounts.sign_in(name, PASSWORD).token for name in ("left", "closed")]
    world.people.leave(left, by=INSTALLER)
    world.accounts.close(closed, by=INSTALLER)
    world.clock.move(seconds=2)
    for token, name in zip(tokens, ("left", "closed"), strict=True):
        assert world.accounts.principal_for(token) is None
        with pytest.raises(WrongPassword):
            world.accounts.sign_in(name, PASSWORD)


def test_a_hash_with_old_parameters_is_renewed_at_sign_in(world: World) -> None:
    world.person("chen", Role.PHYSICIAN)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    accounts = Accounts(
        world.pool, world.ledger, world.policy, world.clock, new_id, b"key", work=stronger
    )
    accounts.sign_in("chen", PASSWORD)
    (row,) = world.pool.rows("select password_hash from identity.account")
    assert not stronger.check_needs_rehash(row["password_hash"])
    assert QUICK.check_needs_rehash(row["password_hash"])
    accounts.sign_in("chen", PASSWORD)


def test_without_the_ledger_people_still_sign_in_and_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person("chen", Role.PHYSICIAN)

    def broken(*_: object) -> None:
        raise LedgerUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(world.ledger, "unit", broken)
        patch.setattr(world.ledger, "record", broken)
        signed_in = world.accounts.sign_in("chen", PASSWORD)
        with pytest.raises(WrongPassword):
            world.accounts.sign_in("chen", "wrong password")
        world.accounts.sign_out(signed_in.token)
        assert world.accounts.principal_for(signed_in.token) is None
        with pytest.raises(LedgerUnavailable):
            world.people.add("Nobody", by=INSTALLER)
    world.ledger.close()
    assert [e.kind for e in world.events("sign-in", "sign-in-failed", "sign-out")] == [
        "sign-in",
        "sign-in-failed",
        "sign-out",
    ]


def test_a_password_changed_during_a_sign_in_wins(world: World) -> None:
    """The old password, verified a moment before the change, opens no session after it."""
    person = world.person("chen", Role.PHYSICIAN)

    made: list[str] = []

    def token() -> str:
        made.append("t" * 43)
        if len(made) == 2:  # the first is the decoy, the second that of the new session
            world.process().reset_password(person, LATER, by=INSTALLER)
        return made[-1]

    slow = Accounts(
        world.pool,
        world.ledger,
        world.policy,
        world.clock,
        new_id,
        b"key",
        work=QUICK,
        token=token,
    )
    with pytest.raises(WrongPassword):
        slow.sign_in("chen", PASSWORD)
    assert len(made) == 2
    assert world.accounts.principal_for("t" * 43) is None


def test_many_people_sign_in_at_the_same_moment(world: World) -> None:
    names = [f"person{number}" for number in range(8)]
    for name in names:
        world.person(name, Role.NURSE)

    def sign_in(name: str) -> SignedIn:
        return world.accounts.sign_in(name, PASSWORD)

    with ThreadPoolExecutor(8) as pool:
        signed_in = list(pool.map(sign_in, names))
    found = {world.accounts.required(one.token).principal.name for one in signed_in}
    assert found == {f"Name of {name}" for name in names}
    assert world.database.pool(DbRole.IDENTITY).rows("select from identity.attempt") == []
