"""Random requests of every shape, for comparing the policy with its second evaluator."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from countersign.ground.identity import (
    Action,
    AppAccess,
    Facts,
    Lent,
    LicenceKind,
    Opened,
    Principal,
    Purpose,
    Role,
    purposes,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DEPARTMENTS = ("cardiology", "psychiatry", "oncology")
PATIENTS = ("anna", "bela", "cyrus", "dora")
PEOPLE = ("me", "you")
LABELS = ("PSY", "HIV", "GDIS", "ETH", "EMP")
REFUSALS = (
    "ai",
    "research",
    "teaching",
    "department:cardiology",
    "department:psychiatry",
    "department:nowhere",
)
KINDS = (
    "chart",
    "Patient",
    "Observation",
    "Consent",
    "Organization",
    "Medication",
    "workstation.results",
    "records.nursing",
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
    "hooks",
    "*",
)


DELEGATING = (LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN, LicenceKind.PATHOLOGIST)


def some(chance: Random, values: tuple[str, ...], share: float = 0.4) -> frozenset[str]:
    return frozenset(value for value in values if chance.random() < share)


def some_opened(chance: Random) -> frozenset[Opened]:
    """Openings that last, are over, or claim more than an hour, which no database would keep."""
    return frozenset(
        Opened(
            patient,
            NOW + timedelta(seconds=chance.choice((-60, 0, 1, 59, 1800, 3600, 3601, 90_000))),
            f"g{number}",
            some(chance, LABELS, 0.5),
        )
        for number, patient in enumerate((*PATIENTS, *PATIENTS))
        if chance.random() < 0.25
    )


def a_principal(chance: Random) -> Principal:
    draw = chance.random()
    if draw < 0.08:
        names = (
            "worker",
            "worker",
            "importer",
            "timekeeper",
            "installer",
            "librarian",
            "stranger",
            "interface",
        )
        return Principal.system(chance.choice(names))
    if draw < 0.2:
        scopes = some(chance, SCOPES, 0.25)
        departments = some(chance, DEPARTMENTS)
        return Principal("lis", "Lis", "client", departments=departments, scopes=scopes)
    roles = frozenset(chance.sample(list(Role), chance.choice((0, 1, 1, 1, 2, 3))))
    own = purposes(roles) or tuple(Purpose)
    opened = some_opened(chance) if chance.random() < 0.3 else frozenset[Opened]()
    departments, care = some(chance, DEPARTMENTS, 0.5), some(chance, PATIENTS, 0.2)
    stands_for = some(chance, PEOPLE, 0.15)
    lent = frozenset(
        Lent(
            person,
            f"d-{person}",
            NOW,
            some(chance, tuple(sorted(departments)), 0.7),
            some(chance, tuple(sorted(care)), 0.7),
            frozenset(kind for kind in DELEGATING if chance.random() < 0.4),
        )
        for person in stands_for
        if chance.random() < 0.8
    )
    return Principal(
        chance.choice(PEOPLE),
        "Somebody",
        "person",
        roles=roles,
        departments=departments,
        patients=some(chance, PATIENTS, 0.2),
        purpose=chance.choice(own if chance.random() < 0.8 else tuple(Purpose)),
        licences=frozenset(kind for kind in LicenceKind if chance.random() < 0.6),
        care=care,
        stands_for=stands_for,
        lent=lent,
        opened=opened,
        at=NOW if opened else None,
    )


APP_SCOPES = ("patient/*.rs", "patient/Observation.r", "user/*.rs", "user/Patient.s", "user/*.c")


def narrowed(chance: Random, principal: Principal) -> Principal:
    """The person through an app, now and then."""
    if principal.kind != "person" or chance.random() < 0.75:
        return principal
    patient = chance.choice((None, *PATIENTS))
    return replace(principal, app=AppAccess("app", some(chance, APP_SCOPES), patient))


def an_action(chance: Random, principal: Principal) -> Action:
    """Any action, but for other systems and the worker mostly one they may ask for at all."""
    if principal.app is not None and chance.random() < 0.8:
        return Action.FHIR_READ
    if principal.kind == "client" and chance.random() < 0.8:
        return chance.choice(
            (Action.CHART_READ, Action.FHIR_READ, Action.FHIR_WRITE, Action.PATIENTS_LIST)
        )
    if principal.id == "worker" and chance.random() < 0.6:
        return chance.choice((Action.CHART_READ, Action.DRAFT_PROPOSE, Action.RESEARCH_INCLUDE))
    if chance.random() < 0.1:
        return chance.choice((Action.DOCUMENT_READ, Action.DOCUMENT_CURATE, Action.LIBRARY_KEEP))
    if principal.lent and chance.random() < 0.5:
        return chance.choice((Action.DRAFT_DECIDE, Action.DRAFT_COUNTERSIGN, Action.LABEL_CHANGE))
    return chance.choice(list(Action))


def some_facts(chance: Random) -> Facts:
    if chance.random() < 0.1:
        kind = chance.choice(("document.doctors", "document.clinical", "document.staff"))
        home = frozenset({"*"}) if chance.random() < 0.3 else some(chance, DEPARTMENTS)
        return Facts(kind, None, home)
    return Facts(
        chance.choice(KINDS),
        chance.choice((None, *PATIENTS, *PATIENTS)),
        some(chance, DEPARTMENTS),
        some(chance, PEOPLE, 0.3),
        some(chance, LABELS, 0.12),
        some(chance, REFUSALS, 0.1),
    )
