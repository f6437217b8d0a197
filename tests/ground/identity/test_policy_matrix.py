"""Every role, every action, the typical cases: the table that says who may do what."""

from __future__ import annotations

import pytest

from countersign.ground.identity import (
    Action,
    Facts,
    LicenceKind,
    Principal,
    Purpose,
    Role,
    purposes,
)
from ground.identity.world import World

# o  a patient of the own department          s  the same, labelled PSY
# c  a patient in the own care, elsewhere     t  the same, labelled PSY
# x  a patient without any relation           m  one's own record (role patient)
# h  a thing of the house that names no patient
# p  a draft of pathology, own department     d  a draft on a drug conflict, own department
# n  a nursing record, own department
# a  a document for clinical staff of the own department   b  one for all staff everywhere
# e  a document for physicians of the own department       f  one for clinical staff elsewhere
# *  all of these                             -  none
# Each role signs in for its first purpose and has a valid licence of its kind.
MATRIX = """
action            physician senior_physician nurse laboratory_technician pathologist pharmacist
patients_list     octh      octh             octh  octh                  octh        octh
chart_read        octh      octh             octh  octh                  octh        octh
chart_receive     -         -                -     -                     -           -
chart_import      -         -                -     -                     -           -
fhir_read         octh      octh             octh  octh                  octh        octh
fhir_write        -         -                -     -                     -           -
research_read     -         -                -     -                     -           -
cases_read        h         h                h     h                     h           h
cases_curate      -         h                -     -                     -           -
order_check       octh      octh             -     -                     -           -
pharmacy_read     h         h                h     h                     h           h
pharmacy_change   -         -                -     -                     -           h
inbox_read        h         h                h     -                     h           h
draft_propose     -         -                -     -                     -           -
draft_read        octpdn    octpdn           n     -                     p           d
draft_decide      octpdn    octpdn           n     -                     p           -
draft_countersign -         octpdn           -     -                     p           -
draft_expire      -         -                -     -                     -           -
signed_read       octpdn    octpdn           octpdn octpdn               octpdn      octpdn
models_read       *         *                *     *                     *           *
models_register   -         -                -     -                     -           -
ai_stop           -         -                -     -                     -           -
ai_resume         -         -                -     -                     -           -
audit_read        -         -                -     -                     -           -
audit_export      -         -                -     -                     -           -
policy_read       -         -                -     -                     -           -
sessions_read     -         -                -     -                     -           -
sessions_revoke   -         -                -     -                     -           -
people_read       -         -                -     -                     -           -
people_change     -         -                -     -                     -           -
factors_remove    -         -                -     -                     -           -
identity_link     -         -                -     -                     -           -
clients_read      -         -                -     -                     -           -
clients_change    -         -                -     -                     -           -
jobs_read         -         -                -     -                     -           -
jobs_retry        -         -                -     -                     -           -
safety_read       -         -                -     -                     -           -
safety_change     -         -                -     -                     -           -
account_change    *         *                *     *                     *           *
data_destroy      -         -                -     -                     -           -
app_launch        *         *                *     *                     *           *
research_include  -         -                -     -                     -           -
label_change      oct       oct              -     -                     -           -
consent_record    oct       oct              oct   oct                   oct         oct
glass_search      h         h                -     -                     -           -
glass_break       ocxstm    ocxstm           -     -                     -           -
glass_review      -         -                -     -                     -           -
delegate          *         *                -     -                     *           -
delegations_read  *         *                -     -                     *           -
egress_read       -         -                -     -                     -           -
library_ask       h         h                h     h                     h           h
library_keep      -         -                -     -                     -           -
document_read     abe       abe              ab    ab                    ab          ab
document_curate   -         -                -     -                     -           -
teaching_use      oc        oc               oc    oc                    oc          oc
label_rules       -         -                -     -                     -           -
delegations_list  -         -                -     -                     -           -
interview_invite  octpd     octpd            octpd -                     -           -
interview_desk    octhpd    octhpd           octhpd -                    -           -
interview_read    octpd     octpd            -     -                     -           -
protocol_sign     -         h                -     -                     -           -
slides_list       h         h                -     h                     h           -
slides_handle     -         -                -     h                     h           -
slide_read        octpd     octpd            -     octpd                 octpd       -
slide_label       -         -                -     octhpd                octhpd      -
slide_correct     -         -                -     -                     octpd       -

action            patient researcher auditor administrator security_officer curator
patients_list     mh      -          -       -             -                -
chart_read        mh      -          -       -             -                -
chart_receive     -       -          -       -             -                -
chart_import      -       -          -       *             -                -
fhir_read         mh      -          -       -             -                -
fhir_write        -       -          -       -             -                -
research_read     -       h          -       -             -                -
cases_read        -       -          -       -             -                -
cases_curate      -       -          -       -             -                -
order_check       -       -          -       -             -                -
pharmacy_read     -       -          -       -             -                -
pharmacy_change   -       -          -       -             -                -
inbox_read        -       -          -       -             -                -
draft_propose     -       -          -       -             -                -
draft_read        -       -          -       -             -                -
draft_decide      -       -          -       -             -                -
draft_countersign -       -          -       -             -                -
draft_expire      -       -          -       -             -                -
signed_read       -       -          -       -             -                -
models_read       -       *          *       *             *                *
models_register   -       -          -       *             -                -
ai_stop           -       -          -       *             *                -
ai_resume         -       -          -       *             -                -
audit_read        -       -          *       -             *                -
audit_export      -       -          *       -             -                -
policy_read       -       -          *       -             *                -
sessions_read     -       -          -       -             *                -
sessions_revoke   -       -          -       -             *                -
people_read       -       -          -       *             -                -
people_change     -       -          -       *             -                -
factors_remove    -       -          -       *             -                -
identity_link     -       -          -       *             -                -
clients_read      -       -          -       *             -                -
clients_change    -       -          -       *             -                -
jobs_read         -       -          -       *             -                -
jobs_retry        -       -          -       *             -                -
safety_read       -       -          *       *             -                -
safety_change     -       -          -       *             -                -
account_change    *       *          *       *             *                *
data_destroy      -       -          -       *             *                -
app_launch        *       -          -       -             -                -
research_include  -       -          -       -             -                -
label_change      -       -          -       -             -                -
consent_record    -       -          -       -             -                -
glass_search      -       -          -       -             -                -
glass_break       -       -          -       -             -                -
glass_review      -       -          *       -             *                -
delegate          -       -          -       -             -                -
delegations_read  -       -          -       -             -                -
egress_read       -       -          -       *             *                -
library_ask       -       -          -       -             -                -
library_keep      -       -          -       -             -                h
document_read     -       b          b       b             b                b
document_curate   -       -          -       -             -                abe
teaching_use      -       -          -       -             -                -
label_rules       -       -          -       *             -                -
delegations_list  -       -          -       *             -                -
interview_invite  -       -          -       -             -                -
interview_desk    -       -          -       -             -                -
interview_read    -       -          -       -             -                -
protocol_sign     -       -          -       -             -                -
slides_list       -       -          -       -             -                -
slides_handle     -       -          -       -             -                -
slide_read        -       -          -       -             -                -
slide_label       -       -          -       -             -                -
slide_correct     -       -          -       -             -                -
"""

