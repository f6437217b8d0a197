"""Ways to get into the chart what nobody signed, as the roles that write the chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from countersign.ground.db import DbRole
from countersign.ground.signoff import RiskClass
from gate.stage import Attempt, Row, Stage, expected, insert, leaf, refused, release, release_leaf

REJECTION: Row = {"reason_code": "policy-contradicts", "comment": ""}


def signed(**changes: Any) -> Callable[[Stage], object]:
    """An honest signature and a release that says something else."""
    return lambda stage: release(stage, stage.release_row(*stage.signed(), **changes))


def unsigned(stage: Stage) -> None:
    draft = stage.drafted()
    first = stage.signature_row(draft)
    release(stage, stage.release_row(draft, first))


def with_the_signature_of_another(stage: Stage) -> None:
    _, first = stage.signed()
    release(stage, stage.release_row(stage.drafted(), first))


def with_one_signature(stage: Stage, **changes: Any) -> None:
    release(stage, stage.release_row(*stage.signed(risk=RiskClass.HIGH), **changes))


def signed_twice_by_one(stage: Stage) -> None:
    draft, first = stage.signed(risk=RiskClass.HIGH)
    release(stage, stage.release_row(draft, first, first))


def with_an_invented_second(stage: Stage) -> None:
    draft, first = stage.signed(risk=RiskClass.HIGH)
    release(stage, stage.release_row(draft, first, stage.second_row(draft)))


def with_the_second_of_another(stage: Stage) -> None:
    draft, first = stage.signed(risk=RiskClass.HIGH)
    _, _, second = stage.signed_twice()
    release(stage, stage.release_row(draft, first, second))


def second_alone(stage: Stage) -> None:
    draft, _, second = stage.signed_twice()
    row = stage.release_row(draft, {**second, "decision": "accepted"})
    release(stage, row)


def rejected_second(stage: Stage) -> None:
    draft, first = stage.signed(risk=RiskClass.HIGH)
    stage.building.open("li", draft["id"])
    stage.building.signoff.decisions.reject(
        stage.building.who("li"), draft["id"], "policy-contradicts", ""
    )
    release(stage, stage.release_row(draft, first, stage.signatures(draft["id"])[1]))


def rejected(decision: str) -> Callable[[Stage], object]:
    def run(stage: Stage) -> None:
        draft = stage.viewed("wang")
        stage.building.signoff.decisions.reject(
            stage.building.who("wang"), draft["id"], "policy-contradicts", ""
        )
        first = {**stage.signatures(draft["id"])[0], "decision": decision}
        release(stage, stage.release_row(draft, {**first, "signed_sha256": draft["sha256"]}))

    return run


def twice(stage: Stage) -> None:
    draft, first = stage.signed()
    release(stage, stage.release_row(draft, first))
    release(stage, stage.release_row(draft, first))


def without_leaf(stage: Stage, **changes: Any) -> None:
    row = stage.release_row(*stage.signed())
    with stage.work(DbRole.SENDER) as connection:
        insert(connection, "release.released", row)
        if changes:
            leaf(connection, release_leaf(row, **changes))


def writing(**changes: Any) -> Callable[[Stage], object]:
    """An honest release that writes something else than it says."""

    def run(stage: Stage) -> None:
        row = stage.release_row(*stage.signed())
        release(stage, row, stage.version_row(row, **changes))

    return run


def version(stage: Stage, role: DbRole, row: Row) -> None:
    with stage.work(role) as connection:
        insert(connection, "chart.version", row)


def old_release(stage: Stage) -> Row:
    row = stage.release_row(*stage.signed())
    release(stage, row, stage.version_row(row))
    return row


def added_to_an_old_release(stage: Stage, **changes: Any) -> None:
    row = old_release(stage)
    version(stage, DbRole.SENDER, stage.version_row(row, version=2, **changes))


def over_a_received_resource(stage: Stage) -> None:
    row = stage.release_row(*stage.signed(), targets=["Observation/o1"])
    release(stage, row, stage.version_row(row, version=2))


def received_over_a_released_one(stage: Stage) -> None:
    row = stage.version_row(old_release(stage), version=2, origin="received", release_id=None)
    version(stage, DbRole.RECEIVER, row)


def as_if_received(stage: Stage, role: DbRole = DbRole.SENDER) -> None:
    row = stage.release_row(*stage.signed())
    version(stage, role, stage.version_row(row, origin="received", release_id=None))


def current_moved_back(stage: Stage) -> None:
    first = stage.building.released().versions[0].split("/")[1]
    with stage.work(DbRole.SENDER) as connection:
        connection.execute("update chart.current set version = version where id = %s", (first,))


def current_of_nothing(stage: Stage, role: DbRole) -> None:
    """The chart's front page points at a version that does not exist."""
    row = {
        "type": "DetectedIssue",
        "id": "invented",
        "version": 1,
        "patient": "p1",
        "at": "2026-01-01T00:00:00Z",
        "origin": "released",
        "sha256": bytes(32),
        "content": bytes(32),
    }
    with stage.work(role) as connection:
        insert(connection, "chart.current", row)


