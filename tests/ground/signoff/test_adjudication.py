"""Where two decide differently: who is named, until when, and what both see."""

from __future__ import annotations

import psycopg
import pytest

from building import PATIENT, Building
from countersign.ground.db import DbRole
from countersign.ground.identity import Forbidden, Principal
from countersign.ground.signoff import (
    AlreadyAdjudicated,
    BadOutcome,
    BadRule,
    Case,
    NotYourCase,
    RiskClass,
    UnknownCase,
)

TIMEKEEPER = Principal.system("timekeeper")
WHY = "The sample was haemolysed; the value is not real."


def case_of(building: Building, draft: str, name: str = "admin") -> Case:
    cases = building.signoff.adjudication.all(building.who(name))
    (found,) = [one for one in cases if one.draft_id == draft]
    return found


def rejected(building: Building, name: str = "wang", **changes: object) -> str:
    draft = building.drafted(risk=RiskClass.HIGH, **changes)
    building.decide(name, draft, "reject", reason="recipient-disagrees-evidence", comment="No.")
    return draft


def test_a_rejected_draft_of_high_risk_opens_a_case(building: Building) -> None:
    case = case_of(building, rejected(building))
    assert (case.cause, case.first, case.second) == (
        "high-risk-rejected",
        building.people["wang"],
        None,
    )
    assert case.senior in {building.people["li"], building.people["chen"]}
    assert case.due_at is not None and not case.overdue
    (event,) = [one for one in building.events(f"draft:{case.draft_id}")
                if one.kind == "case-opened"]  # fmt: skip
    assert (event.patient, event.detail["case"]) == (PATIENT, case.id)


def test_a_rejected_draft_of_less_risk_opens_none(building: Building) -> None:
    draft = building.drafted()
    building.decide("wang", draft, "reject", reason="policy-contradicts")
    assert all(
        one.draft_id != draft for one in building.signoff.adjudication.all(building.who("admin"))
    )


def test_a_second_signer_who_declines_opens_a_case_for_a_third(building: Building) -> None:
    draft = building.drafted(risk=RiskClass.HIGH)
    building.accept("wang", draft)
    building.decide("li", draft, "reject", reason="risk-benefit-ratio")
    case = case_of(building, draft)
    assert case.cause == "second-declined"
    assert (case.first, case.second) == (building.people["wang"], building.people["li"])
    assert case.senior == building.people["chen"]


def test_what_one_rejected_and_another_accepts_later_is_a_case(building: Building) -> None:
    first = building.drafted(topic="the same topic")
    building.decide("zhao", first, "reject", reason="policy-contradicts")
    mine = building.drafted(topic="the same topic")
    building.decide("zhao", mine, "accept")
    assert all(
        one.draft_id != mine for one in building.signoff.adjudication.all(building.who("admin"))
    )
    later = building.drafted(topic="the same topic")
    building.decide("wang", later, "accept")
    case = case_of(building, later)
    assert (case.cause, case.counter_id) == ("accepted-after-rejection", first)
    assert (case.first, case.second) == (building.people["zhao"], building.people["wang"])
    assert building.state(later) == "released"


def test_the_named_senior_decides_and_both_see_it(building: Building) -> None:
    adjudication = building.signoff.adjudication
    draft = building.drafted(risk=RiskClass.HIGH)
    building.accept("wang", draft)
    building.decide("li", draft, "reject", reason="risk-benefit-ratio")
    case = case_of(building, draft)
    for name, error in (("wang", NotYourCase), ("li", NotYourCase), ("zhao", UnknownCase)):
        with pytest.raises(error):
            adjudication.decide(
                building.who(name), case.id, "rejection-stands", "data-missing", WHY
            )
    chen = building.who("chen")
    for outcome, root, why in (
        ("perhaps", "data-missing", WHY),
        ("neither", "unknown", WHY),
        ("neither", "data-missing", "short"),
    ):
        with pytest.raises(BadOutcome):
            adjudication.decide(chen, case.id, outcome, root, why)
    before = building.state(draft), building.rows("select count(*) as n from signoff.signature")
    adjudication.decide(chen, case.id, "rejection-stands", "data-missing", WHY)
    with pytest.raises(AlreadyAdjudicated):
        adjudication.decide(chen, case.id, "neither", "data-missing", WHY)
    for name in ("wang", "li", "chen"):
        seen = adjudication.one(building.who(name), case.id)
        assert (seen.outcome, seen.root, seen.reasoning) == (
            "rejection-stands",
            "data-missing",
            WHY,
        )
    assert case_of(building, draft).reasoning == "", "the quality office reads no clinical words"
    after = building.state(draft), building.rows("select count(*) as n from signoff.signature")
    assert before == after, "an outcome signs nothing"


