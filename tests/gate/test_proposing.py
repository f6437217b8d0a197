"""Ways to bring a draft before people, or to make one vanish, as the database role of the rooms."""

from __future__ import annotations

import time
from typing import Any

import pytest

from building import OTHER_PATIENT, body, issue
from countersign.ground.db import DbRole
from countersign.ground.identity import LicenceKind
from countersign.ground.ledger import Event, EventKind
from countersign.ground.signoff import RiskClass
from gate.stage import (
    Attempt,
    Row,
    Stage,
    draft_leaf,
    expected,
    insert,
    leaf,
    propose,
    refused,
)

REPEATABLE_READ = 3


def while_stopped(stage: Stage) -> None:
    stage.stopped()
    propose(stage)


def begun_before_stop(stage: Stage) -> None:
    row = stage.draft_row()
    with stage.work(DbRole.ROOM) as connection:
        insert(connection, "signoff.draft", row)
        stage.stopped()
        leaf(connection, draft_leaf(row))


def looking_at_the_past(stage: Stage) -> None:
    row = stage.draft_row()
    with stage.work(DbRole.ROOM, isolation=REPEATABLE_READ) as connection:
        connection.execute("select 1 from models.switch")
        stage.stopped()
        insert(connection, "signoff.draft", row)


def with_leaf(stage: Stage, **changes: Any) -> None:
    row = stage.draft_row()
    with stage.work(DbRole.ROOM) as connection:
        insert(connection, "signoff.draft", row)
        if changes:
            leaf(connection, draft_leaf(row, **changes))


def with_an_older_leaf(stage: Stage) -> None:
    row = stage.draft_row()
    with stage.work(DbRole.ROOM) as connection:
        leaf(connection, draft_leaf(row))
    with stage.work(DbRole.ROOM) as connection:
        insert(connection, "signoff.draft", row)
        connection.execute("set constraints all immediate")


def constraints_called_early(stage: Stage) -> None:
    with stage.work(DbRole.ROOM) as connection:
        insert(connection, "signoff.draft", stage.draft_row())
        connection.execute("set constraints all immediate")


def correcting(stage: Stage, corrects: str) -> None:
    propose(stage, corrects=corrects)


def correcting_another_patient(stage: Stage) -> None:
    draft = stage.building.drafted(patient=OTHER_PATIENT, body=body(issue(OTHER_PATIENT)))
    stage.building.accept("stranger", draft)
    stage.building.inbox.release(draft)
    correcting(stage, draft)


def expire(stage: Stage, draft: str, **row: Any) -> None:
    with stage.work(DbRole.ROOM) as connection:
        given: Row = {"draft_id": draft, "cause": "time", "at": "2001-01-01T00:00:00Z", **row}
        insert(connection, "signoff.expiry", given)


def superseded_by(stage: Stage, newer: str) -> None:
    expire(stage, stage.building.drafted(), cause="superseded", newer_id=newer)


def expired_without_leaf(stage: Stage) -> None:
    draft = stage.building.drafted(valid_days=1e-7)
    time.sleep(0.05)
    expire(stage, draft)


def taken_back(stage: Stage, actor: str, kind: EventKind = EventKind.DRAFT_TAKEN_BACK) -> None:
    draft = stage.building.drafted()
    with stage.work(DbRole.ROOM) as connection:
        given: Row = {"draft_id": draft, "cause": "taken-back", "at": "2001-01-01T00:00:00Z"}
        insert(connection, "signoff.expiry", given)
        leaf(connection, Event(kind, actor, subject=f"draft:{draft}"))


def rows(**changes: Any) -> Any:
    return lambda stage: propose(stage, **changes)


NO_SENIOR = {"risk": "high", "signer_kinds": ["physician"]}

