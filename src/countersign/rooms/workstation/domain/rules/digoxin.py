"""Digoxin with low potassium or a high level.

2013 ACCF/AHA heart failure guideline (Yancy CW et al. Circulation 2013;128:e240-e327, 5 June
2013): toxicity is common above 2 ng/mL and may come at lower levels with hypokalaemia or
hypomagnesaemia.
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
from countersign.rooms.workstation.domain.prose import listed, names, result, sentences, value
from countersign.rooms.workstation.domain.sources import ACC_HF_2013
from countersign.rooms.workstation.domain.thresholds import Thresholds

from .critical import breach_of, is_current

_LOW_POTASSIUM = Decimal("3.5")
_LOW_MAGNESIUM = Decimal("0.75")
_HIGH_LEVEL = Decimal("2.0")


def digoxin(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding, with every reason among results of the last 30 days."""
    taking = facts.taking(Group.DIGOXIN)
    reasons = _reasons(facts, thresholds)
    if not taking or not reasons or facts.is_minor:
        return ()
    said, drugs = listed(result(item) for item in reasons), names(taking)
    body = sentences(
        Words(f"{drugs.en} is active with {said.en}.", f"在用{drugs.zh}，{said.zh}。"),
        Words(
            "Consider symptoms, an ECG, correcting potassium and magnesium, kidney function, and "
            "the dose of digoxin.",
            "建议考虑：评估症状、心电图，纠正血钾和血镁，评估肾功能及地高辛剂量。",
        ),
    )
    argument = Argument(
        rationale=Words(
            "Low potassium or magnesium makes the heart more sensitive to digoxin; a level above "
            "2 ng/mL is often toxic.",
            "低钾或低镁使心肌对地高辛更敏感；浓度>2 ng/mL常见中毒。",
        ),
        sources=(ACC_HF_2013,),
        evidence=shown(*reasons, *taking),
        limits=[
            *limits.of_measures(facts, reasons, thresholds.critical_days),
            *limits.of_medicines(facts, taking),
            *_no_level(facts),
        ],
        alternatives=(
            Words(
                "A level drawn within six hours of the dose reads too high.",
                "服药后6小时内采血的浓度偏高。",
            ),
        ),
    )
    first = value(reasons[0])
    title = Words(f"Digoxin: {first.en}", f"地高辛：{first.zh}")
    weight = (_urgency(facts, reasons, thresholds), Risk.MEDIUM)
    return (propose(facts, "digoxin", weight, (title, body), argument),)


def _reasons(facts: Facts, thresholds: Thresholds) -> list[Measure]:
    found: list[Measure] = []
    for key, limit in (("potassium", _LOW_POTASSIUM), ("magnesium", _LOW_MAGNESIUM)):
        newest = facts.latest(key)
        if newest and newest.value < limit and newest.may_undercut:
            found.append(newest)
    level = facts.latest("digoxin")
    if level and level.value > _HIGH_LEVEL and level.may_exceed:
        found.append(level)
    return [item for item in found if facts.days(item.when) <= thresholds.drug_days]


def _urgency(facts: Facts, reasons: list[Measure], thresholds: Thresholds) -> Urgency:
    recent = [item for item in reasons if is_current(facts, item, thresholds)]
    if any(breach_of(facts, item, thresholds) for item in recent):
        return Urgency.CRITICAL
    return Urgency.URGENT if recent else Urgency.SOON


def _no_level(facts: Facts) -> list[Words]:
    if facts.latest("digoxin") is not None:
        return []
    return [Words("No digoxin level is in the chart.", "病历中无地高辛浓度。")]
