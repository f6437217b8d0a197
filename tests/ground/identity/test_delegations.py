"""Leaving work to a colleague while on leave, and what the colleague may then do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from building import PASSWORD, STAFF, Building, Member
from countersign.ground.chart import NotFound
from countersign.ground.db import Database, DbRole
from countersign.ground.identity import (
    Accounts,
    Appointment,
    BadValue,
    ColleagueAway,
    DelegationOver,
    DelegationOverlaps,
    DelegationUnknown,
    Forbidden,
    LicenceKind,
    NotKindred,
    Role,
    StandsInThen,
)
from countersign.ground.signoff import NotStandingIn, RiskClass
from countersign.kit.clock import utc_now
from countersign.kit.ids import new_id

WHY = "Annual leave, back on Monday."
CARDIOLOGY = {
    **STAFF,
    "slides": Member(Role.PATHOLOGIST, licence=LicenceKind.PATHOLOGIST),
    "surgeon": Member(Role.SENIOR_PHYSICIAN, "surgery", LicenceKind.SENIOR_PHYSICIAN),
}


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"), staff=CARDIOLOGY)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def none_left(building: Building) -> Iterator[None]:
    """No delegation goes on from one test to the next."""
    yield
    names = {person: name for name, person in building.people.items()}
    for one in building.floor.delegations.all(building.who("admin")):
        if one.state(utc_now()) in ("waiting", "upcoming", "current"):
            building.floor.delegations.end(building.who(names[one.by]), one.id)


def appointment(
    building: Building, to: str, starts: timedelta = timedelta(), **changes: Any
) -> Appointment:
    begins = datetime.now(UTC) + starts
    given: dict[str, Any] = {
        "to": building.people[to],
        "kind": "inbox",
        "starts": begins,
        "ends": begins + timedelta(days=7),
        "reason": WHY,
        **changes,
    }
    return Appointment(**given)


def stands_in(building: Building, away: str, to: str, **changes: Any) -> str:
    """Asked and accepted."""
    delegations = building.floor.delegations
    made = delegations.appoint(building.who(away), appointment(building, to, **changes))
    delegations.accept(building.who(to), made)
    return made


def test_a_colleague_of_another_department_stands_in_and_signs(building: Building) -> None:
    delegations = building.floor.delegations
    draft = building.drafted()
    made = delegations.appoint(building.who("wang"), appointment(building, "stranger"))
    assert building.who("stranger").lent == frozenset(), "nothing is lent before it is accepted"
    with pytest.raises(Forbidden):
        building.open("stranger", draft)
    assert delegations.waiting(building.who("stranger")) == 1
    delegations.accept(building.who("stranger"), made)
    stranger = building.who("stranger")
    assert stranger.stands_for == {building.people["wang"]}
    assert stranger.departments == {"surgery", "cardiology"}
    assert "p1" in {one.id for one in building.floor.chart.reader(stranger).patients().patients}
    building.decide("stranger", draft, "accept")

    behalf = f"person:{building.people['wang']}"
    (row,) = building.rows("select * from signoff.signature where draft_id = %s", draft)
    assert (row["on_behalf_of"], row["delegation_id"]) == (building.people["wang"], made)
    told = {event.kind: event.detail for event in building.events(f"draft:{draft}")}
    assert told["draft-signed"]["on_behalf_of"] == told["released"]["on_behalf_of"] == behalf
    (written,) = building.rows(
        "select v.id from chart.version v join release.released r on r.id = v.release_id"
        " where r.draft_id = %s and v.type = 'Provenance'",
        draft,
    )
    provenance = building.floor.chart.reader(building.who("wang")).read("Provenance", written["id"])
    verifier = provenance.resource["agent"][1]
    assert verifier["who"]["identifier"]["value"] == building.people["stranger"]
    assert verifier["onBehalfOf"] == {
        "type": "Practitioner",
        "identifier": {"system": "urn:countersign:person", "value": building.people["wang"]},
    }
    kinds = [event.kind for event in building.events(f"delegation:{made}")]
    assert kinds == ["delegated", "delegation-accepted"]


@pytest.mark.parametrize("by", ("wang", "stranger"))
def test_either_ends_it_at_once_in_every_running_session(building: Building, by: str) -> None:
    made = stands_in(building, "wang", "stranger")
    floor = building.floor
    pool = building.database.pool(DbRole.IDENTITY)
    elsewhere = Accounts(pool, building.ledger, floor.policy, utc_now, new_id, b"key")
    token = building._tokens["stranger"]
    draft = building.drafted()
    building.open("stranger", draft)
    stale = building.who("stranger")
    session = elsewhere.principal_for(token)
    assert session is not None and session.principal.lent
    floor.delegations.end(building.who(by), made)
    # Another process, that read the session a moment ago, knows it at once.
    session = elsewhere.principal_for(token)
    assert session is not None and not session.principal.lent
    with pytest.raises(Forbidden):
        building.open("stranger", draft)
    # And a request that is still under way with the older rights signs nothing.
    with pytest.raises(NotStandingIn):
        building.signoff.decisions.accept(stale, draft)
    assert building.state(draft) == "open"
    with pytest.raises(DelegationOver):
        floor.delegations.end(building.who(by), made)


def test_one_signs_for_oneself_where_one_has_a_right_of_ones_own(building: Building) -> None:
    stands_in(building, "wang", "zhao")
    draft = building.drafted()
    building.accept("zhao", draft)
    (row,) = building.rows("select * from signoff.signature where draft_id = %s", draft)
    assert row["on_behalf_of"] is None, "both belong to the department"
    people, wang = building.floor.people, building.people["wang"]
    care = people.care(wang, "p1", "ward round", by=building.who("admin"))
    building.floor.accounts.forget()
    draft = building.drafted()
    building.accept("zhao", draft)
    (row,) = building.rows("select * from signoff.signature where draft_id = %s", draft)
    assert row["on_behalf_of"] == wang, "the patient is Wang's"
    mine = people.care(building.people["zhao"], "p1", "ward round", by=building.who("admin"))
    building.floor.accounts.forget()
    draft = building.drafted()
    building.accept("zhao", draft)
    (row,) = building.rows("select * from signoff.signature where draft_id = %s", draft)
    assert row["on_behalf_of"] is None, "and Zhao's as well"
    for one in (care, mine):
        people.end_care(one, by=building.who("admin"))


def test_a_delegate_may_what_the_absent_may_and_no_more(building: Building) -> None:
    """A senior surgeon for an ordinary physician signs first and never second."""
    stands_in(building, "wang", "surgeon")
    draft = building.drafted(risk=RiskClass.HIGH)
    building.accept("zhao", draft)
    building.open("surgeon", draft)
    assert not building.signoff.decisions.may_decide(building.who("surgeon"), draft)
    with pytest.raises(Forbidden):
        building.signoff.decisions.countersign(building.who("surgeon"), draft)
    own = building.drafted(patient="p2", risk=RiskClass.HIGH)
    building.accept("stranger", own)
    building.countersign("surgeon", own)


def test_a_delegate_may_what_the_own_licence_permits_and_no_more(building: Building) -> None:
    """A physician for a senior signs first; the second signature needs a senior's licence."""
    stands_in(building, "li", "stranger")
    draft = building.drafted(risk=RiskClass.HIGH)
    building.accept("zhao", draft)
    building.open("stranger", draft)
    with pytest.raises(Forbidden):
        building.signoff.decisions.countersign(building.who("stranger"), draft)
    other = building.drafted()
    building.accept("stranger", other)


