"""Non-steroidal anti-inflammatory drugs and kidney function.

KDIGO 2012 CKD guideline, Kidney Int Suppl 2013;3:1-150 (January 2013), cautionary notes for
prescribing: avoid below a GFR of 30; prolonged therapy not recommended below 60; avoid together
with medicines that block the renin-angiotensin-aldosterone system. Low-dose aspirin and local
forms are not meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Finding, Risk, Urgency
from countersign.rooms.workstation.domain.ingredients import Group
from countersign.rooms.workstation.domain.kidney import Filtration, latest_filtration
from countersign.rooms.workstation.domain.medicines import Medicine
from countersign.rooms.workstation.domain.prose import names, result, sentences
from countersign.rooms.workstation.domain.sources import INKER_2021, KDIGO_CKD_2012
from countersign.rooms.workstation.domain.thresholds import Thresholds

_AVOID, _REDUCED = 30, 60


def nsaid(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding: eGFR below 30, or below 60 with a renin-angiotensin blocker."""
    taking, rate = facts.taking(Group.NSAID), latest_filtration(facts)
    if not taking or rate is None or facts.is_minor:
        return ()
    blockers = facts.taking(Group.ACE, Group.ARB, Group.ALDOSTERONE)
    if rate.rate >= _REDUCED or (rate.rate >= _AVOID and not blockers):
        return ()
    days = facts.days(rate.creatinine.when)
    case = _Case(taking, blockers, rate, days, days > thresholds.stable_days)
    return (_finding(facts, case, thresholds),)


@dataclass(frozen=True, slots=True)
class _Case:
    """The analgesics, what blocks the renin-angiotensin system beside them, and the eGFR."""

    taking: tuple[Medicine, ...]
    blockers: tuple[Medicine, ...]
    rate: Filtration
    days: int
    is_old: bool

    @property
    def is_severe(self) -> bool:
        """Below the limit under which KDIGO says avoid."""
        return self.rate.rate < _AVOID


def _finding(facts: Facts, case: _Case, thresholds: Thresholds) -> Finding:
    creatinine = case.rate.creatinine
    argument = Argument(
        rationale=Words(
            "NSAIDs lower renal blood flow and may bring on acute kidney injury, more so when "
            "filtration is low or the renin-angiotensin system is blocked.",
            "NSAID降低肾血流，可诱发急性肾损伤，滤过率低或合用肾素-血管紧张素系统阻滞剂时更甚。",
        ),
        sources=(KDIGO_CKD_2012, INKER_2021),
        evidence=shown(creatinine, *case.taking, *case.blockers),
        limits=[
            *limits.of_measures(facts, [creatinine], thresholds.stable_days),
            *limits.of_medicines(facts, case.taking),
            *limits.of_person(facts),
        ],
        alternatives=(
            Words(
                "A short course that has ended without being closed in the chart.",
                "短期医嘱已结束但病历未关闭。",
            ),
        ),
    )
    urgency = Urgency.SOON if case.is_severe and not case.is_old else Urgency.ROUTINE
    title = Words(f"NSAID with eGFR {case.rate.rate}", f"NSAID与eGFR {case.rate.rate}")
    return propose(facts, "nsaid", (urgency, Risk.MEDIUM), (title, _text(case)), argument)


def _text(case: _Case) -> Words:
    drugs, said = names(case.taking), result(case.rate.creatinine)
    others = names(case.blockers)
    return sentences(
        Words(
            f"{drugs.en} is active; {said.en} gives an eGFR of {case.rate.rate} mL/min/1.73 m².",
            f"在用{drugs.zh}；{said.zh}，eGFR {case.rate.rate} mL/min/1.73 m²。",
        ),
        Words(f"Also active: {others.en}.", f"同时在用：{others.zh}。") if case.blockers else None,
        Words(
            "KDIGO advises against NSAIDs below 30. Consider stopping and another analgesic.",
            "KDIGO建议GFR<30时避免NSAID。建议考虑停用并改用其他镇痛药。",
        )
        if case.is_severe
        else Words(
            "KDIGO advises against prolonged NSAIDs below 60 and with renin-angiotensin blockers. "
            "Consider the shortest course or another analgesic.",
            "KDIGO建议GFR<60时避免长期使用NSAID，并避免与肾素-血管紧张素系统阻滞剂合用。"
            "建议考虑最短疗程或改用其他镇痛药。",
        ),
        Words(
            f"The creatinine is {case.days} days old: consider repeating it.",
            f"肌酐结果距今{case.days}天：建议复查。",
        )
        if case.is_old
        else None,
    )
