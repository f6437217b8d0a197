"""Warfarin and INR.

ACCP guideline, 9th edition (Holbrook A et al. Chest 2012;141(2 Suppl):e152S-e184S, February
2012): between 4.5 and 10 without bleeding it suggests against routine vitamin K, above 10 oral
vitamin K; a stable INR may be checked as seldom as every 12 weeks.
"""

from __future__ import annotations

from decimal import Decimal

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Finding, Risk, Urgency
from countersign.rooms.workstation.domain.ingredients import Group
from countersign.rooms.workstation.domain.measures import Measure
from countersign.rooms.workstation.domain.medicines import Medicine
from countersign.rooms.workstation.domain.prose import names, result, sentences
from countersign.rooms.workstation.domain.sources import CHEST_2012
from countersign.rooms.workstation.domain.thresholds import Thresholds

_HIGH, _VERY_HIGH = Decimal("4.5"), Decimal("10")


def warfarin(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding: the newest INR above 4.5, or none within 12 weeks."""
    taking, newest = facts.taking(Group.WARFARIN), facts.latest("inr")
    if not taking or facts.is_minor:
        return ()
    if newest is None or facts.days(newest.when) > thresholds.inr_days:
        return (_overdue(facts, taking, newest, thresholds),)
    if newest.value <= _HIGH or not newest.may_exceed:
        return ()
    return (_high(facts, taking, newest, thresholds),)


def _high(
    facts: Facts, taking: tuple[Medicine, ...], newest: Measure, thresholds: Thresholds
) -> Finding:
    said, drugs, very = result(newest), names(taking), newest.value > _VERY_HIGH
    days = facts.days(newest.when)
    recent = days <= thresholds.critical_days
    body = sentences(
        Words(f"{said.en}; {drugs.en} is active.", f"{said.zh}；在用{drugs.zh}。"),
        Words(
            "Consider looking for bleeding, holding warfarin, and oral vitamin K, which the "
            "guideline suggests above 10.",
            "建议考虑：评估出血，暂停华法林；INR>10时指南建议口服维生素K。",
        )
        if very
        else Words(
            "Consider looking for bleeding, holding or lowering the dose and an early repeat; "
            "without bleeding the guideline suggests against routine vitamin K up to 10.",
            "建议考虑：评估出血，暂停或减量并尽早复查；无出血且INR≤10时，指南不建议常规使用维生素K。",
        ),
        Words(
            "Consider interactions, liver function and intake.",
            "建议核查药物相互作用、肝功能及进食情况。",
        ),
        None
        if recent
        else Words(
            f"It is {days} days old and was not repeated: consider INR first.",
            f"该结果距今{days}天且未复查：建议先复查INR。",
        ),
    )
    urgency = Urgency.SOON
    if recent:
        urgency = Urgency.CRITICAL if very else Urgency.URGENT
    argument = _argument(facts, taking, newest, thresholds)
    title = Words(f"INR {newest.value:f} with warfarin", f"INR {newest.value:f}，在用华法林")
    return propose(facts, "warfarin", (urgency, Risk.HIGH), (title, body), argument)


def _overdue(
    facts: Facts, taking: tuple[Medicine, ...], newest: Measure | None, thresholds: Thresholds
) -> Finding:
    drugs = names(taking)
    last = (
        Words("the chart holds no INR", "病历中无INR结果")
        if newest is None
        else Words(
            f"the last INR is {facts.days(newest.when)} days old",
            f"末次INR距今{facts.days(newest.when)}天",
        )
    )
    body = Words(
        f"{drugs.en} is active and {last.en}. Consider measuring INR, or closing the order if "
        "warfarin has ended.",
        f"在用{drugs.zh}，{last.zh}。建议考虑检测INR；如已停用华法林，建议关闭医嘱。",
    )
    argument = _argument(facts, taking, newest, thresholds)
    title = Words("Warfarin without a recent INR", "华法林：近期无INR")
    return propose(facts, "warfarin", (Urgency.ROUTINE, Risk.LOW), (title, body), argument)


def _argument(
    facts: Facts, taking: tuple[Medicine, ...], newest: Measure | None, thresholds: Thresholds
) -> Argument:
    used = [newest] if newest else []
    return Argument(
        rationale=Words(
            "The risk of bleeding rises with INR, steeply above 4.5. Even a stable INR is to be "
            "checked at least every 12 weeks.",
            "出血风险随INR升高，超过4.5后明显增加；即使INR稳定，也应至少每12周检测一次。",
        ),
        sources=(CHEST_2012,),
        evidence=shown(*used, *taking),
        limits=[
            *limits.of_measures(facts, used, thresholds.critical_days),
            *([] if used else [limits.ONLY_THIS_CHART, *limits.of_unread(facts, "inr")]),
            *limits.of_medicines(facts, taking),
            Words(
                "The INR target and whether there is bleeding are not known here.",
                "INR目标范围及有无出血此处未知。",
            ),
        ],
        alternatives=(
            Words(
                "A sample drawn through a heparin line, or INR followed elsewhere.",
                "经肝素封管处采血，或在其他机构监测INR。",
            ),
        ),
    )
