"""What scopes mean, in sentences for the person who is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countersign.ground.identity import AppKind, Scopes
from countersign.kit.words import Words

KINDS: Mapping[str, Words] = {
    "*": Words("everything in the record", "病历中的全部内容"),
    "AllergyIntolerance": Words("allergies", "过敏史"),
    "Appointment": Words("appointments", "预约"),
    "CarePlan": Words("care plans", "诊疗计划"),
    "CareTeam": Words("care teams", "照护团队"),
    "Condition": Words("problems and diagnoses", "问题与诊断"),
    "Consent": Words("consents", "知情同意"),
    "Device": Words("devices", "设备"),
    "DiagnosticReport": Words("reports", "检查报告"),
    "DocumentReference": Words("documents", "文书"),
    "Encounter": Words("visits and stays", "就诊与住院"),
    "Goal": Words("goals", "目标"),
    "ImagingStudy": Words("imaging studies", "影像检查"),
    "Immunization": Words("immunisations", "预防接种"),
    "Medication": Words("medicines", "药品"),
    "MedicationAdministration": Words("medicines given", "给药记录"),
    "MedicationRequest": Words("prescriptions", "用药医嘱"),
    "MedicationStatement": Words("medicines taken", "用药情况"),
    "Observation": Words("results and measurements", "检验结果与测量值"),
    "Organization": Words("organisations", "机构"),
    "Patient": Words("name, date of birth and record numbers", "姓名、出生日期与病历号"),
    "Practitioner": Words("staff", "医务人员"),
    "Procedure": Words("procedures", "操作与手术"),
    "ServiceRequest": Words("orders", "医嘱"),
    "Specimen": Words("specimens", "标本"),
}
WAYS: Mapping[str, Words] = {
    "r": Words("open", "查看"),
    "s": Words("search", "检索"),
    "rs": Words("read", "读取"),
}
OF: Mapping[str, Words] = {
    "patient": Words("of this patient", "仅限此患者"),
    "user": Words("of every patient whom you may see", "您有权查看的所有患者"),
}
APP_KINDS: Mapping[AppKind, Words] = {
    AppKind.PUBLIC: Words("app without a key (browser, phone)", "无密钥应用（浏览器、手机）"),
    AppKind.CONFIDENTIAL: Words("app with a key (server)", "有密钥应用（服务器）"),
    AppKind.BACKEND: Words("service without a person", "无人值守的后台服务"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One right as the consent page says it; ``code`` is the scope itself."""

    way: Words
    what: Words
    whose: Words
    code: str


def lines(scopes: Scopes) -> tuple[Line, ...]:
    """The rights of a request, those about one patient first."""
    rights = sorted(scopes.rights, key=lambda one: (one.level != "patient", one.kind))
    return tuple(
        Line(
            WAYS[one.ways],
            KINDS.get(one.kind, Words(one.kind, one.kind)),
            OF[one.level],
            str(one),
        )
        for one in rights
    )
