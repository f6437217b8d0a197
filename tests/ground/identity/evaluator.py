"""A second opinion on the policy, written from the rules of the house and not from Cedar."""

from __future__ import annotations

from datetime import timedelta

from countersign.ground.identity import (
    Action,
    AppAccess,
    Facts,
    LicenceKind,
    Principal,
    Purpose,
    Role,
)

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
    Action.FACTORS_REMOVE: {Role.ADMINISTRATOR},
    Action.IDENTITY_LINK: {Role.ADMINISTRATOR},
    Action.CLIENTS_READ: {Role.ADMINISTRATOR},
    Action.CLIENTS_CHANGE: {Role.ADMINISTRATOR},
    Action.DATA_DESTROY: {Role.ADMINISTRATOR, Role.SECURITY_OFFICER},
    Action.MODELS_REGISTER: {Role.ADMINISTRATOR},
    Action.JOBS_READ: {Role.ADMINISTRATOR},
    Action.JOBS_RETRY: {Role.ADMINISTRATOR},
    Action.CHART_IMPORT: {Role.ADMINISTRATOR},
    Action.SAFETY_READ: {Role.AUDITOR, Role.ADMINISTRATOR},
    Action.SAFETY_CHANGE: {Role.ADMINISTRATOR},
    Action.EGRESS_READ: {Role.ADMINISTRATOR, Role.SECURITY_OFFICER},
    Action.ACCOUNT_CHANGE: None,
    Action.GLASS_REVIEW: {Role.AUDITOR, Role.SECURITY_OFFICER},
    Action.APP_LAUNCH: TREATS | {Role.PATIENT},
    Action.LABEL_RULES: {Role.ADMINISTRATOR},
    Action.DELEGATIONS_LIST: {Role.ADMINISTRATOR},
}
CLOSED = {"PSY", "HIV", "GDIS", "EMP"}
"""What a department alone does not open; other systems get none of it but EMP."""
NO_AI = {
    Action.DRAFT_PROPOSE,
    Action.DRAFT_DECIDE,
    Action.DRAFT_COUNTERSIGN,
    Action.ORDER_CHECK,
}
HOUR = timedelta(hours=1)
LIBRARY = {
    Action.LIBRARY_ASK,
    Action.LIBRARY_KEEP,
    Action.DOCUMENT_READ,
    Action.DOCUMENT_CURATE,
}
PATHOLOGY = {
    Action.SLIDES_LIST,
    Action.SLIDES_HANDLE,
    Action.SLIDE_READ,
    Action.SLIDE_LABEL,
    Action.SLIDE_CORRECT,
}
BENCH = {Role.PATHOLOGIST, Role.LABORATORY_TECHNICIAN}
INTERVIEW = {
    Action.INTERVIEW_INVITE,
    Action.INTERVIEW_DESK,
    Action.INTERVIEW_READ,
    Action.PROTOCOL_SIGN,
}
SYSTEMS = {
    "librarian": {Action.LIBRARY_KEEP, Action.DOCUMENT_CURATE},
    "worker": {Action.CHART_READ, Action.DRAFT_PROPOSE},
    "importer": {Action.CHART_RECEIVE},
    "interface": {Action.CHART_READ, Action.CHART_RECEIVE},
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
    if action in NO_AI and "ai" in facts.refused:
        return False
    if principal.kind == "system":
        return _system(principal.id, action, facts)
    if principal.kind == "client":
        return _client(principal, action, facts)
    if principal.app is not None and not _app(principal.app, action, facts):
        return False
    if action in LIBRARY:
        return _library(principal, action, facts)
    if action in BY_ROLE:
        holders = BY_ROLE[action]
        return holders is None or bool(holders & principal.roles)
    if action is Action.RESEARCH_READ:
        return (
            facts.patient is None
            and Role.RESEARCHER in principal.roles
            and principal.purpose is Purpose.RESEARCH
        )
    if action in (Action.CASES_READ, Action.CASES_CURATE):
        return _cases(principal, action, facts)
    if action in (Action.ORDER_CHECK, Action.PHARMACY_READ, Action.PHARMACY_CHANGE):
        return _medication(principal, action, facts)
    if action in PATHOLOGY:
        return _pathology(principal, action, facts)
    if action in INTERVIEW:
        return _interview(principal, action, facts)
    if action in (Action.GLASS_SEARCH, Action.GLASS_BREAK):
        return _break_glass(principal, action, facts)
    if action in (Action.DELEGATE, Action.DELEGATIONS_READ):
        leaving = DOCTORS | {Role.PATHOLOGIST}
        return bool(leaving & principal.roles) and principal.purpose is Purpose.TREATMENT
    if action in READS:
        return _reads(principal, action, facts)
    if action is Action.TEACHING_USE:
        return _teaches(principal, facts)
    if action in (Action.LABEL_CHANGE, Action.CONSENT_RECORD, Action.CHART_RECEIVE):
        return _entered(principal, action, facts)
    return _draft(principal, action, facts)


def _system(name: str, action: Action, facts: Facts) -> bool:
    if name == "worker" and action is Action.CHART_READ and "ai" in facts.refused:
        return False
    if name == "worker" and action is Action.RESEARCH_INCLUDE:
        return facts.patient is not None and "research" not in facts.refused
    return action in SYSTEMS.get(name, set())


def _cases(principal: Principal, action: Action, facts: Facts) -> bool:
    """Cases name nobody: those of one's departments, or of the house, to treat others by."""
    if facts.patient is not None or principal.purpose is not Purpose.TREATMENT:
        return False
    if action is Action.CASES_READ:
        own = not facts.departments or bool(facts.departments & principal.departments)
        return own and bool(TREATS & principal.roles)
    senior = Role.SENIOR_PHYSICIAN in principal.roles
    licensed = LicenceKind.SENIOR_PHYSICIAN in principal.licences
    return senior and licensed and facts.departments <= principal.departments


def _medication(principal: Principal, action: Action, facts: Facts) -> bool:
    """Orders are checked by physicians of the patient; rules name nobody and are the pharmacy's."""
    if principal.purpose is not Purpose.TREATMENT:
        return False
    if action is Action.PHARMACY_READ:
        return facts.patient is None and bool(TREATS & principal.roles)
    if action is Action.PHARMACY_CHANGE:
        licensed = LicenceKind.PHARMACIST in principal.licences
        return facts.patient is None and Role.PHARMACIST in principal.roles and licensed
    doctors = {LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN}
    if not DOCTORS & principal.roles or not doctors & principal.licences:
        return False
    lent = _lent(principal, facts)
    if lent is not None and not lent & doctors:
        return False
    if facts.patient is None:
        hidden = bool(facts.sensitivity & CLOSED) or _unwelcome(principal, facts)
        return not hidden or _in_team(principal, facts)
    return facts.patient not in principal.patients and _sees(principal, facts)


def _interview(principal: Principal, action: Action, facts: Facts) -> bool:
    """Nurses and physicians invite and watch, physicians read, a senior signs the protocol."""
    if principal.purpose is not Purpose.TREATMENT:
        return False
    if action is Action.PROTOCOL_SIGN:
        licensed = LicenceKind.SENIOR_PHYSICIAN in principal.licences
        return facts.patient is None and Role.SENIOR_PHYSICIAN in principal.roles and licensed
    holders = DOCTORS if action is Action.INTERVIEW_READ else DOCTORS | {Role.NURSE}
    if not holders & principal.roles:
        return False
    if facts.patient is None:
        hidden = bool(facts.sensitivity & CLOSED) or _unwelcome(principal, facts)
        return action is Action.INTERVIEW_DESK and (not hidden or _in_team(principal, facts))
    return facts.patient not in principal.patients and _sees(principal, facts)


def _pathology(principal: Principal, action: Action, facts: Facts) -> bool:
    """The bench handles slides and sees labels, physicians see slides, pathologists correct."""
    if principal.purpose is not Purpose.TREATMENT:
        return False
    if action is Action.SLIDE_CORRECT:
        holders = {Role.PATHOLOGIST}
        if LicenceKind.PATHOLOGIST not in principal.licences:
            return False
    else:
        seen = action in (Action.SLIDES_LIST, Action.SLIDE_READ)
        holders = BENCH | DOCTORS if seen else BENCH
    if not holders & principal.roles:
        return False
    if action in (Action.SLIDES_LIST, Action.SLIDES_HANDLE):
        return facts.patient is None
    if facts.patient is None:
        hidden = bool(facts.sensitivity & CLOSED) or _unwelcome(principal, facts)
        return action is Action.SLIDE_LABEL and (not hidden or _in_team(principal, facts))
    return facts.patient not in principal.patients and _sees(principal, facts)


def _library(principal: Principal, action: Action, facts: Facts) -> bool:
    """The hospital's own knowledge, by audience and department; nothing of it has a patient."""
    if facts.patient is not None:
        return False
    treats = bool(TREATS & principal.roles) and principal.purpose is Purpose.TREATMENT
    if action is Action.LIBRARY_ASK:
        return treats
    if action is Action.LIBRARY_KEEP:
        return Role.CURATOR in principal.roles
    if not facts.departments & (principal.departments | {"*"}):
        return False
    if action is Action.DOCUMENT_CURATE:
        return Role.CURATOR in principal.roles
    if facts.kind == "document.staff" and principal.roles - {Role.PATIENT}:
        return True
    if facts.kind == "document.doctors":
        return treats and bool(DOCTORS & principal.roles)
    return treats and facts.kind in ("document.clinical", "document.staff")


def _teaches(principal: Principal, facts: Facts) -> bool:
    """With patients whom one treats, who do not refuse it, and with nothing that is closed."""
    if facts.patient is None or principal.purpose is not Purpose.TREATMENT:
        return False
    if "teaching" in facts.refused or facts.sensitivity & CLOSED:
        return False
    return bool(TREATS & principal.roles) and _sees(principal, facts)


def _break_glass(principal: Principal, action: Action, facts: Facts) -> bool:
    if not DOCTORS & principal.roles or principal.purpose is not Purpose.TREATMENT:
        return False
    if not {LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN} & principal.licences:
        return False
    if action is Action.GLASS_SEARCH:
        return facts.patient is None
    return facts.patient is not None and facts.patient not in principal.patients


def _entered(principal: Principal, action: Action, facts: Facts) -> bool:
    """Labels, consents and the Consent itself, of patients whom one treats."""
    if facts.patient is None or principal.purpose is not Purpose.TREATMENT:
        return False
    if not _sees(principal, facts):
        return False
    if action is Action.LABEL_CHANGE:
        lent = _lent(principal, facts)
        if lent is not None and not lent & {LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN}:
            return False
        held = {LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN} & principal.licences
        return bool(DOCTORS & principal.roles) and bool(held)
    treats = bool(TREATS & principal.roles)
    return treats and (action is Action.CONSENT_RECORD or facts.kind == "Consent")


def _app(app: AppAccess, action: Action, facts: Facts) -> bool:
    """What an app's own scopes leave of what its person may do."""
    if action is not Action.FHIR_READ:
        return False
    for scope in app.scopes:
        level, _, rest = scope.partition("/")
        kind, _, ways = rest.partition(".")
        if not set(ways) & set("rs") or kind not in ("*", facts.kind):
            continue
        if level == "user":
            return True
        if level == "patient" and facts.patient in (None, app.patient):
            return True
    return False


def _reads(principal: Principal, action: Action, facts: Facts) -> bool:
    labelled = bool(facts.sensitivity & CLOSED)
    patient = Role.PATIENT in principal.roles and principal.purpose is Purpose.PERSONAL
    treats = bool(TREATS & principal.roles)
    if principal.purpose is Purpose.PERSONAL and not patient:
        return False
    if facts.patient is None:
        open_here = action is Action.PATIENTS_LIST or facts.kind in OPEN_KINDS
        timely = patient or principal.purpose is Purpose.TREATMENT
        hidden = (labelled or _unwelcome(principal, facts)) and not _in_team(principal, facts)
        reads = treats or Role.PATIENT in principal.roles
        return open_here and timely and reads and not hidden
    if patient:
        return facts.patient in principal.patients
    if principal.purpose is not Purpose.TREATMENT:
        return False
    if treats and _sees(principal, facts):
        return True
    return _pierced(principal, facts)


def _draft(principal: Principal, action: Action, facts: Facts) -> bool:
    if principal.purpose is not Purpose.TREATMENT:
        return False
    labelled = bool(facts.sensitivity & CLOSED)
    if facts.patient is None:
        readers = DOCTORS | {Role.PATHOLOGIST, Role.PHARMACIST, Role.NURSE}
        hidden = (labelled or _unwelcome(principal, facts)) and not _in_team(principal, facts)
        return action is Action.INBOX_READ and bool(readers & principal.roles) and not hidden
    if facts.patient in principal.patients:
        return False
    looking = action in (Action.DRAFT_READ, Action.SIGNED_READ)
    if not _sees(principal, facts) and not (looking and _pierced(principal, facts)):
        return False
    room, _, what = facts.kind.partition(".")
    lent = _lent(principal, facts)
    if lent is not None and action is not Action.SIGNED_READ:
        senior = LicenceKind.SENIOR_PHYSICIAN in lent
        physician = LicenceKind.PHYSICIAN in lent and action is not Action.DRAFT_COUNTERSIGN
        slides = LicenceKind.PATHOLOGIST in lent and room == "pathology" and "." in facts.kind
        if action in _LENT and not (senior or physician or slides):
            return False
    doctor = bool(DOCTORS & principal.roles)
    pathology = Role.PATHOLOGIST in principal.roles and room == "pathology" and "." in facts.kind
    drugs = Role.PHARMACIST in principal.roles and ("drug" in what or "medication" in what)
    nursing = Role.NURSE in principal.roles and facts.kind == "records.nursing"
    held = principal.licences
    certified = pathology and LicenceKind.PATHOLOGIST in held
    match action:
        case Action.SIGNED_READ:
            return bool(TREATS & principal.roles)
        case Action.DRAFT_READ:
            return doctor or pathology or drugs or nursing
        case Action.DRAFT_DECIDE:
            doctors = {LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN}
            nurse = nursing and LicenceKind.NURSE in held
            return doctor and bool(doctors & held) or certified or nurse
        case Action.DRAFT_COUNTERSIGN:
            senior = Role.SENIOR_PHYSICIAN in principal.roles
            return senior and LicenceKind.SENIOR_PHYSICIAN in held or certified
        case _:
            return False


def _client(principal: Principal, action: Action, facts: Facts) -> bool:
    if action is Action.DRAFT_READ and "hooks" in principal.scopes and facts.patient is not None:
        at_home = bool(principal.departments & facts.departments)
        closed = facts.sensitivity & CLOSED or _unwelcome(principal, facts)
        return at_home and not closed
    if action not in READS | WRITES:
        return False
    way = "read" if action in READS else "write"
    scopes = {f"system/{kind}.{w}" for kind in ("*", facts.kind) for w in (way, "*")}
    if not scopes & principal.scopes:
        return False
    if way == "read" and _unwelcome(principal, facts):
        return False
    if way == "read" and facts.sensitivity & {"PSY", "HIV", "GDIS"}:
        return False
    if facts.patient is None:
        return facts.kind in OPEN_KINDS and action is not Action.PATIENTS_LIST
    return bool(principal.departments & facts.departments)


def _sees(principal: Principal, facts: Facts) -> bool:
    """By a relation that lasts: the care team sees all, a department what is not closed."""
    if _in_team(principal, facts) or facts.patient in principal.care:
        return True
    shared = bool(principal.departments & facts.departments)
    return shared and not facts.sensitivity & CLOSED and not _unwelcome(principal, facts)


_LENT = {Action.DRAFT_READ, Action.DRAFT_DECIDE, Action.DRAFT_COUNTERSIGN}


def _lent(principal: Principal, facts: Facts) -> set[LicenceKind] | None:
    """The licences of the absent colleagues to whose patients this one belongs, where nothing
    but their delegations leads to the patient; None where something else does.
    """
    borrowed = {code for one in principal.lent for code in one.departments}
    cared_for = {patient for one in principal.lent for patient in one.care}
    if principal.id in facts.care_team or facts.patient in principal.patients:
        return None
    open_here = not facts.sensitivity & CLOSED and not _unwelcome(principal, facts)
    if open_here and facts.departments & principal.departments - borrowed:
        return None
    if facts.patient in principal.care and facts.patient not in cared_for:
        return None
    through = [
        one
        for one in principal.lent
        if one.person in facts.care_team
        or facts.patient in one.care
        or open_here
        and facts.departments & one.departments
    ]
    return {kind for one in through for kind in one.licences} if through else None


def _in_team(principal: Principal, facts: Facts) -> bool:
    """Oneself, or somebody on leave for whom one stands in."""
    return bool(({principal.id} | principal.stands_for) & facts.care_team)


def _unwelcome(principal: Principal, facts: Facts) -> bool:
    """The patient refuses one of the person's departments."""
    return any(f"department:{code}" in facts.refused for code in principal.departments)


def _pierced(principal: Principal, facts: Facts) -> bool:
    """Opened by a physician within the hour, with every closed label named at the opening."""
    if principal.at is None or not DOCTORS & principal.roles:
        return False
    lasting = [
        one for one in principal.opened if one.patient == facts.patient and one.until > principal.at
    ]
    if not lasting or max(one.until for one in lasting) - principal.at > HOUR:
        return False
    named = {label for one in lasting for label in one.pierces}
    return facts.sensitivity & CLOSED <= named