def test_the_second_signature_is_not_given_for_who_gave_the_first(building: Building) -> None:
    stands_in(building, "li", "surgeon")
    draft = building.drafted(risk=RiskClass.HIGH)
    building.accept("li", draft)
    building.open("surgeon", draft)
    assert not building.signoff.decisions.may_decide(building.who("surgeon"), draft)
    with pytest.raises(NotStandingIn):
        building.signoff.decisions.countersign(building.who("surgeon"), draft)
    building.countersign("chen", draft)


def test_what_was_left_is_not_left_on(building: Building) -> None:
    """Care alone lends no department; and nobody who stands in appoints another."""
    made = stands_in(building, "wang", "stranger", kind="care")
    assert building.who("stranger").departments == {"surgery"}
    with pytest.raises(Forbidden):
        building.floor.chart.reader(building.who("stranger")).open("p1")
    with pytest.raises(StandsInThen):
        building.floor.delegations.appoint(
            building.who("stranger"), appointment(building, "surgeon")
        )
    building.floor.delegations.end(building.who("stranger"), made)


def test_what_cannot_be_is_refused(building: Building) -> None:
    delegations, wang = building.floor.delegations, building.who("wang")
    refused: list[tuple[Appointment, type[Exception]]] = [
        (appointment(building, "wang"), BadValue),
        (replace(appointment(building, "stranger"), to="nobody"), NotKindred),
        (appointment(building, "stranger", kind="everything"), BadValue),
        (appointment(building, "stranger", reason="  no "), BadValue),
        (appointment(building, "stranger", ends=utc_now() - timedelta(days=1)), BadValue),
        (appointment(building, "stranger", ends=utc_now() + timedelta(days=93)), BadValue),
        (appointment(building, "stranger", starts=timedelta(days=-9)), DelegationOver),
        *[(appointment(building, one), NotKindred) for one in ("nurse", "slides", "student")],
        *[(appointment(building, one), NotKindred) for one in ("lapsed", "coming", "revoked")],
    ]
    for wanted, error in refused:
        with pytest.raises(error):
            delegations.appoint(wang, wanted)
    for name in ("nurse", "auditor", "admin"):
        with pytest.raises(Forbidden):
            delegations.appoint(building.who(name), appointment(building, "stranger"))
    offered = {person for person, _ in delegations.colleagues(wang)}
    assert building.people["stranger"] in offered
    assert not offered & {building.people[one] for one in ("wang", "nurse", "slides", "lapsed")}


