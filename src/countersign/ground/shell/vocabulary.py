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
    Role.CURATOR: Words("Curator of knowledge", "知识管理员"),
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
    EventKind.DRAFT_TAKEN_BACK: Words("Draft taken back", "撤回草稿"),
    EventKind.RELEASED: Words("Released to the chart", "发布到病历"),
    EventKind.EXPORTED: Words("Exported", "导出"),
    EventKind.POLICY_CHANGED: Words("Policy changed", "变更访问策略"),
    EventKind.PERSON_CHANGED: Words("Person or account changed", "变更人员或账号"),
    EventKind.MODEL_REGISTERED: Words("Model registered", "登记模型"),
    EventKind.AI_STOPPED: Words("AI stopped", "停止 AI"),
    EventKind.AI_RESUMED: Words("AI resumed", "恢复 AI"),
    EventKind.AUDIT_VIEWED: Words("Audit viewed", "查看审计"),
    EventKind.JOB_RETRIED: Words("Job retried", "重试任务"),
    EventKind.MESSAGES_RECEIVED: Words("Messages received", "接收消息"),
    EventKind.MESSAGES_REPLAYED: Words("Messages processed again", "重新处理消息"),
    EventKind.MESSAGE_SET_ASIDE: Words("Message left aside", "搁置消息"),
    EventKind.MESSAGE_SENT: Words("Signed result sent", "发送已签署结果"),
    EventKind.KEY_MADE: Words("Key made", "生成密钥"),
    EventKind.GLASS_OPENED: Words("Chart opened by break-glass", "紧急调阅病历"),
    EventKind.GLASS_USED: Words("Break-glass used", "使用紧急调阅"),
    EventKind.GLASS_ENDED: Words("Break-glass ended", "结束紧急调阅"),
    EventKind.GLASS_REVIEWED: Words("Break-glass reviewed", "复核紧急调阅"),
    EventKind.LABEL_CHANGED: Words("Sensitivity label changed", "变更敏感标签"),
    EventKind.CONSENT_RECORDED: Words("Consent recorded or withdrawn", "登记或撤回知情同意"),
    EventKind.DELEGATED: Words("Work delegated", "委托工作"),
    EventKind.DELEGATION_ACCEPTED: Words("Delegation accepted", "接受委托"),
    EventKind.DELEGATION_DECLINED: Words("Delegation declined", "谢绝委托"),
    EventKind.LABEL_RULE_CHANGED: Words("Rule for labels changed", "变更标签规则"),
    EventKind.DELEGATION_ENDED: Words("Delegation ended", "结束委托"),
    EventKind.DECISION_EXPLAINED: Words("Decision explained", "解释访问判定"),
    EventKind.PAYLOADS_PRUNED: Words("Payloads pruned", "清除到期内容"),
    EventKind.KEYS_ROTATED: Words("Keys rotated", "轮换密钥"),
    EventKind.DATA_RESEALED: Words("Data sealed again", "重新密封数据"),
    EventKind.DATA_DESTROYED: Words("Data destroyed", "销毁数据"),
    EventKind.CASES_CHANGED: Words("Collection of cases changed", "更改病例集"),
    EventKind.CASES_SEARCHED: Words("Similar cases shown", "查看相似病例"),
    EventKind.DISTILLATION_CHANGED: Words("Distillation changed", "更改蒸馏任务"),
    EventKind.DISTILLATION_SHOWN: Words("Texts of a distillation shown", "查看蒸馏任务的文本"),
    EventKind.ORDER_CHECKED: Words("Order checked", "审查医嘱"),
    EventKind.RECORD_SAVED: Words("Record being written saved", "保存书写中的病历"),
    EventKind.ALERTS_ANSWERED: Words("Alerts on an order answered", "处理医嘱警示"),
    EventKind.MEDICATION_RULE_CHANGED: Words("Medication rule changed", "变更用药规则"),
    EventKind.MEDICATION_RULE_JUDGED: Words("Medication rule judged", "评议用药规则"),
    EventKind.RECALL_STARTED: Words("Recall started", "启动召回"),
    EventKind.RECALL_ANSWERED: Words("Recall reviewed by a signer", "签署人完成召回复核"),
    EventKind.RECALL_CLOSED: Words("Recall closed", "召回结束"),
    EventKind.CASE_OPENED: Words("Case for adjudication opened", "开启裁定案例"),
    EventKind.CASE_ESCALATED: Words("Case escalated", "裁定案例升级"),
    EventKind.CASE_DECIDED: Words("Case adjudicated", "完成裁定"),
    EventKind.IMPRESSION_RECORDED: Words("Own impression recorded", "记录本人判断"),
    EventKind.SHOWN_AT_ONCE: Words("Draft shown at once", "草稿立即显示"),
    EventKind.SAFETY_RULE_CHANGED: Words("Safety rule changed", "变更安全规则"),
    EventKind.APP_CHANGED: Words("App registered or revoked", "登记或撤销应用"),
    EventKind.APP_ALLOWED: Words("App allowed", "授权应用"),
    EventKind.APP_ACCESS: Words("Access of an app", "应用访问"),
    EventKind.FACTOR_ENROLLED: Words("Second factor set up", "设置第二验证因素"),
    EventKind.FACTOR_REMOVED: Words("Second factor removed", "移除第二验证因素"),
    EventKind.STEPPED_UP: Words("Identity proved again", "再次验证身份"),
    EventKind.STEP_UP_REFUSED: Words("Proof of identity refused", "身份验证未通过"),
    EventKind.IDENTITY_LINKED: Words("Hospital account linked", "关联医院统一账号"),
    EventKind.IDENTITY_UNLINKED: Words("Hospital account unlinked", "解除医院统一账号关联"),
    EventKind.EGRESS_CONTACTED: Words("Server contacted", "联系服务器"),
    EventKind.EGRESS_REFUSED: Words("Connection refused", "拒绝外联"),
    EventKind.SCHEMA_CHANGED: Words("Schema changed", "变更数据库结构"),
    EventKind.BACKUP_MADE: Words("Backup made", "完成备份"),
    EventKind.KEYS_EXPORTED: Words("Keys exported", "导出密钥"),
    EventKind.RESTORED: Words("Restored from a backup", "从备份恢复"),
    EventKind.DOCUMENT_RECEIVED: Words("Document received", "接收文档"),
    EventKind.DOCUMENT_READ: Words("Document read into text", "文档转为文字"),
    EventKind.DOCUMENT_DESCRIBED: Words("Document described anew", "更新文档说明"),
    EventKind.DOCUMENT_PUBLISHED: Words("Document published", "发布文档"),
    EventKind.DOCUMENT_REPLACED: Words("Document replaced by a new version", "文档更换新版本"),
    EventKind.DOCUMENT_REVIEWED: Words("Document reviewed", "审阅文档"),
    EventKind.DOCUMENT_WITHDRAWN: Words("Document withdrawn", "撤回文档"),
    EventKind.DOCUMENT_EXPIRED: Words("Document expired", "文档过期"),
    EventKind.DOCUMENT_JUDGED: Words("Feedback on a passage", "对段落的反馈"),
    EventKind.FOLDER_WATCHED: Words("Folder chosen to be watched", "选定监视文件夹"),
    EventKind.FOLDER_UNWATCHED: Words("Folder no longer watched", "停止监视文件夹"),
    EventKind.DOCUMENT_OPENED: Words("Document opened", "查看文档"),
    EventKind.LIBRARY_SEARCHED: Words("Library searched", "检索知识库"),
    EventKind.CDS_CLIENT_CHANGED: Words("Workstation system changed", "变更工作站系统"),
    EventKind.CDS_CLIENT_REFUSED: Words("Workstation system refused", "拒绝工作站系统"),
    EventKind.HOOK_ANSWERED: Words("Workstation answered", "应答工作站"),
    EventKind.CARD_OUTCOME: Words("Outcome of a card", "卡片处理结果"),
    EventKind.STUDY_CHANGED: Words("Study of models changed", "模型研究变更"),
    EventKind.PRICES_CHANGED: Words("Price list changed", "价格表变更"),
    EventKind.MODEL_SERVER_CHANGED: Words("Model server changed", "变更模型服务器"),
    EventKind.MODEL_SERVER_PROBED: Words("Model server probed", "探测模型服务器"),
    EventKind.MODEL_ASSIGNED: Words("Model assigned to work", "分配模型"),
    EventKind.MODEL_ASKED: Words("Language model asked", "询问语言模型"),
    EventKind.MODEL_ANSWERED: Words("Language model answered", "语言模型回答"),
    EventKind.PROTOCOL_CHANGED: Words("Pre-consultation protocol changed", "变更预问诊方案"),
    EventKind.INTERVIEW_INVITED: Words("Patient invited to pre-consultation", "邀请患者预问诊"),
    EventKind.INTERVIEW_OPENED: Words("Pre-consultation opened", "打开预问诊"),
    EventKind.INTERVIEW_SENT: Words("Pre-consultation sent", "提交预问诊"),
    EventKind.INTERVIEW_REVOKED: Words("Pre-consultation link revoked", "撤销预问诊链接"),
    EventKind.INTERVIEW_READ: Words("Pre-consultation read", "阅读预问诊"),
    EventKind.DANGER_TOLD: Words("Danger told by a patient", "患者报告危险征象"),
    EventKind.DANGER_ACKNOWLEDGED: Words("Danger acknowledged", "确认危险征象"),
    EventKind.SLIDE_ARRIVED: Words("Slide arrived", "切片到达"),
    EventKind.SLIDE_MATCHED: Words("Slide matched to a patient", "切片匹配患者"),
    EventKind.SLIDE_MOVED: Words("State of a slide changed", "切片状态变更"),
    EventKind.SLIDE_MEASURED: Words("Slide measured", "切片测量完成"),
    EventKind.SLIDE_CORRECTED: Words("Result of a slide corrected", "切片结果更正"),
    EventKind.SLIDE_SHOWN: Words("Slide shown", "查看切片"),
    EventKind.SLIDES_LISTED: Words("List of slides shown", "查看切片列表"),
    EventKind.CONTROL_CHANGED: Words("Change of a scanner or stain noted", "登记扫描仪或染色变更"),
    EventKind.IMAGES_RECEIVED: Words("Pictures received", "接收图像"),
    EventKind.TRAINED_CHANGED: Words("Trained model changed", "自训模型变更"),
}

_ALL: Mapping[str, Words] = {**ROLES, **PURPOSES}
_STEPS: Mapping[str, Words] = {**STEPS}


def named(value: StrEnum) -> Words:
    """The name of a role, a licence or a purpose."""
    return LICENCES[value] if isinstance(value, LicenceKind) else _ALL[value]


def step(kind: str) -> Words:
    """The name of a step in the ledger; of one that a newer version wrote, its own code."""
    return _STEPS.get(kind) or Words(kind, kind)
