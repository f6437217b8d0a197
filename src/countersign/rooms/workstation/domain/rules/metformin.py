"""Metformin and kidney function.

FDA Drug Safety Communication, 8 April 2016: contraindicated below an eGFR of 30 mL/min/1.73 m²;
starting not recommended from 30 to 45; when eGFR falls below 45 under treatment, weigh benefit
and risk; eGFR at least once a year.
"""

from __future__ import annotations

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Finding, Risk, Urgency
from countersign.rooms.workstation.domain.ingredients import Group
from countersign.rooms.workstation.domain.kidney import Filtration, latest_filtration
from countersign.rooms.workstation.domain.medicines import Medicine
from countersign.rooms.workstation.domain.prose import names, result, sentences
from countersign.rooms.workstation.domain.sources import FDA_METFORMIN, INKER_2021
from countersign.rooms.workstation.domain.thresholds import Thresholds

_CONTRAINDICATED, _REASSESS = 30, 45


def metformin(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding: eGFR below 30, from 30 to 44, or not known within a year."""
    taking = facts.taking(Group.METFORMIN)
    if not taking or facts.is_minor:
        return ()
    rate = latest_filtration(facts)
    if rate is None:
        return (_unknown(facts, taking),)
    overdue = facts.days(rate.creatinine.when) > thresholds.stable_days
    if rate.rate >= _REASSESS and not overdue:
        return ()
    return (_finding(facts, taking, rate, overdue, thresholds),)


def _finding(
    facts: Facts,
    taking: tuple[Medicine, ...],
    rate: Filtration,
    overdue: bool,
    thresholds: Thresholds,
) -> Finding:
    said, drugs = result(rate.creatinine), names(taking)
    severe = rate.rate < _CONTRAINDICATED
    low = rate.rate < _REASSESS
    title = (
        Words(f"Metformin with eGFR {rate.rate}", f"二甲双胍与eGFR {rate.rate}")
        if low
        else Words("Metformin: kidney function is overdue", "二甲双胍：肾功能逾期未查")
    )
    days = facts.days(rate.creatinine.when)
    body = sentences(
        Words(
            f"{drugs.en} is active; {said.en} gives an eGFR of {rate.rate} mL/min/1.73 m².",
            f"在用{drugs.zh}；{said.zh}，eGFR {rate.rate} mL/min/1.73 m²。",
        ),
        _meaning(severe, low),
        Words(
            f"The creatinine is {days} days old: consider repeating it first.",
            f"肌酐结果距今{days}天：建议先复查。",
        )
        if overdue
        else None,
    )
    weight = (Urgency.ROUTINE, Risk.MEDIUM)
    if low and not overdue:
        weight = (Urgency.URGENT, Risk.HIGH) if severe else (Urgency.SOON, Risk.MEDIUM)
    words = (title, body)
    return propose(facts, "metformin", weight, words, _argument(facts, taking, rate, thresholds))


def _meaning(severe: bool, low: bool) -> Words | None:
    if severe:
        return Words(
            "Metformin is contraindicated below 30. Consider stopping it and another treatment.",
            "eGFR<30时禁用二甲双胍。建议考虑停用并改用其他治疗。",
        )
    if low:
        return Words(
            "Below 45 benefit and risk are to be weighed; starting is not recommended from 30 to "
            "45. Consider a lower dose and closer control of kidney function.",
            "eGFR<45时需权衡获益与风险，30–45时不建议起始使用。建议考虑减量并加密监测肾功能。",
        )
    return None


def _argument(
    facts: Facts, taking: tuple[Medicine, ...], rate: Filtration, thresholds: Thresholds
) -> Argument:
    return Argument(
        rationale=Words(
            "Metformin leaves the body by the kidney; at low filtration it accumulates and the "
            "risk of lactic acidosis rises. eGFR is to be known at least once a year.",
            "二甲双胍经肾排泄，滤过率下降时蓄积，乳酸酸中毒风险上升；至少每年评估一次eGFR。",
        ),
        sources=(FDA_METFORMIN, INKER_2021),
        evidence=shown(rate.creatinine, *taking),
        limits=[
            *limits.of_measures(facts, [rate.creatinine], thresholds.stable_days),
            *limits.of_medicines(facts, taking),
            Words("eGFR is not valid while creatinine is changing.", "肌酐快速变化时eGFR不可靠。"),
            *limits.of_person(facts),
        ],
        alternatives=(
            Words(
                "A creatinine that misleads (muscle mass, trimethoprim); cystatin C would tell.",
                "肌酐失真（肌肉量、甲氧苄啶等）；胱抑素C可资鉴别。",
            ),
        ),
    )


def _unknown(facts: Facts, taking: tuple[Medicine, ...]) -> Finding:
    drugs, newest = names(taking), facts.latest("creatinine")
    why = (
        Words("the chart has no usable creatinine", "病历中无可用的肌酐结果")
        if newest is None
        else Words(
            "sex, birth date or a numeric creatinine is missing", "缺少性别、出生日期或肌酐数值"
        )
    )
    body = Words(
        f"{drugs.en} is active and no eGFR can be given: {why.en}. Consider checking kidney "
        "function.",
        f"在用{drugs.zh}，无法计算eGFR：{why.zh}。建议考虑检查肾功能。",
    )
    argument = Argument(
        rationale=Words(
            "eGFR is to be known before metformin and at least once a year under it.",
            "使用二甲双胍前及使用期间至少每年应评估eGFR。",
        ),
        sources=(FDA_METFORMIN,),
        evidence=shown(*taking, *([newest] if newest else [])),
        limits=[
            limits.ONLY_THIS_CHART,
            *limits.of_unread(facts, "creatinine"),
            *limits.of_medicines(facts, taking),
        ],
        alternatives=(Words("Kidney function was checked elsewhere.", "已在其他机构检查肾功能。"),),
    )
    title = Words("Metformin: kidney function unknown", "二甲双胍：肾功能未知")
    return propose(facts, "metformin", (Urgency.ROUTINE, Risk.LOW), (title, body), argument)
