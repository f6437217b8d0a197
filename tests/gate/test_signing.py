"""Ways to sign what one may not sign, as the database role of the signers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from building import INSTALLER, body, issue
from countersign.ground.db import DbRole
from countersign.ground.identity import LicenceKind, Way
from countersign.ground.signoff import RiskClass
from countersign.kit.clock import utc_now
from countersign.kit.ids import new_id
from gate.stage import Attempt, Row, Stage, expected, insert, leaf, refused, sign, signature_leaf

REPEATABLE_READ = 3
REJECTED: Row = {"decision": "rejected", "signed_sha256": None, "reason_code": "policy-contradicts"}


def by(name: str, **changes: Any) -> Callable[[Stage], object]:
    """The person has seen the draft and signs it."""
    return lambda stage: sign(stage, stage.signature_row(stage.viewed(name), name, **changes))


def on_another(part: str) -> Callable[[Stage], object]:
    """A signature of one draft that names a part of another one."""

    def run(stage: Stage) -> None:
        other = stage.drafted(risk=RiskClass.HIGH, body=body(issue(), text="Something else."))
        named = {"hash": "draft_sha256", "class": "risk", "patient": "patient"}[part]
        value = {"hash": other["sha256"], "class": "low", "patient": "p2"}[part]
        row = stage.signature_row(stage.viewed("wang", risk=RiskClass.HIGH))
        changes = {named: value, **({"signed_sha256": value} if part == "hash" else {})}
        sign(stage, {**row, **changes})

    return run


def unseen(stage: Stage) -> None:
    sign(stage, stage.signature_row(stage.drafted()))


def expired(stage: Stage) -> None:
    draft = stage.viewed("wang", valid_days=1e-6)
    time.sleep(0.1)
    sign(stage, stage.signature_row(draft))


def superseded(stage: Stage) -> None:
    draft = stage.viewed("wang", topic="one topic")
    stage.drafted(topic="one topic")
    sign(stage, stage.signature_row(draft))


def stopped(stage: Stage) -> None:
    row = stage.signature_row(stage.viewed("wang"))
    stage.stopped()
    sign(stage, row)


def meanwhile(happens: Callable[[Stage, str], object]) -> Callable[[Stage], object]:
    """Something happens after the row is inserted and before it is committed."""

    def run(stage: Stage) -> None:
        person = newcomer(stage)
        draft = stage.viewed(person)
        row = stage.signature_row(draft, person)
        with stage.work(DbRole.SIGNER) as connection:
            insert(connection, "signoff.signature", row)
            happens(stage, person)
            leaf(connection, signature_leaf(row))

    return run


def beforehand(happens: Callable[[Stage, str], object]) -> Callable[[Stage], object]:
    """Something happens in a transaction that began earlier, before the row is inserted."""

    def run(stage: Stage) -> None:
        person = newcomer(stage)
        row = stage.signature_row(stage.viewed(person), person)
        with stage.work(DbRole.SIGNER) as connection:
            connection.execute("select 1")
            happens(stage, person)
            insert(connection, "signoff.signature", row)

    return run


def newcomer(stage: Stage) -> str:
    """A physician of this attempt alone."""
    people, name = stage.building.floor.people, f"new{secrets.token_hex(4)}"
    stage.building.people[name] = person = people.add(name, by=INSTALLER)
    start, end = date(2020, 1, 1), date(2100, 1, 1)
    licence = people.license(person, LicenceKind.PHYSICIAN, start, end, by=INSTALLER)
    stage.building.licences[name] = licence
    return name


def revoke(stage: Stage, name: str) -> None:
    stage.building.floor.people.revoke_licence(
        stage.building.licences[name], "struck off", by=INSTALLER
    )


def leave(stage: Stage, name: str) -> None:
    stage.building.floor.people.leave(stage.building.people[name], by=INSTALLER)


def second(name: str = "li", risk: RiskClass = RiskClass.HIGH, **changes: Any) -> Any:
    """A second signature by somebody who saw what the first one made of the draft."""

    def run(stage: Stage) -> None:
        draft, _ = stage.signed(risk=risk)
        stage.seen(name, draft["id"])
        sign(stage, stage.second_row(draft, name, **changes))

    return run


def second_without_first(stage: Stage) -> None:
    sign(stage, stage.second_row(stage.viewed("li", risk=RiskClass.HIGH)))


def second_after_rejection(stage: Stage) -> None:
    draft = stage.viewed("wang", "li", risk=RiskClass.HIGH)
    sign(stage, stage.signature_row(draft, **REJECTED))
    sign(stage, stage.second_row(draft))


def second_of_a_senior(stage: Stage) -> None:
    draft, _ = stage.signed("li", risk=RiskClass.HIGH)
    stage.seen("li", draft["id"])
    sign(stage, stage.second_row(draft, "li"))


def second_seen_before_the_first(stage: Stage) -> None:
    draft = stage.viewed("li", risk=RiskClass.HIGH)
    stage.building.open("wang", draft["id"])
    wang = stage.building.who("wang")
    stage.building.signoff.decisions.amend(wang, draft["id"], "en", "Something else entirely.")
    hashed = stage.signatures(draft["id"])[0]["signed_sha256"]
    sign(stage, stage.second_row(draft, "li", signed_sha256=hashed))


def twice(stage: Stage) -> None:
    draft, _ = stage.signed("wang")
    stage.seen("zhao", draft["id"])
    sign(stage, stage.signature_row(draft, "zhao", **REJECTED))


def with_leaf(**changes: Any) -> Callable[[Stage], object]:
    """With a leaf that says something else, or without one."""

    def run(stage: Stage) -> None:
        row = stage.signature_row(stage.viewed("wang"))
        with stage.work(DbRole.SIGNER) as connection:
            insert(connection, "signoff.signature", row)
            if changes:
                leaf(connection, signature_leaf(row, **changes))

    return run


def looking_at_the_past(stage: Stage) -> None:
    row = stage.signature_row(stage.viewed("wang"))
    with stage.work(DbRole.SIGNER, isolation=REPEATABLE_READ) as connection:
        insert(connection, "signoff.signature", row)


def with_the_licence_of(owner: str) -> Callable[[Stage], object]:
    def run(stage: Stage) -> None:
        licence = stage.licence(owner)
        named = {"licence_id": licence["id"], "licence_kind": licence["kind"]}
        dates = {name: licence[name] for name in ("valid_from", "valid_to")}
        sign(stage, stage.signature_row(stage.viewed("wang"), "wang", **named, **dates))

    return run


def at_the_screen(who: str | None) -> Callable[[Stage], object]:
    """A signature on a draft of the highest class with somebody else's proof, or none."""

    def run(stage: Stage) -> None:
        presence = stage.presence(who) if who else "made up" if who == "" else None
        draft = stage.viewed("wang", risk=RiskClass.HIGH)
        sign(stage, stage.signature_row(draft, presence_id=presence))

    return run


