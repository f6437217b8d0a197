"""Coded reasons for rejecting a draft.

The codes are HL7's Non-Adherence Reason Codes of the CDS Hooks 3.0.0 ballot
(http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes); which of them are
offered follows its value set "Non-Adherence Reason Clinical Selection", with those added
that say what was wrong with an answer. The Chinese wording is our own.
"""

from __future__ import annotations

from countersign.kit.words import Words

SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"

UNSTATED, FOREIGN = "unstated", "foreign"

UNCODED: dict[str, Words] = {
    UNSTATED: Words("No reason was given", "未说明理由"),
    FOREIGN: Words("A reason of the other system's own", "对方系统自有的理由"),
}
"""Counted where another system tells of an override without a reason that was offered to it."""

REASONS: dict[str, Words] = {
    "cds-not-applicable": Words("Does not apply to this patient", "不适用于该患者"),
    "patient-ineligible": Words("The patient does not meet the criteria", "患者不符合条件"),
    "action-completed": Words("Already done", "已经完成"),
    "action-not-priority": Words("Not a priority in the current state", "目前并非优先事项"),
    "need-more-info": Words("More information or results needed first", "需先补充信息或等待结果"),
    "cds-suboptimal-context": Words("Wrong time or wrong person", "时机或对象不合适"),
    "recipient-disagrees-evidence": Words("I disagree with the evidence", "不同意其证据"),
    "does-not-align-latest-evidence": Words(
        "Not in line with the latest evidence", "与最新证据不符"
    ),
    "policy-contradicts": Words("Contradicts the hospital's guideline", "与本院规范相抵触"),
    "recipient-does-not-trust": Words("I do not trust this answer", "不信任该回答"),
    "recipient-concerns-outcomes": Words("Concern about harm", "担心造成伤害"),
    "risk-benefit-ratio": Words("Risk outweighs benefit here", "风险大于获益"),
    "patient-contraindication": Words("The patient has a contraindication", "患者有禁忌证"),
    "does-not-align-preferences": Words("Against the patient's wishes", "与患者意愿不符"),
    "patient-refuses": Words("The patient declines", "患者拒绝"),
    "not-convenient-feasible": Words("Not feasible", "不可行"),
    "service-not-available": Words("Service not available", "该服务不可获得"),
    "too-costly-uncovered": Words("Too costly or not covered", "费用过高或医保不覆盖"),
    "recipient-does-not-understand": Words("The answer is not understandable", "内容难以理解"),
}
