"""What would have changed a decision: single changes to the request, each tried by itself.

Nothing is concluded from the text of a rule. A change is named only when the policy itself,
asked again with everything else as it was, answers otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from countersign.kit.words import Words

from .action import Action
from .decision import Decision
from .policy import Policy
from .principal import AppAccess, Facts, LicenceKind, Opened, Principal, Purpose, Role
from .visibility import SENSITIVE

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Change:
    """One change in words that follow "otherwise, if …", and the decision that it leads to."""

    code: str
    words: Words
    decision: Decision


def changes(
    policy: Policy, principal: Principal, action: Action, facts: Facts, at: datetime
) -> tuple[Change, ...]:
    """Every change of this page's list after which the answer is another one."""
    before = policy.decide(principal, action, facts)
    tried = _additions(principal, facts, at) if not before.allowed else _losses(principal, facts)
    found: dict[str, Change] = {}
    for code, words, who, what in tried:
        if code in found or (who, what) == (principal, facts):
            continue
        after = policy.decide(who, action, what)
        if after.allowed != before.allowed:
            found[code] = Change(code, words, after)
    if "glass" in found:
        found.pop("glass-labels", None)  # naming labels was not what was missing
    return tuple(found.values())


Tried = tuple[str, Words, Principal, Facts]


def _additions(principal: Principal, facts: Facts, at: datetime) -> Iterator[Tried]:
    """What a refusal may have lacked."""
    if principal.kind == "client":
        yield from _of_a_client(principal, facts)
        return
    if principal.kind != "person":
        return
    if principal.app is not None:
        wide = AppAccess(principal.app.id, frozenset({"user/*.rs"}))
        yield "app", WORDS["app"], replace(principal, app=wide), facts
        yield "no-app", WORDS["no-app"], replace(principal, app=None), facts
    if facts.patient is not None:
        yield from _of_the_patient(principal, facts, facts.patient, at)
    for purpose in Purpose:
        yield f"purpose-{purpose}", PURPOSE[purpose], replace(principal, purpose=purpose), facts
    held = principal.licences | {LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN}
    yield "licence", WORDS["licence"], replace(principal, licences=held), facts
    pathologist = principal.licences | {LicenceKind.PATHOLOGIST}
    yield "licence", WORDS["licence"], replace(principal, licences=pathologist), facts
    for role in Role:
        more = replace(principal, roles=principal.roles | {role})
        yield f"role-{role}", ROLE[role], more, facts


def _of_the_patient(
    principal: Principal, facts: Facts, patient: str, at: datetime
) -> Iterator[Tried]:
    team = replace(facts, care_team=facts.care_team | {principal.id})
    yield "care-team", WORDS["care-team"], principal, team
    place = replace(principal, departments=principal.departments | facts.departments)
    yield "department", WORDS["department"], place, facts
    bare = Opened(patient, at + HOUR, "what-if", frozenset())
    glass = replace(principal, opened=principal.opened | {bare}, at=at)
    yield "glass", WORDS["glass"], glass, facts
    named = replace(bare, pierces=SENSITIVE)
    glass = replace(principal, opened=principal.opened | {named}, at=at)
    yield "glass-labels", WORDS["glass-labels"], glass, facts
    yield "label", WORDS["label"], principal, replace(facts, sensitivity=frozenset())
    yield "refusal", WORDS["refusal"], principal, replace(facts, refused=frozenset())
    bared = replace(facts, sensitivity=frozenset(), refused=frozenset())
    yield "label-refusal", WORDS["label-refusal"], principal, bared
    stranger = replace(principal, patients=principal.patients - {patient})
    yield "not-self", WORDS["not-self"], stranger, facts


def _of_a_client(principal: Principal, facts: Facts) -> Iterator[Tried]:
    wide = replace(principal, scopes=principal.scopes | {"system/*.cruds"})
    yield "scope", WORDS["scope"], wide, facts
    if facts.patient is None:
        return
    place = replace(principal, departments=principal.departments | facts.departments)
    yield "department", WORDS["department-client"], place, facts
    yield "label", WORDS["label"], principal, replace(facts, sensitivity=frozenset())


