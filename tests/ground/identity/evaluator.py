"""A second opinion on the policy, written from the rules of the house and not from Cedar."""

from __future__ import annotations

from countersign.ground.identity import Action, Facts, LicenceKind, Principal, Purpose, Role

TREATS = {
    Role.PHYSICIAN,
    Role.SENIOR_PHYSICIAN,
    Role.NURSE,
    Role.LABORATORY_TECHNICIAN,
    Role.PATHOLOGIST,
    Role.PHARMACIST,
}
DOCTORS = {Role.PHYSICIAN, Role.SENIOR_PHYSICIAN}
OPEN_KINDS = {
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Location",
    "HealthcareService",
    "Medication",
    "Device",
    "Questionnaire",
    "Schedule",
    "Slot",
}
READS = {Action.PATIENTS_LIST, Action.CHART_READ, Action.FHIR_READ}
WRITES = {Action.CHART_RECEIVE, Action.FHIR_WRITE}
BY_ROLE = {
    Action.MODELS_READ: set(Role) - {Role.PATIENT},
    Action.AUDIT_READ: {Role.AUDITOR, Role.SECURITY_OFFICER},
    Action.AUDIT_EXPORT: {Role.AUDITOR},
    Action.POLICY_READ: {Role.AUDITOR, Role.SECURITY_OFFICER},
    Action.SESSIONS_READ: {Role.SECURITY_OFFICER},
    Action.SESSIONS_REVOKE: {Role.SECURITY_OFFICER},
    Action.AI_STOP: {Role.ADMINISTRATOR, Role.SECURITY_OFFICER},
    Action.AI_RESUME: {Role.ADMINISTRATOR},
    Action.PEOPLE_READ: {Role.ADMINISTRATOR},
    Action.PEOPLE_CHANGE: {Role.ADMINISTRATOR},
    Action.CLIENTS_READ: {Role.ADMINISTRATOR},
    Action.CLIENTS_CHANGE: {Role.ADMINISTRATOR},
    Action.MODELS_REGISTER: {Role.ADMINISTRATOR},
    Action.JOBS_READ: {Role.ADMINISTRATOR},
    Action.JOBS_RETRY: {Role.ADMINISTRATOR},
    Action.CHART_IMPORT: {Role.ADMINISTRATOR},
    Action.EGRESS_READ: {Role.ADMINISTRATOR, Role.SECURITY_OFFICER},
    Action.ACCOUNT_CHANGE: None,
}
SYSTEMS = {
    "worker": {Action.CHART_READ, Action.DRAFT_PROPOSE},
    "importer": {Action.CHART_RECEIVE},
    "timekeeper": {Action.DRAFT_EXPIRE},
    "installer": {
        Action.PEOPLE_READ,
        Action.PEOPLE_CHANGE,
        Action.CLIENTS_READ,
        Action.CLIENTS_CHANGE,
        Action.MODELS_REGISTER,
    },
}


def may(principal: Principal, action: Action, facts: Facts) -> bool:
    """Whether the rules of the house allow it."""
    if principal.kind == "system":
        return action in SYSTEMS.get(principal.id, set())
    if principal.kind == "client":
        return _client(principal, action, facts)
    if action in BY_ROLE:
        holders = BY_ROLE[action]
        return holders is None or bool(holders & principal.roles)
    if action is Action.RESEARCH_READ:
        return (
            facts.patient is None
            and Role.RESEARCHER in principal.roles
            and principal.purpose is Purpose.RESEARCH
        )
    if action in READS:
        return _reads(principal, action, facts)
    return _draft(principal, action, facts)


def _reads(principal: Principal, action: Action, facts: Facts) -> bool:
    labelled = bool(facts.sensitivity & {"PSY", "HIV", "GDIS"})
    patient = Role.PATIENT in principal.roles and principal.purpose is Purpose.PERSONAL
    treats = bool(TREATS & principal.roles)
    if principal.purpose is Purpose.PERSONAL and not patient:
        return False
    if facts.patient is None:
        open_here = action is Action.PATIENTS_LIST or facts.kind in OPEN_KINDS
        timely = patient or principal.purpose is Purpose.TREATMENT
        hidden = labelled and principal.id not in facts.care_team
        reads = treats or Role.PATIENT in principal.roles
        return open_here and timely and reads and not hidden
    if patient:
        return facts.patient in principal.patients
    if principal.purpose is not Purpose.TREATMENT or not treats:
        return False
    return _related(principal, facts) and (not labelled or _cares(principal, facts))


def _draft(principal: Principal, action: Action, facts: Facts) -> bool:
    if principal.purpose is not Purpose.TREATMENT:
        return False
    labelled = bool(facts.sensitivity & {"PSY", "HIV", "GDIS"})
    if facts.patient is None:
        readers = DOCTORS | {Role.PATHOLOGIST, Role.PHARMACIST}
        hidden = labelled and principal.id not in facts.care_team
        return action is Action.INBOX_READ and bool(readers & principal.roles) and not hidden
    if facts.patient in principal.patients or not _related(principal, facts):
        return False
    if labelled and not _cares(principal, facts):
        return False
    room, _, what = facts.kind.partition(".")
    doctor = bool(DOCTORS & principal.roles)
    pathology = Role.PATHOLOGIST in principal.roles and room == "pathology" and "." in facts.kind
    drugs = Role.PHARMACIST in principal.roles and ("drug" in what or "medication" in what)
    held = principal.licences
    certified = pathology and LicenceKind.PATHOLOGIST in held
    match action:
        case Action.SIGNED_READ:
            return bool(TREATS & principal.roles)
        case Action.DRAFT_READ:
            return doctor or pathology or drugs
        case Action.DRAFT_DECIDE:
            doctors = {LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN}
            return doctor and bool(doctors & held) or certified
        case Action.DRAFT_COUNTERSIGN:
            senior = Role.SENIOR_PHYSICIAN in principal.roles
            return senior and LicenceKind.SENIOR_PHYSICIAN in held or certified
        case _:
            return False


def _client(principal: Principal, action: Action, facts: Facts) -> bool:
    if action not in READS | WRITES:
        return False
    way = "read" if action in READS else "write"
    scopes = {f"system/{kind}.{w}" for kind in ("*", facts.kind) for w in (way, "*")}
    if not scopes & principal.scopes:
        return False
    if way == "read" and facts.sensitivity & {"PSY", "HIV", "GDIS"}:
        return False
    if facts.patient is None:
        return facts.kind in OPEN_KINDS and action is not Action.PATIENTS_LIST
    return bool(principal.departments & facts.departments)


def _related(principal: Principal, facts: Facts) -> bool:
    return bool(principal.departments & facts.departments) or _cares(principal, facts)


def _cares(principal: Principal, facts: Facts) -> bool:
    return principal.id in facts.care_team or facts.patient in principal.care