ATTEMPTS = [
    Attempt("a release without a signature", "23503", unsigned),
    Attempt("a release with another draft's signature", "23503", with_the_signature_of_another),
    Attempt("a release of other content than was signed", "23503", signed(signed_sha256=bytes(32))),
    Attempt("a release for another patient", "23503", signed(patient="p2")),
    Attempt("a release in another signer's name", "23503", signed(signer_id="another")),
    Attempt("an acceptance released as an amendment", "23503", signed(decision="amended")),
    Attempt("a release of a lower class than the draft's", "23503", signed(risk="low")),
    Attempt("the highest class with one signature", "23514", with_one_signature),
    Attempt("the highest class, called medium, with one signature", "23503",
            lambda stage: with_one_signature(stage, risk="medium")),
    Attempt("the highest class with one signature used twice", "23514", signed_twice_by_one),
    Attempt("the highest class with an invented second signature", "23503",
            with_an_invented_second),
    Attempt("the highest class with the second signature of another draft", "23503",
            with_the_second_of_another),
    Attempt("the highest class with the second signature alone", "23514", second_alone),
    Attempt("the highest class with a rejection for the second signature", "23503",
            rejected_second),
    Attempt("a second signature of which only half is named", "23514", signed(second_ordinal=2)),
    Attempt("a rejected draft", "23514", rejected("rejected")),
    Attempt("a rejected draft, called accepted", "23503", rejected("accepted")),
    Attempt("one draft twice", "23505", twice),
    Attempt("a release that writes nothing", "23514", signed(targets=[])),
    Attempt("a release without a leaf in the ledger", "CSG12", without_leaf),
    Attempt("a release whose leaf names another signer", "CSG12", lambda stage: without_leaf(
        stage, actor="person:another")),
    Attempt("a version without its release", "CSG10", writing(release_id=None)),
    Attempt("a version of a release that does not exist", "CSG10", writing(release_id="invented")),
    Attempt("a version in another patient's chart", "CSG10", writing(patient="p2")),
    Attempt("a version in nobody's chart", "CSG10", writing(patient=None)),
    Attempt("a version that the release does not name", "CSG10", writing(id="another")),
    Attempt("a version of an old release", "CSG10", added_to_an_old_release),
    Attempt("another resource added to an old release", "CSG10", lambda stage: (
        added_to_an_old_release(stage, id="another"))),
    Attempt("a release over a resource of another system", "CSG10", over_a_received_resource),
    Attempt("model's work written as if received, by the sender", "42501", as_if_received),
    Attempt("data of another system over a released answer", "42501", received_over_a_released_one),
    Attempt("a released version by the receiver", "CSG10", lambda stage: version(
        stage, DbRole.RECEIVER, stage.version_row(old_release(stage)))),
    Attempt("a received version that names a release", "42501", lambda stage: version(
        stage, DbRole.RECEIVER, stage.version_row(old_release(stage), origin="received", version=1,
                                                  id="another"))),
    Attempt("the current version left where it is but rewritten", "CSC01", current_moved_back),
    Attempt("a current version of nothing, by the sender", "23503", lambda stage: (
        current_of_nothing(stage, DbRole.SENDER))),
    Attempt("a current version of nothing, by the receiver", "23503", lambda stage: (
        current_of_nothing(stage, DbRole.RECEIVER))),
]  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_nothing_gets_round_the_release(stage: Stage, attempt: Attempt) -> None:
    assert refused(attempt, stage) == expected(attempt)


@pytest.mark.parametrize("role", [role for role in DbRole if role is not DbRole.SENDER], ids=str)
def test_no_other_role_releases(stage: Stage, role: DbRole) -> None:
    row = stage.release_row(*stage.signed())
    attempt = Attempt("as another role", "42501", lambda stage: release(stage, row, role=role))
    assert refused(attempt, stage) == "42501"


@pytest.mark.parametrize(
    "role", [role for role in DbRole if role not in (DbRole.SENDER, DbRole.RECEIVER)], ids=str
)
def test_no_other_role_writes_the_chart(stage: Stage, role: DbRole) -> None:
    attempt = Attempt("as another role", "42501", lambda stage: as_if_received(stage, role))
    assert refused(attempt, stage) == "42501"
