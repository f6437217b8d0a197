"""Ways to go on with what was recalled, as the database roles of rooms and signers."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.ground.db import DbRole
from countersign.ground.signoff import RiskClass, model_node
from gate.stage import Attempt, Stage, expected, propose, refused, sign


def recall(stage: Stage, name: str) -> None:
    stage.building.signoff.recalls.start(
        stage.building.who("admin"), model_node(f"{name}@1"), "It is wrong too often."
    )


def proposing(stage: Stage) -> None:
    stage.building._register("gate-proposing", "1")
    recall(stage, "gate-proposing")
    by_hand(stage, "gate-proposing")


def correcting_what_no_recall_reaches(stage: Stage) -> None:
    released = stage.building.released()
    stage.building._register("gate-correcting", "1")
    recall(stage, "gate-correcting")
    by_hand(stage, "gate-correcting", corrects=released.draft)


def signing(stage: Stage) -> None:
    ref = stage.building._register("gate-signing", "1")
    draft = stage.viewed("wang", explanation=stage.building.explanation(model=ref))
    row = stage.signature_row(draft)
    recall(stage, "gate-signing")
    sign(stage, row)


def countersigning(stage: Stage) -> None:
    ref = stage.building._register("gate-countersigning", "1")
    explained = stage.building.explanation(model=ref)
    draft, _ = stage.signed(risk=RiskClass.HIGH, explanation=explained)
    stage.seen("li", draft["id"])
    row = stage.second_row(draft)
    recall(stage, "gate-countersigning")
    sign(stage, row)


def answering_for_another(stage: Stage) -> None:
    ref = stage.building._register("gate-answering", "1")
    stage.building.released(explanation=stage.building.explanation(model=ref))
    recall(stage, "gate-answering")
    task = stage.building.rows("select id from signoff.recall_task order by opened_at desc")[0]
    with stage.work(DbRole.ROOM) as connection:
        connection.execute(
            "insert into signoff.recall_answer (task_id, person_id, answer, suite, key_id, box)"
            " values (%s, %s, 'stands', 1, 1, 'x')",
            (task["id"], stage.building.people["li"]),
        )


def closing_unanswered(stage: Stage) -> None:
    ref = stage.building._register("gate-closing", "1")
    stage.building.released(explanation=stage.building.explanation(model=ref))
    recall(stage, "gate-closing")
    row = stage.building.rows("select id from signoff.recall order by started_at desc")[0]
    with stage.work(DbRole.STEWARD) as connection:
        connection.execute(
            "insert into signoff.recall_closing (recall_id) values (%s)", (row["id"],)
        )


def by_hand(stage: Stage, name: str, **changes: Any) -> None:
    """A draft that names this model in every place where a model is named."""
    model = {"model_name": name, "model_version": "1", "manifest": {"model": f"{name}@1"}}
    propose(stage, **model, **changes)


ATTEMPTS = (
    Attempt("propose with a recalled model", "CSG14", proposing),
    Attempt("call it a correction of an answer that no recall reaches", "CSG14",
            correcting_what_no_recall_reaches),
    Attempt("sign what waits from before the recall", "CSG14", signing),
    Attempt("countersign what waits from before the recall", "CSG14", countersigning),
    Attempt("answer another signer's task", "23503", answering_for_another),
    Attempt("close a recall that nobody answered", "CSS01", closing_unanswered),
)  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_it_is_refused(stage: Stage, attempt: Attempt) -> None:
    assert refused(attempt, stage) == expected(attempt)