def test_nothing_overlaps_in_one_person(building: Building) -> None:
    delegations = building.floor.delegations
    first = delegations.appoint(building.who("wang"), appointment(building, "stranger"))
    with pytest.raises(DelegationOverlaps):
        delegations.appoint(building.who("wang"), appointment(building, "zhao"))
    with pytest.raises(ColleagueAway):
        delegations.appoint(building.who("zhao"), appointment(building, "wang"))
    # Whoever was asked may go on leave before answering, and can then not accept.
    leave = delegations.appoint(building.who("stranger"), appointment(building, "surgeon"))
    with pytest.raises(ColleagueAway):
        delegations.accept(building.who("stranger"), first)
    delegations.decline(building.who("stranger"), first)
    delegations.accept(building.who("surgeon"), leave)
    after = appointment(building, "stranger", starts=timedelta(days=8))
    delegations.appoint(building.who("wang"), after)


def test_only_who_is_asked_answers_and_once(building: Building) -> None:
    delegations = building.floor.delegations
    made = delegations.appoint(building.who("wang"), appointment(building, "stranger"))
    for name in ("wang", "zhao"):
        with pytest.raises((DelegationUnknown, DelegationOver)):
            delegations.accept(building.who(name), made)
    with pytest.raises(DelegationUnknown):
        delegations.end(building.who("zhao"), made)
    with pytest.raises(DelegationOver):
        delegations.end(building.who("stranger"), made)  # who was asked declines
    delegations.decline(building.who("stranger"), made)
    for step in (delegations.accept, delegations.decline):
        with pytest.raises(DelegationOver):
            step(building.who("stranger"), made)
    (seen,) = [one for one in delegations.of(building.who("wang")) if one.id == made]
    assert seen.state(utc_now()) == "declined" and seen.reason == WHY


def test_the_administrator_sees_all_and_no_reason(building: Building) -> None:
    made = stands_in(building, "wang", "stranger")
    (seen,) = [
        one for one in building.floor.delegations.all(building.who("admin")) if one.id == made
    ]
    assert (seen.by, seen.to) == (building.people["wang"], building.people["stranger"])
    assert seen.reason == ""
    for name in ("wang", "nurse", "auditor"):
        with pytest.raises(Forbidden):
            building.floor.delegations.all(building.who(name))
    (row,) = building.rows("select b::text as all from identity.delegation b where id = %s", made)
    assert "leave" not in row["all"]


def test_it_ends_by_itself(building: Building) -> None:
    stands_in(building, "wang", "stranger", ends=utc_now() + timedelta(seconds=1.5))
    draft = building.drafted()
    building.open("stranger", draft)
    stale = building.who("stranger")
    time.sleep(1.6)
    with pytest.raises(NotStandingIn):
        building.signoff.decisions.accept(stale, draft)
    with pytest.raises(Forbidden):
        building.signoff.decisions.accept(building.who("stranger"), draft)


@pytest.mark.parametrize("lost", ("licence", "role", "left"))
def test_nothing_is_lent_by_who_has_nothing(building: Building, lost: str) -> None:
    people, by = building.floor.people, building.who("admin")
    name = f"going-{lost}"
    building.people[name] = person = people.add(name, by=by)
    people.grant(person, Role.PHYSICIAN, by=by)
    people.join(person, "cardiology", by=by)
    today = people.today()
    licence = people.license(person, LicenceKind.PHYSICIAN, today, today, by=by)
    building.account(name)
    assert building.floor.accounts.sign_in(name, PASSWORD)
    stands_in(building, name, "stranger", ends=utc_now() + timedelta(hours=1))
    assert building.who("stranger").lent
    if lost == "licence":
        people.revoke_licence(licence, "struck off", by=by)
    elif lost == "role":
        people.withdraw(person, Role.PHYSICIAN, by=by)
    else:
        people.leave(person, by=by)
    building.floor.accounts.forget()
    assert not building.who("stranger").lent
    with pytest.raises((Forbidden, NotFound)):
        building.floor.chart.reader(building.who("stranger")).open("p1")
    made = [one for one in building.floor.delegations.of(building.who("stranger"))
            if one.by == person]  # fmt: skip
    building.floor.delegations.end(building.who("stranger"), made[0].id)


def test_nobody_adjudicates_what_was_decided_in_their_place(building: Building) -> None:
    """Chen and Li are the seniors of cardiology; what was rejected for Chen goes to Li."""
    stands_in(building, "chen", "surgeon")
    draft = building.drafted(risk=RiskClass.HIGH)
    building.open("surgeon", draft)
    building.signoff.decisions.reject(
        building.who("surgeon"), draft, "policy-contradicts", "The sample was old."
    )
    (step,) = building.rows(
        "select s.senior_id from signoff.adjudication c join signoff.adjudication_step s"
        " on s.case_id = c.id where c.draft_id = %s",
        draft,
    )
    assert step["senior_id"] == building.people["li"]
    with (
        psycopg.connect(building.database.owner_conninfo) as owner,
        pytest.raises(psycopg.Error) as refused,
    ):
        owner.execute(
            "insert into signoff.adjudication_step (case_id, number, kind, senior_id, due_at)"
            " select id, 2, 'escalated', %s, now() from signoff.adjudication where draft_id = %s",
            (building.people["chen"], draft),
        )
    assert refused.value.sqlstate == "CSS04"