def test_an_overdue_case_goes_to_another_senior(building: Building) -> None:
    admin = building.who("admin")
    building.signoff.rules.senior(admin, "cardiology", building.people["li"])
    draft = rejected(building, "zhao")
    case = case_of(building, draft)
    assert case.senior == building.people["li"]
    with psycopg.connect(building.database.owner_conninfo) as owner:
        owner.execute("alter table signoff.adjudication_step disable trigger append_only")
        owner.execute(
            "update signoff.adjudication_step set due_at = now() - interval '1 hour'"
            " where case_id = %s",
            (case.id,),
        )
        owner.execute("alter table signoff.adjudication_step enable always trigger append_only")
    assert case_of(building, draft).overdue
    with pytest.raises(Forbidden):
        building.signoff.adjudication.escalate(building.who("wang"))
    assert building.signoff.adjudication.escalate(TIMEKEEPER) == 1
    passed = case_of(building, draft)
    assert (passed.step, passed.senior) == ("escalated", building.people["chen"])
    assert not passed.overdue
    assert building.signoff.adjudication.escalate(TIMEKEEPER) == 0
    with pytest.raises(UnknownCase):
        building.signoff.adjudication.decide(
            building.who("li"), case.id, "neither", "judgement", WHY
        )
    assert building.events(f"draft:{draft}")[-1].kind == "case-escalated"


def test_only_the_administrator_sets_rules(building: Building) -> None:
    rules = building.signoff.rules
    for name in ("wang", "auditor"):
        with pytest.raises(Forbidden):
            rules.adjudication_hours(building.who(name), "12")
    admin = building.who("admin")
    for hours in ("0", "337", "1.5", "", "x", "٣"):
        with pytest.raises(BadRule):
            rules.adjudication_hours(admin, hours)
    rules.adjudication_hours(admin, "48")
    assert rules.hours() == 48
    assert building.events()[-1].kind == "safety-rule-changed"


@pytest.mark.parametrize(
    "statement",
    [
        "insert into signoff.adjudication_step (case_id, number, kind, senior_id, due_at)"
        " select id, 9, 'escalated', 'x', now() from signoff.adjudication limit 1",
        "insert into signoff.adjudication_step (case_id, number, kind, senior_id, due_at)"
        " select id, number + 1, 'escalated', first_id, now() from signoff.adjudication_state"
        " where step <> 'decided' limit 1",
        "insert into signoff.adjudication_step (case_id, number, kind, senior_id, outcome, root,"
        " suite, key_id, box) select id, number + 1, 'decided', 'x', 'neither', 'judgement',"
        " 1, 1, 'x' from signoff.adjudication_state where step <> 'decided' limit 1",
        "update signoff.adjudication_step set outcome = 'neither'",
        "insert into signoff.adjudication (id) values ('x')",
    ],
)
def test_no_row_written_by_hand_bends_a_case(building: Building, statement: str) -> None:
    rejected(building)
    with (
        pytest.raises(psycopg.DatabaseError) as refused,
        building.database.pool(DbRole.ROOM).transaction() as connection,
    ):
        connection.execute(statement)  # type: ignore[arg-type]
    assert refused.value.sqlstate in ("CSS03", "CSS04", "42501", "CSA01")
