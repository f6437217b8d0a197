"""Cedar against a second evaluator, and lists against the policy, on random worlds."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.ground.db import DbRole
from countersign.ground.identity import (
    ADMITTED,
    SENSITIVE,
    Action,
    AppAccess,
    Facts,
    LicenceKind,
    Principal,
    Purpose,
    Role,
    purposes,
)
from ground.identity.evaluator import may
from ground.identity.world import World

PRINCIPALS = 2_000
REQUESTS_EACH = 10
DEPARTMENTS = ("cardiology", "psychiatry", "oncology")
PATIENTS = ("anna", "bela", "cyrus", "dora")
PEOPLE = ("me", "you")
LABELS = ("PSY", "HIV", "GDIS", "ETH")
KINDS = (
    "chart",
    "Patient",
    "Observation",
    "Organization",
    "Medication",
    "workstation.results",
    "workstation.drug_conflict",
    "pharmacy.medication-review",
    "pathology.ki67",
    "pathology",
)
SCOPES = (
    "system/*.read",
    "system/*.write",
    "system/*.*",
    "system/Observation.read",
    "system/Patient.read",
    "system/Medication.write",
    "system/Medication.*",
    "patient/*.read",
    "*",
)


def some(chance: Random, values: tuple[str, ...], share: float = 0.4) -> frozenset[str]:
    return frozenset(value for value in values if chance.random() < share)


def a_principal(chance: Random) -> Principal:
    draw = chance.random()
    if draw < 0.08:
        names = ("worker", "importer", "timekeeper", "installer", "stranger")
        return Principal.system(chance.choice(names))
    if draw < 0.2:
        scopes = some(chance, SCOPES, 0.25)
        departments = some(chance, DEPARTMENTS)
        return Principal("lis", "Lis", "client", departments=departments, scopes=scopes)
    roles = frozenset(chance.sample(list(Role), chance.choice((0, 1, 1, 1, 2, 3))))
    own = purposes(roles) or tuple(Purpose)
    return Principal(
        chance.choice(PEOPLE),
        "Somebody",
        "person",
        roles=roles,
        departments=some(chance, DEPARTMENTS, 0.5),
        patients=some(chance, PATIENTS, 0.2),
        purpose=chance.choice(own if chance.random() < 0.8 else tuple(Purpose)),
        licences=frozenset(kind for kind in LicenceKind if chance.random() < 0.6),
        care=some(chance, PATIENTS, 0.2),
    )


APP_SCOPES = ("patient/*.rs", "patient/Observation.r", "user/*.rs", "user/Patient.s", "user/*.c")


def narrowed(chance: Random, principal: Principal) -> Principal:
    """The person through an app, now and then."""
    if principal.kind != "person" or chance.random() < 0.75:
        return principal
    patient = chance.choice((None, *PATIENTS))
    return replace(principal, app=AppAccess("app", some(chance, APP_SCOPES), patient))


def an_action(chance: Random, principal: Principal) -> Action:
    """Any action, but for other systems mostly one that they may ask for at all."""
    if principal.app is not None and chance.random() < 0.8:
        return Action.FHIR_READ
    if principal.kind == "client" and chance.random() < 0.8:
        return chance.choice(
            (Action.CHART_READ, Action.FHIR_READ, Action.FHIR_WRITE, Action.PATIENTS_LIST)
        )
    return chance.choice(list(Action))


def some_facts(chance: Random) -> Facts:
    return Facts(
        chance.choice(KINDS),
        chance.choice((None, *PATIENTS, *PATIENTS)),
        some(chance, DEPARTMENTS),
        some(chance, PEOPLE, 0.3),
        some(chance, LABELS, 0.12),
    )


def test_cedar_agrees_with_a_second_evaluator(shared_world: World) -> None:
    chance = Random(20261122)
    policy = shared_world.policy
    disagreements: list[tuple[Principal, Action, Facts]] = []
    fired: set[str] = set()
    permitted = 0
    for _ in range(PRINCIPALS):
        principal = narrowed(chance, a_principal(chance))
        for _ in range(REQUESTS_EACH):
            asked = (principal, an_action(chance, principal), some_facts(chance))
            decision = policy.decide(*asked)
            fired.update(decision.reasons)
            permitted += decision.allowed
            if decision.allowed != may(*asked):
                disagreements.append(asked)
    assert disagreements == []
    assert {rule.id for rule in policy.rules} - fired == set(), "a rule that was never tried"
    assert 0.1 < permitted / (PRINCIPALS * REQUESTS_EACH) < 0.5


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
        )
        decision = shared_world.policy.decide(principal, action, facts)
        assert visibility.admits(facts) == decision.allowed, (principal, facts, decision)


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
    rows = [(f"p{number}", some_facts(chance)) for number in range(200)]
    with shared_world.database.pool(DbRole.ROOM).transaction() as connection:
        connection.execute(
            "create temp table listed (patient text, departments text[], care_team text[],"
            " sensitivity text[]) on commit drop"
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into listed values (%s, %s, %s, %s)",
                [
                    (patient, list(f.departments), list(f.care_team), list(f.sensitivity))
                    for patient, f in rows
                ],
            )
        for _ in range(60):
            visibility = shared_world.policy.visibility(a_principal(chance))
            found = connection.execute(
                "select patient from listed where " + ADMITTED, visibility.parameters()
            ).fetchall()
            assert {row["patient"] for row in found} == {
                patient
                for patient, f in rows
                if visibility.admits(
                    Facts("Patient", patient, f.departments, f.care_team, f.sensitivity)
                )
            }


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
        for label in ("PSY", "HIV", "GDIS", "ETH", "SDV", "R")
        if not shared_world.policy.decide(
            nurse,
            Action.CHART_READ,
            Facts("chart", "anna", nurse.departments, frozenset(), frozenset({label})),
        ).allowed
    }
    assert shut == SENSITIVE
    assert shared_world.policy.permitted_departments(nurse) == {"cardiology"}