def signed_out(stage: Stage) -> None:
    row = stage.signature_row(stage.viewed("zhao", risk=RiskClass.HIGH), "zhao")
    assert row["presence_id"] is not None
    stage.building.floor.accounts.sign_out(stage.building._tokens.pop("zhao"))
    sign(stage, row)


def gone_by(stage: Stage) -> None:
    presences = stage.building.floor.entrance.presences
    principal = stage.building.who("wang")
    short = type(presences)(
        stage.building.database.pool(DbRole.IDENTITY), utc_now, new_id, timedelta(milliseconds=20)
    )
    with stage.work(DbRole.IDENTITY) as connection:
        assert principal.session is not None
        presence = short.record(connection, principal.id, principal.session, Way.PASSWORD)
    time.sleep(0.1)
    draft = stage.viewed("wang", risk=RiskClass.HIGH)
    sign(stage, stage.signature_row(draft, presence_id=presence))


FOREVER: Row = {"valid_from": date(2000, 1, 1), "valid_to": date(2100, 1, 1)}

ATTEMPTS = [
    Attempt("with a nurse's licence", "CSG01", by("nurse")),
    Attempt("with a pathologist's licence on a physician's draft", "CSG01", by("pathologist")),
    Attempt("with a nurse's licence called a physician's", "23503", by(
        "nurse", licence_kind="physician")),
    Attempt("with a licence that has expired", "23514", by("lapsed")),
    Attempt("with an expired licence and forged dates", "23503", by("lapsed", **FOREVER)),
    Attempt("with a licence that begins tomorrow", "23514", by("coming")),
    Attempt("with a licence that was revoked", "CSG02", by("revoked")),
    Attempt("with a licence that nobody holds", "23503", by("wang", licence_id="invented")),
    Attempt("with another person's licence", "23503", with_the_licence_of("li")),
    Attempt("in the name of a person who does not exist", "CSG05", by("wang", signer_id="nobody")),
    Attempt("after having left the hospital", "CSG02", beforehand(leave)),
    Attempt("in a transaction begun before the revocation", "CSG02", beforehand(revoke)),
    Attempt("with a revocation between signing and commit", "CSG02", meanwhile(revoke)),
    Attempt("with Stop AI between signing and commit", "CSG04", meanwhile(
        lambda stage, _: stage.stopped())),
    Attempt("while AI is stopped", "CSG04", stopped),
    Attempt("unseen", "CSG05", unseen),
    Attempt("an expired draft", "CSG03", expired),
    Attempt("a superseded draft", "CSG03", superseded),
    Attempt("other content than the draft's, as accepted", "23514", by(
        "wang", signed_sha256=bytes(32))),
    Attempt("the hash of another draft", "23503", on_another("hash")),
    Attempt("a draft of the highest class as one of a lower", "23503", on_another("class")),
    Attempt("a draft as another patient's", "23503", on_another("patient")),
    Attempt("an amendment that changes nothing", "23514", by("wang", decision="amended")),
    Attempt("nothing at all", "23514", by("wang", signed_sha256=None)),
    Attempt("with a hash that is none", "23514", by(
        "wang", decision="amended", signed_sha256=b"short")),
    Attempt("a rejection without a reason", "23514", by(
        "wang", **{**REJECTED, "reason_code": None})),
    Attempt("a rejection that signs all the same", "23514", by(
        "wang", decision="rejected", reason_code="policy-contradicts")),
    Attempt("a decision that does not exist", "23514", by("wang", decision="waved through")),
    Attempt("a first signature called a countersignature", "23514", by(
        "wang", decision="countersigned")),
    Attempt("a third signature", "23514", by("wang", ordinal=3)),
    Attempt("a draft that is decided", "23505", twice),
    Attempt("the second signature before the first", "CSG06", second_without_first),
    Attempt("the second signature after a rejection", "CSG06", second_after_rejection),
    Attempt("the second signature where none is asked for", "CSG06", second(risk=RiskClass.MEDIUM)),
    Attempt("the second signature with a junior's licence", "CSG07", second("zhao")),
    Attempt("the second signature with one's own first", "23505", second_of_a_senior),
    Attempt("the second signature as a plain acceptance", "23514", second(decision="accepted")),
    Attempt("the second signature on other content", "CSG08", second(signed_sha256=bytes(32))),
    Attempt("the second signature on what was amended since it was seen", "CSG05",
            second_seen_before_the_first),
    Attempt("the highest class without having shown to be there", "CSI02", at_the_screen(None)),
    Attempt("the highest class with another person's presence", "CSI02", at_the_screen("li")),
    Attempt("the highest class with a presence that was made up", "CSI02", at_the_screen("")),
    Attempt("the second signature without having shown to be there", "CSI02", second(
        presence_id=None)),
    Attempt("the highest class with the presence of a session that ended", "CSI02", signed_out),
    Attempt("the highest class with a presence that is past its time", "CSI02", gone_by),
    Attempt("without a leaf in the ledger", "CSG12", with_leaf()),
    Attempt("with a leaf that names another person", "CSG12", with_leaf(actor="person:another")),
    Attempt("with a leaf that commits to other content", "CSG12", with_leaf(
        commits={"draft": "00" * 32, "signed": "00" * 32})),
    Attempt("in a transaction that sees the past", "CSG11", looking_at_the_past),
]  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_nothing_gets_round_the_signature(stage: Stage, attempt: Attempt) -> None:
    assert refused(attempt, stage) == expected(attempt)


@pytest.mark.parametrize("role", [role for role in DbRole if role is not DbRole.SIGNER], ids=str)
def test_no_other_role_signs(stage: Stage, role: DbRole) -> None:
    row = stage.signature_row(stage.viewed("wang"))
    attempt = Attempt("as another role", "42501", lambda stage: sign(stage, row, role))
    assert refused(attempt, stage) == "42501"
