"""What roles, licences, purposes and steps of the ledger are called in the two languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from countersign.ground.identity import LicenceKind, Purpose, Role
from countersign.ground.ledger import EventKind
from countersign.kit.words import Words

ROLES: Mapping[Role, Words] = {
    Role.PHYSICIAN: Words("Physician", "医师"),
    Role.SENIOR_PHYSICIAN: Words("Senior physician", "上级医师"),
    Role.NURSE: Words("Nurse", "护士"),
    Role.LABORATORY_TECHNICIAN: Words("Laboratory technician", "检验技师"),
    Role.PATHOLOGIST: Words("Pathologist", "病理医师"),
    Role.PHARMACIST: Words("Pharmacist", "药师"),
    Role.PATIENT: Words("Patient", "患者"),
    Role.RESEARCHER: Words("Researcher", "研究人员"),
    Role.AUDITOR: Words("Auditor", "审计员"),
    Role.ADMINISTRATOR: Words("Administrator", "管理员"),
    Role.SECURITY_OFFICER: Words("Security officer", "安全员"),
}

LICENCES: Mapping[LicenceKind, Words] = {kind: ROLES[Role(kind.value)] for kind in LicenceKind}

PURPOSES: Mapping[Purpose, Words] = {
    Purpose.TREATMENT: Words("Treatment", "诊疗"),
    Purpose.PERSONAL: Words("Own record", "查看本人病历"),
    Purpose.RESEARCH: Words("Research", "科研"),
    Purpose.OVERSIGHT: Words("Oversight", "监督"),
    Purpose.OPERATIONS: Words("Operations", "系统运维"),
}

STEPS: Mapping[EventKind, Words] = {
    EventKind.SIGN_IN: Words("Signed in", "登录"),
    EventKind.SIGN_IN_FAILED: Words("Sign-in failed", "登录失败"),
    EventKind.SIGN_OUT: Words("Signed out", "退出登录"),
    EventKind.ACCESS_DENIED: Words("Access denied", "拒绝访问"),
    EventKind.CHART_VIEWED: Words("Chart viewed", "查看病历"),
    EventKind.CHART_RECEIVED: Words("Chart data received", "接收病历数据"),
    EventKind.CHART_SEARCHED: Words("Chart searched", "检索病历"),
    EventKind.PATIENTS_LISTED: Words("Patients listed", "查看患者列表"),
    EventKind.DRAFT_PROPOSED: Words("Draft proposed", "提出草稿"),
    EventKind.DRAFT_VIEWED: Words("Draft viewed", "查看草稿"),
    EventKind.DRAFTS_LISTED: Words("Drafts listed", "查看草稿列表"),
    EventKind.DRAFT_SIGNED: Words("Draft signed", "签署草稿"),
    EventKind.DRAFT_REJECTED: Words("Draft rejected", "否决草稿"),
    EventKind.DRAFT_EXPIRED: Words("Draft expired", "草稿过期"),
    EventKind.RELEASED: Words("Released to the chart", "发布到病历"),
    EventKind.EXPORTED: Words("Exported", "导出"),
    EventKind.POLICY_CHANGED: Words("Policy changed", "变更访问策略"),
    EventKind.PERSON_CHANGED: Words("Person or account changed", "变更人员或账号"),
    EventKind.MODEL_REGISTERED: Words("Model registered", "登记模型"),
    EventKind.AI_STOPPED: Words("AI stopped", "停止 AI"),
    EventKind.AI_RESUMED: Words("AI resumed", "恢复 AI"),
    EventKind.AUDIT_VIEWED: Words("Audit viewed", "查看审计"),
    EventKind.JOB_RETRIED: Words("Job retried", "重试任务"),
    EventKind.KEY_MADE: Words("Key made", "生成密钥"),
    EventKind.BACKUP_MADE: Words("Backup made", "完成备份"),
    EventKind.KEYS_EXPORTED: Words("Keys exported", "导出密钥"),
    EventKind.RESTORED: Words("Restored from a backup", "从备份恢复"),
}

_ALL: Mapping[str, Words] = {**ROLES, **PURPOSES}
_STEPS: Mapping[str, Words] = {**STEPS}


def named(value: StrEnum) -> Words:
    """The name of a role, a licence or a purpose."""
    return LICENCES[value] if isinstance(value, LicenceKind) else _ALL[value]


def step(kind: str) -> Words:
    """The name of a step in the ledger; of one that a newer version wrote, its own code."""
    return _STEPS.get(kind) or Words(kind, kind)
