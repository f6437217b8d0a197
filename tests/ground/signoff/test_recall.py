"""What the quality office and the signers rely on when a model or a guideline is recalled."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from building import INSTALLER, PATIENT, Building, words
from countersign.ground.chart import Version
from countersign.ground.db import WHOLE, DbRole
from countersign.ground.identity import Forbidden
from countersign.ground.ledger import EventQuery
from countersign.ground.models import ModelRef
from countersign.ground.signoff import (
    AlreadyRecalled,
    AlreadyReviewed,
    BadDecision,
    Evidence,
    ModelRecalled,
    NothingToRecall,
    Opinion,
    RiskClass,
    UnknownReview,
    WhyRecall,
    document_node,
    model_node,
    overlaid,
)
from countersign.kit.json import decode, encode
from countersign.kit.words import Words

REASON = "It overlooks haemolysis."


def registered(building: Building, name: str) -> ModelRef:
    return building._register(name, "1.0.0")


def proposed(building: Building, model: ModelRef, **changes: object) -> str:
    return building.drafted(explanation=building.explanation(model=model), **changes)


def recall(building: Building, model: ModelRef) -> str:
    recalls = building.signoff.recalls
    return recalls.start(building.who("admin"), model_node(model.label), REASON)


def current(building: Building, reference: str) -> Version:
    kind, identifier, _, number = reference.split("/")
    return building.floor.chart.reader(building.who("wang")).version(kind, identifier, int(number))


def test_a_recall_finds_what_the_model_touched_and_nothing_else(building: Building) -> None:
    model, other = registered(building, "touched"), registered(building, "untouched")
    once = building.released(explanation=building.explanation(model=model))
    twice = proposed(building, model, risk=RiskClass.HIGH)
    building.accept("wang", twice)
    building.decide("li", proposed(building, model), "reject", reason="policy-contradicts")
    building.released(explanation=building.explanation(model=other))
    admin = building.who("admin")
    scope = building.signoff.recalls.preview(admin, model_node(model.label))
    assert (scope.patients, scope.drafts, scope.signatures, scope.releases) == (1, 3, 3, 1)
    assert scope.versions == len(once.versions)
    started = building.signoff.recalls.one(admin, recall(building, model))
    assert started.scope == scope
    assert (started.tasks, started.answered, started.closed_at) == (2, 0, None)
    assert started.reason == REASON
    listed = building.signoff.recalls.touched(admin, started.id, "draft", 10, 0)
    assert {one.node for one in listed} >= {f"draft:{once.draft}", f"draft:{twice}"}


def test_a_released_answer_that_became_an_input_carries_the_recall_on(building: Building) -> None:
    first, second = registered(building, "first-link"), registered(building, "second-link")
    source = building.released(explanation=building.explanation(model=first)).versions[0]
    rested = building.released(
        "zhao",
        explanation=building.explanation(
            model=second, inputs=(source,), evidence=(Evidence(words("seen"), reference=source),)
        ),
    )
    recall_id = recall(building, first)
    versions = building.signoff.recalls.touched(building.who("admin"), recall_id, "version", 20, 0)
    assert {one.node for one in versions} >= {f"version:{one}" for one in rested.versions}
    assert building.signoff.reviews.waiting(building.who("zhao")) >= 1


def test_an_input_without_a_version_is_the_one_of_that_moment(building: Building) -> None:
    model = registered(building, "unversioned")
    source = building.released(explanation=building.explanation(model=model)).versions[0]
    plain = source.partition("/_history/")[0]
    other = registered(building, "unversioned-reader")
    draft = building.drafted(
        explanation=building.explanation(
            model=other, inputs=(plain,), evidence=(Evidence(words("seen"), reference=plain),)
        )
    )
    edges = building.rows("select target from signoff.edge where source = %s", f"draft:{draft}")
    assert f"version:{source}" in {row["target"] for row in edges}


def test_a_recalled_model_neither_proposes_nor_is_signed(building: Building) -> None:
    model = registered(building, "silenced")
    waiting = proposed(building, model)
    building.open("wang", waiting)
    recall(building, model)
    with pytest.raises(ModelRecalled):
        proposed(building, model)
    with pytest.raises(ModelRecalled):
        building.signoff.decisions.accept(building.who("wang"), waiting)
    with pytest.raises(ModelRecalled):
        building.signoff.decisions.amend(building.who("wang"), waiting, "en", "My own words.")
    building.decide("wang", waiting, "reject", reason="recipient-does-not-trust")
    assert building.state(waiting) == "rejected"


def test_a_recalled_guideline_and_prompt_stop_what_rests_on_them(building: Building) -> None:
    model = registered(building, "reader-of-guidelines")
    quoted = Evidence(
        words("says so"), quote="x", document="guideline", version="2025", start=0, end=1,
        sha256="ab" * 32,
    )  # fmt: skip
    prompt = registered(building, "a-prompt")
    source = building.explanation().inputs[0]
    explained = building.explanation(model=model, evidence=(quoted,), inputs=(source, prompt.label))
    building.released(explanation=explained)
    for node in (document_node("guideline", "2025"), model_node(prompt.label)):
        recalls = building.signoff.recalls
        assert node in recalls.choices()
        recalls.start(building.who("admin"), node, REASON)
        with pytest.raises(ModelRecalled):
            building.drafted(explanation=explained)
    proposed(building, model)


def test_an_opinion_of_a_recalled_model_is_found(building: Building) -> None:
    asked = registered(building, "second-opinion")
    explained = replace(
        building.explanation(), opinions=(Opinion(asked, "agree", Words("Yes", "同意")),)
    )
    draft = building.drafted(explanation=explained)
    scope = building.signoff.recalls.preview(building.who("admin"), model_node(asked.label))
    assert scope.drafts == 1
    assert building.open("wang", draft).draft.explanation == explained


def test_each_signer_answers_and_the_last_answer_closes(building: Building) -> None:
    model = registered(building, "reviewed")
    stands = building.released("wang", explanation=building.explanation(model=model))
    wrong = building.released("zhao", explanation=building.explanation(model=model))
    recall_id = recall(building, model)
    versions = [current(building, one) for done in (stands, wrong) for one in done.versions]
    assert set(building.signoff.labels.of(versions).values()) == {"under-recall"}
    (mine,) = [one for one in building.signoff.reviews.mine(building.who("wang"))
               if one.recall_id == recall_id]  # fmt: skip
    (theirs,) = [one for one in building.signoff.reviews.mine(building.who("zhao"))
                 if one.recall_id == recall_id]  # fmt: skip
    with pytest.raises(UnknownReview):
        building.signoff.reviews.answer(building.who("wang"), theirs.id, "stands", "")
    with pytest.raises(BadDecision):
        building.signoff.reviews.answer(building.who("wang"), mine.id, "perhaps", "")
    building.signoff.reviews.answer(building.who("wang"), mine.id, "stands", "Still true.")
    with pytest.raises(AlreadyReviewed):
        building.signoff.reviews.answer(building.who("wang"), mine.id, "withdrawn", "")
    recalls, admin = building.signoff.recalls, building.who("admin")
    assert recalls.one(admin, recall_id).closed_at is None
    answered = building.signoff.reviews.answer(
        building.who("zhao"), theirs.id, "withdrawn", "It was haemolysis."
    )
    assert recalls.one(admin, recall_id).closed_at is not None
    labels = building.signoff.labels.of(versions)
    assert labels == dict.fromkeys(wrong.versions, "withdrawn")
    # the correction is a draft like any other, although its model is recalled
    correction = answered.correction_id
    assert correction is not None and building.state(correction) == "open"
    building.decide("zhao", correction, "amend", text="Disregard: the sample was haemolysed.")
    assert building.state(correction) == "released"
    newer = wrong.versions[0].rpartition("/")[0] + "/2"
    assert building.signoff.labels.of([current(building, newer)]) == {}
    kinds = [one.kind for one in building.ledger.events(EventQuery(limit=500)).events]
    assert {"recall-started", "recall-answered", "recall-closed"} <= set(kinds)


def test_what_was_released_is_not_altered_by_the_label(building: Building) -> None:
    model = registered(building, "labelled")
    reference = building.released(explanation=building.explanation(model=model)).versions[0]
    before = current(building, reference)
    recall(building, model)
    after = current(building, reference)
    assert (before.raw, before.sha256, before.version) == (after.raw, after.sha256, after.version)
    shown = decode(overlaid(after.raw, "under-recall"))
    (tag,) = shown["meta"].pop("tag")
    assert (tag["code"], tag["display"]) == ("under-recall", "under recall")
    assert encode(shown) == encode(decode(after.raw))


def test_a_signature_from_before_is_released_and_labelled(building: Building) -> None:
    model = registered(building, "late-release")
    draft = proposed(building, model)
    building.accept("wang", draft)
    recall(building, model)
    done = building.inbox.release(draft)
    assert done is not None
    versions = [current(building, one) for one in done.versions]
    assert building.signoff.labels.of(versions) == dict.fromkeys(done.versions, "under-recall")


def test_only_the_administrator_recalls_and_only_what_is_known(building: Building) -> None:
    model = registered(building, "asked-for")
    node = model_node(model.label)
    recalls = building.signoff.recalls
    for name in ("wang", "li", "nurse", "auditor"):
        with pytest.raises(Forbidden):
            recalls.start(building.who(name), node, REASON)
    with pytest.raises(Forbidden):
        recalls.preview(building.who("wang"), node)
    admin = building.who("admin")
    with pytest.raises(WhyRecall):
        recalls.start(admin, node, "short")
    for nonsense in ("model:nothing@1", "draft:1", "", "model:\x07"):
        with pytest.raises(NothingToRecall):
            recalls.start(admin, nonsense, REASON)
    done = recalls.start(admin, node, REASON)
    assert recalls.one(admin, done).closed_at is not None, "nobody has anything to review"
    with pytest.raises(AlreadyRecalled):
        recalls.start(admin, node, REASON)
    assert recalls.one(building.who("auditor"), done).reason == REASON


def test_a_leaver_s_task_goes_to_a_senior_colleague(building: Building) -> None:
    model = registered(building, "of-a-leaver")
    building.released("zhao", explanation=building.explanation(model=model))
    building.floor.people.leave(building.people["zhao"], by=INSTALLER)
    recall_id = recall(building, model)
    ((assignee, tasks, answered),) = building.signoff.recalls.progress(
        building.who("admin"), recall_id
    )
    assert assignee in {building.people["li"], building.people["chen"]}
    assert (tasks, answered) == (1, 0)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (DbRole.ROOM, "insert into signoff.edge values ('draft:x', 'model:y@1', 'p1')"),
        (DbRole.SIGNER, "insert into models.recalled values ('model:y@1', 'r', 'person:x', now())"),
        (DbRole.ROOM, "delete from models.recalled"),
        (DbRole.STEWARD, "delete from models.recalled"),
        (DbRole.STEWARD, "update signoff.recall_task set assignee = 'x'"),
        (DbRole.STEWARD, "insert into signoff.signature (id) values ('x')"),
        (DbRole.STEWARD, "insert into release.released (id) values ('x')"),
        (DbRole.ROOM, "select signoff.trace_inputs((select id from signoff.draft limit 1),"
                      " array['model:other@1'])"),
    ],
)  # fmt: skip
def test_no_role_forges_or_lifts_a_recall(building: Building, role: DbRole, statement: str) -> None:
    building.drafted()
    with (
        pytest.raises(psycopg.DatabaseError) as refused,
        building.database.pool(role).within(WHOLE).transaction() as connection,
    ):
        connection.execute(statement)  # type: ignore[arg-type]
    assert refused.value.sqlstate in ("42501", "CSG15", "CSA01")


def test_what_was_drafted_before_is_traced_once(building: Building) -> None:
    draft = building.drafted()
    with psycopg.connect(building.database.owner_conninfo) as owner:
        owner.execute("alter table signoff.edge disable trigger append_only")
        owner.execute(
            "delete from signoff.edge where source = %s and target like 'version:%%'",
            (f"draft:{draft}",),
        )
        owner.execute("alter table signoff.edge enable always trigger append_only")
        owner.execute("insert into signoff.untraced values (%s)", (draft,))
    assert building.signoff.tracing.catch_up() == 1
    assert building.signoff.tracing.catch_up() == 0
    edges = building.rows("select target from signoff.edge where source = %s", f"draft:{draft}")
    source = building.explanation(of=PATIENT).inputs[0]
    assert f"version:{source}" in {row["target"] for row in edges}
