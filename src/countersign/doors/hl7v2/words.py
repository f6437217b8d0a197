"""What states, reasons and notes are called, in sentences for whoever looks after the interface."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.ground.messages import State
from countersign.kit.words import Words

STATES: Mapping[State, Words] = {
    State.RECEIVED: Words("received", "已接收"),
    State.PROCESSED: Words("processed", "已处理"),
    State.FAILED: Words("failed", "失败"),
    State.SET_ASIDE: Words("left aside", "已搁置"),
}

SENDING: Mapping[str, Words] = {
    "waiting": Words("waiting", "等待发送"),
    "sent": Words("acknowledged", "对方已确认"),
    "refused": Words("refused", "对方拒绝"),
    "withheld": Words("withheld", "不予发送"),
}

REASONS: Mapping[str, Words] = {
    "hl7v2.not-hl7": Words(
        "This is no HL7 v2 message: it does not begin with MSH and its delimiters.",
        "不是 HL7 v2 消息：未以 MSH 段及分隔符开头。",
    ),
    "hl7v2.charset-unknown": Words(
        "MSH-18 names a character set that is not read here.", "MSH-18 所列字符集无法读取。"
    ),
    "hl7v2.not-in-charset": Words(
        "The text is not in the character set that MSH-18 names.",
        "内容与 MSH-18 所列字符集不符。",
    ),
    "hl7v2.no-control-id": Words(
        "MSH-10 is empty, so that a repetition could not be recognised.",
        "MSH-10 为空，无法识别重复消息。",
    ),
    "hl7v2.version-unknown": Words("MSH-12 names no known version.", "MSH-12 所列版本未知。"),
    "hl7v2.kind-unsupported": Words(
        "Messages of this type are not taken in: leave them out of this interface, "
        "and ask the hospital's IT which are.",
        "不接收此类型的消息：请勿在此接口发送；可接收的消息请询问医院信息科。",
    ),
    "hl7v2.event-unsupported": Words(
        "Messages of this event are not taken in: leave them out of this interface, "
        "and ask the hospital's IT which are.",
        "不接收此事件的消息：请勿在此接口发送；可接收的消息请询问医院信息科。",
    ),
    "hl7v2.not-production": Words(
        "MSH-11 says that this is a test; here patients are real.",
        "MSH-11 标明为测试消息；本院为真实患者数据。",
    ),
    "hl7v2.no-pid": Words("The message names no patient (PID).", "消息未包含患者（PID）。"),
    "hl7v2.no-patient-id": Words(
        "PID-3 holds no identifier of the patient.", "PID-3 未包含患者标识。"
    ),
    "hl7v2.no-prior-id": Words(
        "MRG-1 does not say which patient is merged.", "MRG-1 未说明被合并的患者。"
    ),
    "hl7v2.two-patients": Words("One message speaks of two patients.", "一条消息涉及两位患者。"),
    "hl7v2.two-charts": Words(
        "The identifiers lead to two charts: have the patients merged (A40), then retry.",
        "标识对应两份病历：请先合并患者（A40），再重试。",
    ),
    "hl7v2.other-person": Words(
        "Birth date and name or sex differ from the chart with this identifier: find out who is "
        "meant, correct the sending system or leave the message aside.",
        "出生日期及姓名或性别与该标识的病历不符：请查明所指患者，更正发送系统或搁置此消息。",
    ),
    "hl7v2.one-patient": Words(
        "This event names two patients; the message must hold two PID with different identifiers.",
        "此事件涉及两位患者：消息须包含两个标识不同的 PID 段。",
    ),
    "hl7v2.one-chart": Words(
        "Both identifiers lead to one chart: there are no two patients here.",
        "两个标识对应同一份病历：此处并无两位患者。",
    ),
    "hl7v2.merged": Words(
        "These two were merged (A40) into one chart. A message cannot part it again: find out "
        "which entries belong to whom, correct them, and leave this message aside.",
        "二者已由 A40 合并为一份病历，消息无法再将其拆分：请查明各条目所属并更正，然后搁置此消息。",
    ),
    "hl7v2.no-prior-visit": Words(
        "MRG-5 does not say which visit is moved.", "MRG-5 未说明要移动的就诊。"
    ),
    "hl7v2.no-appointment-id": Words(
        "SCH-1 and SCH-2 are empty, so that the appointment could not be found again.",
        "SCH-1 与 SCH-2 均为空，无法再次找到该预约。",
    ),
    "hl7v2.no-appointment": Words(
        "Time that is blocked or opened belongs to no patient and is not kept here: leave S23 and "
        "S24 out of this interface; appointments of patients come by S12 to S22 and S26.",
        "锁定或开放的号源不属于任何患者，本系统不保存：请勿在此接口发送 S23 与 S24；"
        "患者预约请用 S12 至 S22 及 S26 发送。",
    ),
    "hl7v2.moved-identifiers": Words(
        "A number is not moved by itself here: send A47 where the number of one patient is another "
        "one now, A40 where two patients are one, A45 where a visit stands in the wrong chart.",
        "本系统不单独移动号码：同一患者更换号码请发送 A47，两位患者实为一人请发送 A40，"
        "就诊归属有误请发送 A45。",
    ),
    "hl7v2.accounts": Words(
        "Accounts and their numbers are not kept here: leave this event out of this interface; "
        "what changes of the visit comes by A08.",
        "本系统不保存账户及其号码：请勿在此接口发送此事件；就诊信息的变更请用 A08 发送。",
    ),
    "hl7v2.visit-numbers": Words(
        "A visit keeps the number under which it came first: go on sending that one (PV1-19), or "
        "cancel it (A11) and send it anew (A01, A04) under the other.",
        "就诊沿用首次发送时的号码：请继续使用该号码（PV1-19），"
        "或取消该次就诊（A11）后以新号码重新发送（A01、A04）。",
    ),
    "hl7v2.visits-merged": Words(
        "Two visits of one patient are not made one here: cancel the wrong one (A11).",
        "本系统不合并同一患者的两次就诊：请取消错误的一次（A11）。",
    ),
    "hl7v2.billing": Words(
        "Charges and billing are not taken in: leave DFT and BAR out of this interface; diagnoses "
        "come with the visit (DG1).",
        "不接收费用与结算消息：请勿在此接口发送 DFT 与 BAR；诊断请随就诊消息（DG1）发送。",
    ),
    "hl7v2.dispensed": Words(
        "What the pharmacy gave out or a nurse administered is not taken in: leave RDS, RGV and "
        "RAS out of this interface; orders of drugs come by RDE or OMP.",
        "不接收发药与给药消息：请勿在此接口发送 RDS、RGV 与 RAS；用药医嘱请用 RDE 或 OMP 发送。",
    ),
    "hl7v2.vaccinations": Words(
        "Vaccinations are not taken in: leave VXU out of this interface, or send what physicians "
        "should read as a document (MDM^T02).",
        "不接收疫苗接种消息：请勿在此接口发送 VXU；需医师阅读的内容可作为文档（MDM^T02）发送。",
    ),
    "hl7v2.nothing-to-send": Words(
        "What was released cannot be read any more.", "已发布的内容无法再读取。"
    ),
    "hl7v2.labelled": Words(
        "What is labelled psychiatry, HIV or genetics is not given to other systems.",
        "标注为精神科、HIV 或遗传病的内容不向其他系统提供。",
    ),
    "hl7v2.refused-by-patient": Words(
        "The patient refuses a department that the other system may serve.",
        "患者拒绝某科室，而对方系统可能服务于该科室。",
    ),
    "hl7v2.peer-refused": Words(
        "The other system refused the message for what it says.", "对方系统因内容拒绝此消息。"
    ),
    "hl7v2.peer-unclear": Words(
        "The other system did not acknowledge this message; it is sent again.",
        "对方系统未确认此消息；将再次发送。",
    ),
    "hl7v2.unexpected": Words(
        "Something unforeseen went wrong: tell IT the number of the message.",
        "发生意外错误：请将消息编号告知信息科。",
    ),
    "vault.destroyed": Words(
        "The data of this patient were destroyed on purpose.", "该患者的数据已按令销毁。"
    ),
    "vault.unreadable": Words(
        "The stored message was altered and cannot be opened.", "所存消息已被更改，无法打开。"
    ),
    "chart.invalid": Words(
        "What the message says makes no valid FHIR resource.", "消息内容无法构成有效的 FHIR 资源。"
    ),
    "chart.released_only": Words(
        "It would overwrite what was signed here.", "将覆盖本院已签署的内容。"
    ),
    "egress.refused": Words(
        "The other system is not on the allow-list (COUNTERSIGN_EGRESS).",
        "对方系统不在允许列表（COUNTERSIGN_EGRESS）中。",
    ),
    "egress.failed": Words(
        "The other system does not answer; it is tried again.", "对方系统无响应；将再次尝试。"
    ),
}

OTHER = Words("It was refused; the code says why.", "已被拒绝；原因见代码。")

NOTES: Mapping[str, Words] = {
    "not-a-date": Words("no possible date, left out", "日期不可能，已略去"),
    "not-a-number": Words("no number, kept as text", "非数值，按文本保留"),
    "not-in-table": Words("not in the HL7 table, left out", "不在 HL7 表中，已略去"),
    "not-base64": Words("no base64, left out", "非 base64，已略去"),
    "pointer": Words("a pointer to another system, left out", "指向其他系统的链接，已略去"),
    "missing": Words("empty, nothing made of it", "为空，未生成条目"),
    "left-out": Words("segments of a site's own, left out", "院方自定义段，已略去"),
    "not-made": Words(
        "a drug that was given out, a diet or a supply; kept here, not taken into the chart",
        "发药、膳食或物资；消息已保留，未载入病历",
    ),
    "not-linked": Words("the two were not linked, nothing changed", "二者并未关联，未作更改"),
    "own-order": Words(
        "an order that was signed here comes back; the chart has it already",
        "返回的是本院已签署的医嘱，病历中已有",
    ),
    "not-moved": Words(
        "this visit stands in no other chart, nothing was moved", "其他病历中无此就诊，未移动"
    ),
    "signed-stays": Words(
        "what was signed here stays in the prior chart", "本院已签署的内容保留在原病历中"
    ),
}


def reason(code: str) -> Words | None:
    """Why, in a sentence; None for no reason."""
    return REASONS.get(code, OTHER) if code else None


def note(said: str) -> tuple[str, Words]:
    """Where, and what is the matter there."""
    place, _, problem = said.rpartition(".")
    return place, NOTES.get(problem, OTHER)