# Systems, and clients of the own department with the scopes named below. What is not in
# the table is allowed to none of them.
MACHINES = """
action           worker importer interface timekeeper installer any other
patients_list    -      -        -         -          -         -   -
chart_read       *      -        *         -          -         -   -
fhir_read        -      -        -         -          -         -   -
chart_receive    -      *        *         -          -         -   -
fhir_write       -      -        -         -          -         -   -
draft_propose    *      -        -         -          -         -   -
research_include ocxstm -        -         -          -         -   -
draft_expire     -      -        -         *          -         -   -
people_read      -      -        -         -          *         -   -
people_change    -      -        -         -          *         -   -
clients_read     -      -        -         -          *         -   -
clients_change   -      -        -         -          *         -   -
models_register  -      -        -         -          *         -   -
draft_read       -      -        -         -          -         -   -

action           reads reads_one writes both cards
patients_list    o     -         -      o    o
chart_read       oh    o         -      oh   -
fhir_read        oh    o         -      oh   -
chart_receive    -     -         osh    osh  -
fhir_write       -     -         osh    osh  -
draft_propose    -     -         -      -    -
research_include -     -         -      -    -
draft_expire     -     -         -      -    -
people_read      -     -         -      -    -
people_change    -     -         -      -    -
clients_read     -     -         -      -    -
clients_change   -     -         -      -    -
models_register  -     -         -      -    -
draft_read       -     -         -      -    opdn
"""
SCOPES = {
    "any": frozenset[str](),
    "other": frozenset({"system/Condition.read", "patient/*.read", "system/*", "*"}),
    "reads": frozenset({"system/*.read"}),
    "reads_one": frozenset({"system/Observation.read"}),
    "writes": frozenset({"system/*.write"}),
    "both": frozenset({"system/*.*"}),
    "cards": frozenset({"hooks", "system/Patient.read"}),
}

