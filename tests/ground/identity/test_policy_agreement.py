"""Cedar against a second evaluator, and lists against the policy, on random worlds."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.ground.db import DbRole
from countersign.ground.identity import ADMITTED, SENSITIVE, Action, Facts, Principal, Role
from ground.identity.evaluator import may
from ground.identity.requests import PATIENTS, a_principal, an_action, narrowed, some_facts
from ground.identity.world import World

PRINCIPALS = 1_800
REQUESTS_EACH = 8


def test_cedar_agrees_with_a_second_evaluator(shared_world: World) -> None:
    chance = Random(20261122)
    policy = shared_world.policy
    disagreements: list[tuple[Principal, Action, Facts]] = []
    untried = {rule.id for rule in policy.rules}
    asked = permitted = 0
    for number in range(16 * PRINCIPALS):
        if number >= PRINCIPALS and not untried:
            break  # the rarest rules may take longer
        principal = narrowed(chance, a_principal(chance))
        for _ in range(REQUESTS_EACH):
            request = (principal, an_action(chance, principal), some_facts(chance))
            decision = policy.decide(*request)
            untried.difference_update(decision.reasons)
            asked += 1
            permitted += decision.allowed
            if decision.allowed != may(*request):
                disagreements.append(request)
    assert disagreements == []
    assert untried == set(), "a rule that was never tried"
    assert 0.1 < permitted / asked < 0.5


@settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.randoms(use_true_random=False))
def test_a_list_shows_what_the_policy_allows_and_nothing_else(
    shared_world: World, chance: Random
) -> None:
    principal = a_principal(chance)
    action, kind = chance.choice(
        [
            (Action.PATIENTS_LIST, "Patient"),
            (Action.FHIR_READ, "Observation"),
            (Action.CHART_READ, "chart"),
            (Action.FHIR_READ, "Patient"),
            (Action.TEACHING_USE, "chart"),
        ]
    )
    visibility = shared_world.policy.visibility(principal, action, kind)
    for _ in range(6):
        seen = some_facts(chance)
        facts = Facts(
            kind,
            chance.choice(PATIENTS),
            seen.departments,
            seen.care_team,
            seen.sensitivity,
            seen.refused,
        )
        decision = shared_world.policy.decide(principal, action, facts)
        admitted = visibility.admits(facts)
        assert admitted == decision.allowed, (principal, facts, decision)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.randoms(use_true_random=False))
def test_a_list_through_an_app_never_shows_more_than_the_policy_allows(
    shared_world: World, chance: Random
) -> None:
    person = a_principal(chance)
    principal = narrowed(chance, person)
    kind = chance.choice(("Observation", "Patient"))
    visibility = shared_world.policy.visibility(principal, Action.FHIR_READ, kind)
    for _ in range(6):
        facts = replace(some_facts(chance), kind=kind, patient=chance.choice(PATIENTS))
        allowed = shared_world.policy.decide(principal, Action.FHIR_READ, facts).allowed
        assert allowed or not visibility.admits(facts)
        if allowed:
            assert shared_world.policy.decide(person, Action.FHIR_READ, facts).allowed


def test_the_condition_in_sql_is_the_same(shared_world: World) -> None:
    chance = Random(7)
    rows = [replace(some_facts(chance), patient=chance.choice(PATIENTS)) for _ in range(300)]
    pierced = 0
    with shared_world.database.pool(DbRole.ROOM).transaction() as connection:
        connection.execute(
            "create temp table listed (number int, patient text, departments text[],"
            " care_team text[], sensitivity text[], refused text[]) on commit drop"
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into listed values (%s, %s, %s, %s, %s, %s)",
                [
                    (number, f.patient, *map(list, (f.departments, f.care_team, f.sensitivity,
                                                    f.refused)))
                    for number, f in enumerate(rows)
                ],
            )  # fmt: skip
        for number in range(4_000):
            if number >= 120 and pierced:
                break  # the rarest case may take longer
            visibility = shared_world.policy.visibility(a_principal(chance))
            found = connection.execute(
                "select number from listed where " + ADMITTED, visibility.parameters()
            ).fetchall()
            admitted = {place for place, f in enumerate(rows) if visibility.admits(f)}
            assert {row["number"] for row in found} == admitted
            pierced += any(
                rows[place].patient in visibility.opened and rows[place].sensitivity & SENSITIVE
                for place in admitted
            )
    assert pierced, "no labelled patient was opened"


def test_every_guarded_label_is_guarded_by_the_policy(shared_world: World) -> None:
    nurse = Principal(
        "me",
        "Me",
        "person",
        roles=frozenset({Role.NURSE}),
        departments=frozenset({"cardiology"}),
    )
    shut = {
        label
        for label in ("PSY", "HIV", "GDIS", "EMP", "ETH", "SDV", "R")
        if not shared_world.policy.decide(
            nurse,
            Action.CHART_READ,
            Facts("chart", "anna", nurse.departments, frozenset(), frozenset({label})),
        ).allowed
    }
    assert shut == SENSITIVE
    assert shared_world.policy.permitted_departments(nurse) == {"cardiology"}