ATTEMPTS = [
    Attempt("with a model that is not registered", "23503", rows(
        model_name="unknown-model", manifest={"model": "unknown-model@1.0.0"})),
    Attempt("with another version of a model", "23503", rows(
        model_version="9", manifest={"model": "renal-rules@9"})),
    Attempt("with a model whose files were changed", "23503", rows(model_digest=bytes(32))),
    Attempt("under the name of another model than the explanation's", "23514", rows(
        manifest={"model": "renal-rules@2.0.0"})),
    Attempt("without limits", "23514", rows(manifest={"limits": 0})),
    Attempt("without evidence", "23514", rows(manifest={"evidence": 0})),
    Attempt("without inputs", "23514", rows(manifest={"inputs": 0})),
    Attempt("without a rationale", "23514", rows(manifest={"rationale": 0})),
    Attempt("without a word on confidence", "23514", rows(without="confidence")),
    Attempt("with a confidence that is neither given nor explained", "23514", rows(
        manifest={"confidence": "high"})),
    Attempt("without alternatives being considered", "23514", rows(without="alternatives")),
    Attempt("about a patient whom nobody knows", "23503", rows(patient="nobody")),
    Attempt("for a nurse to sign", "23514", rows(signer_kinds=["nurse"])),
    Attempt("for nobody to sign", "23514", rows(signer_kinds=[])),
    Attempt("of the highest class with no senior to sign", "23514", rows(**NO_SENIOR)),
    Attempt("of a risk class that does not exist", "23514", rows(risk="none")),
    Attempt("born expired", "23514", rows(expires_at="2001-01-01T00:00:00Z")),
    Attempt("while AI is stopped", "CSG04", while_stopped),
    Attempt("in a transaction begun before Stop AI", "CSG04", begun_before_stop),
    Attempt("in a transaction that sees the past", "CSG11", looking_at_the_past),
    Attempt("without a leaf in the ledger", "CSG12", with_leaf),
    Attempt("with a leaf that tells of other content", "CSG12", lambda stage: with_leaf(
        stage, commits={"content": "00" * 32})),
    Attempt("with a leaf that names another author", "CSG12", lambda stage: with_leaf(
        stage, actor="system:another")),
    Attempt("with a leaf written before", "CSG12", with_an_older_leaf),
    Attempt("with constraints checked before the leaf is written", "CSG12",
            constraints_called_early),
    Attempt("as a correction of what was never released", "CSG13", lambda stage: correcting(
        stage, stage.building.drafted())),
    Attempt("as a correction of another patient's answer", "23503", correcting_another_patient),
    Attempt("a valid draft made to expire", "CSG09", lambda stage: expire(
        stage, stage.building.drafted())),
    Attempt("a signed draft made to expire", "CSG09", lambda stage: expire(
        stage, stage.signed()[0]["id"])),
    Attempt("a draft superseded by one on another topic", "CSG09", lambda stage: superseded_by(
        stage, stage.building.drafted())),
    Attempt("a draft superseded by itself", "CSG09", lambda stage: (
        lambda draft: expire(stage, draft, cause="superseded", newer_id=draft)
    )(stage.building.drafted())),
    Attempt("a draft superseded by nothing", "CSG09", lambda stage: expire(
        stage, stage.building.drafted(), cause="superseded")),
    Attempt("an expiry that the ledger does not tell of", "CSG12", expired_without_leaf),
    Attempt("a signed draft taken back", "CSG09", lambda stage: expire(
        stage, stage.signed()[0]["id"], cause="taken-back")),
    Attempt("a draft taken back that the ledger does not tell of", "CSG12", lambda stage: expire(
        stage, stage.building.drafted(), cause="taken-back")),
    Attempt("a draft taken back by no person", "CSG12", lambda stage: taken_back(
        stage, "system:worker")),
    Attempt("a draft taken back as if it had expired", "CSG12", lambda stage: taken_back(
        stage, "person:1", EventKind.DRAFT_EXPIRED)),
]  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_nothing_gets_round_the_proposal(stage: Stage, attempt: Attempt) -> None:
    assert refused(attempt, stage) == expected(attempt)


@pytest.mark.parametrize("role", [role for role in DbRole if role is not DbRole.ROOM], ids=str)
def test_no_other_role_proposes(stage: Stage, role: DbRole) -> None:
    attempt = Attempt("as another role", "42501", lambda stage: propose(stage, role))
    assert refused(attempt, stage) == "42501"


def test_the_programs_refuse_what_could_not_be_released(stage: Stage) -> None:
    """A physician never signs what the chart would then refuse."""
    wrong = [
        body(),
        body(issue(OTHER_PATIENT)),
        body({"resourceType": "MedicationRequest"}),
        body({**issue(), "meta": {"security": []}}),
        body({**issue(), "identifiedDateTime": "soon"}),
    ]
    changes: list[dict[str, Any]] = [{"body": one} for one in wrong]
    explained = stage.building.explanation
    changes += [
        {"explanation": explained(inputs=("Observation/o2/_history/1",))},
        {"explanation": explained(inputs=("Observation/o1/_history/9",))},
        {"explanation": explained(inputs=("Observation/unheard-of",))},
        {"valid_days": 0.0},
        {"signers": frozenset({LicenceKind.NURSE})},
        {"risk": RiskClass.HIGH, "signers": frozenset({LicenceKind.PHYSICIAN})},
    ]
    for change in changes:
        attempt = Attempt("wrong", "", lambda stage, c=change: stage.building.drafted(**c))
        assert refused(attempt, stage) == "BadProposal", change