HERE = frozenset({"cardiology"})
ELSEWHERE = frozenset({"psychiatry"})
TEAM = frozenset({"me"})
NONE = frozenset[str]()
LABEL = frozenset({"PSY"})


def cases(action: Action) -> dict[str, Facts]:
    """What is asked for in each case; the cases of drafts make sense for drafts only."""
    drafts = action.startswith(("draft_", "signed_"))
    kind = "workstation.results" if drafts else "Observation"
    if action is Action.PATIENTS_LIST:
        kind = "Patient"
    asked = {
        "o": Facts(kind, "anna", HERE, NONE, NONE),
        "c": Facts(kind, "bela", ELSEWHERE, TEAM, NONE),
        "x": Facts(kind, "cyrus", ELSEWHERE, frozenset({"another"}), NONE),
        "s": Facts(kind, "dora", HERE, NONE, LABEL),
        "t": Facts(kind, "emil", ELSEWHERE, TEAM, LABEL),
        "m": Facts(kind, "myself", ELSEWHERE, NONE, LABEL),
        "h": Facts.house("Organization"),
    }
    if action in (Action.DOCUMENT_READ, Action.DOCUMENT_CURATE):
        return {
            "a": Facts("document.clinical", None, HERE),
            "b": Facts("document.staff", None, frozenset({"*"})),
            "e": Facts("document.doctors", None, HERE),
            "f": Facts("document.clinical", None, ELSEWHERE),
            "x": Facts("document.staff", None, ELSEWHERE),
        }
    if drafts:
        asked["p"] = Facts("pathology.ki67", "anna", HERE, NONE, NONE)
        asked["d"] = Facts("workstation.drug_conflict", "anna", HERE, NONE, NONE)
        asked["n"] = Facts("records.nursing", "anna", HERE, NONE, NONE)
    return asked


def table(text: str) -> dict[tuple[str, str], str]:
    """From (name of the column, action) to the letters of what is allowed."""
    cells: dict[tuple[str, str], str] = {}
    columns: list[str] = []
    for line in filter(None, text.splitlines()):
        first, *rest = line.split()
        if first == "action":
            columns = rest
            continue
        cells.update({(name, first): cell for name, cell in zip(columns, rest, strict=True)})
    return cells


def test_the_table_names_every_role_and_every_action() -> None:
    assert set(table(MATRIX)) == {(str(role), str(action)) for role in Role for action in Action}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_the_table_says(shared_world: World, role: Role) -> None:
    principal = Principal(
        "me",
        "Me",
        "person",
        roles=frozenset({role}),
        departments=HERE,
        patients=frozenset({"myself"}) if role is Role.PATIENT else NONE,
        purpose=purposes(frozenset({role}))[0],
        licences=frozenset({LicenceKind(role)}) if role in set(LicenceKind) else frozenset(),
    )
    expected = table(MATRIX)
    assert allowed(shared_world, principal) == {
        action: wanted(expected[str(role), str(action)], action) for action in Action
    }


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose != "treatment"])
def test_for_another_purpose_nobody_reads_or_decides_anything_of_others(
    shared_world: World, purpose: Purpose
) -> None:
    everything = Principal(
        "me",
        "Me",
        "person",
        roles=frozenset(Role),
        departments=HERE,
        patients=frozenset({"myself"}),
        purpose=purpose,
        licences=frozenset(LicenceKind),
    )
    clinical = {
        action: letters
        for action, letters in allowed(shared_world, everything).items()
        if letters and action.startswith(("patients_", "chart_r", "fhir_", "draft_", "signed_"))
    }
    own = "mh" if purpose is Purpose.PERSONAL else ""
    assert clinical == {
        action: own for action in (Action.PATIENTS_LIST, Action.CHART_READ, Action.FHIR_READ) if own
    }


@pytest.mark.parametrize(
    "name", ["worker", "importer", "interface", "timekeeper", "installer", *SCOPES, "none"]
)
def test_a_machine_may_do_what_its_name_or_scopes_need(shared_world: World, name: str) -> None:
    if name in SCOPES:
        principal = Principal("lis", "Lis", "client", departments=HERE, scopes=SCOPES[name])
    else:
        principal = Principal.system(name)
    expected = table(MACHINES)
    assert allowed(shared_world, principal) == {
        action: wanted(expected.get((name, str(action)), "-"), action) for action in Action
    }


def allowed(world: World, principal: Principal) -> dict[Action, str]:
    return {
        action: "".join(
            letter
            for letter, facts in cases(action).items()
            if world.policy.decide(principal, action, facts).allowed
        )
        for action in Action
    }


def wanted(cell: str, action: Action) -> str:
    letters = list(cases(action))
    return "".join(letter for letter in letters if letter in cell or cell == "*")