def _losses(principal: Principal, facts: Facts) -> Iterator[Tried]:
    """What a permission may have rested on."""
    if principal.opened:
        shut = replace(principal, opened=frozenset(), at=None)
        yield "no-glass", WORDS["no-glass"], shut, facts
    team = replace(facts, care_team=facts.care_team - {principal.id})
    cared = replace(principal, care=principal.care - {facts.patient or ""})
    yield "no-care", WORDS["no-care"], cared, team
    yield (
        "no-department",
        WORDS["no-department"],
        replace(principal, departments=frozenset()),
        facts,
    )
    alone = replace(principal, stands_for=frozenset())
    yield "no-delegation", WORDS["no-delegation"], alone, facts
    own = replace(principal, patients=frozenset())
    yield "no-own", WORDS["no-own"], own, facts
    yield "no-licence", WORDS["no-licence"], replace(principal, licences=frozenset()), facts
    for role in sorted(principal.roles):
        less = replace(principal, roles=principal.roles - {role})
        yield f"no-role-{role}", NO_ROLE[role], less, facts
    if principal.kind == "client":
        bare = replace(principal, scopes=frozenset())
        yield "no-scope", WORDS["no-scope"], bare, facts


_ROLES: dict[Role, tuple[str, str]] = {
    Role.PHYSICIAN: ("a physician", "医师"),
    Role.SENIOR_PHYSICIAN: ("a senior physician", "上级医师"),
    Role.NURSE: ("a nurse", "护士"),
    Role.LABORATORY_TECHNICIAN: ("a laboratory technician", "检验技师"),
    Role.PATHOLOGIST: ("a pathologist", "病理医师"),
    Role.PHARMACIST: ("a pharmacist", "药师"),
    Role.PATIENT: ("a patient with an account", "有账号的患者"),
    Role.RESEARCHER: ("a researcher", "研究人员"),
    Role.AUDITOR: ("an auditor", "审计员"),
    Role.ADMINISTRATOR: ("an administrator", "管理员"),
    Role.SECURITY_OFFICER: ("a security officer", "安全员"),
    Role.CURATOR: ("a curator of knowledge", "知识管理员"),
}
ROLE = {
    role: Words(f"the person had also been {en}", f"该人员同时是{zh}")
    for role, (en, zh) in _ROLES.items()
}
NO_ROLE = {
    role: Words(f"the person had not been {en}", f"该人员不是{zh}")
    for role, (en, zh) in _ROLES.items()
}
PURPOSE: dict[Purpose, Words] = {
    Purpose.TREATMENT: Words("the purpose had been treatment", "用途为诊疗"),
    Purpose.PERSONAL: Words("the purpose had been the own record", "用途为查看本人病历"),
    Purpose.RESEARCH: Words("the purpose had been research", "用途为科研"),
    Purpose.OVERSIGHT: Words("the purpose had been oversight", "用途为监督"),
    Purpose.OPERATIONS: Words("the purpose had been operations", "用途为系统运维"),
}
WORDS: dict[str, Words] = {
    "app": Words("the app's scopes had named it", "应用的授权范围包含此项"),
    "no-app": Words("the person had asked without the app", "该人员未经应用而直接请求"),
    "care-team": Words(
        "the person had been in the care team of this patient", "该人员属于该患者的照护团队"
    ),
    "department": Words(
        "the person had belonged to a department of this patient", "该人员属于该患者所在科室"
    ),
    "department-client": Words(
        "the system had been connected to a department of this patient",
        "该系统已接入该患者所在科室",
    ),
    "glass": Words(
        "the chart had been open to the person by break-glass", "该人员已紧急调阅该病历"
    ),
    "glass-labels": Words(
        "the chart had been open to the person by break-glass, labels named",
        "该人员已紧急调阅该病历，并指明所涉敏感标签",
    ),
    "label": Words("no sensitivity label had closed it", "没有敏感标签限制"),
    "refusal": Words("the patient had refused nothing", "患者未作任何拒绝"),
    "label-refusal": Words(
        "neither a label nor a refusal had closed it", "既无敏感标签限制，患者亦未拒绝"
    ),
    "not-self": Words("it had not been the person's own record", "所涉并非其本人病历"),
    "licence": Words(
        "the person had held a licence that was valid on that day",
        "该人员持有当日有效的执业资格",
    ),
    "scope": Words("the system's scopes had named it", "该系统的授权范围包含此项"),
    "no-glass": Words("no break-glass had covered it", "没有紧急调阅"),
    "no-care": Words(
        "the person had not been in the care team of this patient", "该人员不在该患者的照护团队中"
    ),
    "no-department": Words(
        "no department had been shared with the patient", "与该患者没有共同的科室"
    ),
    "no-delegation": Words(
        "the person had not stood in for a colleague on leave", "该人员未代理离岗同事"
    ),
    "no-own": Words("it had not been the person's own record", "所涉并非其本人病历"),
    "no-licence": Words("no licence had been valid on that day", "当日没有有效的执业资格"),
    "no-scope": Words("no scope had named it", "没有授权范围包含此项"),
}
