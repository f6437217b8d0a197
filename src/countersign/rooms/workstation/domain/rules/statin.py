"""Statins and liver enzymes.

ESC/EAS dyslipidaemia guideline (Mach F et al. Eur Heart J 2020;41:111-188, published 31 August
2019): with ALT at three times the upper limit of normal or more, stop or lower the dose and
check again within 4 to 6 weeks.
"""

from __future__ import annotations

from decimal import Decimal

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Finding, Risk, Urgency
from countersign.rooms.workstation.domain.ingredients import Group
from countersign.rooms.workstation.domain.measures import Measure, rounded
from countersign.rooms.workstation.domain.prose import names, quantity, result, sentences
from countersign.rooms.workstation.domain.ranges import default_interval
from countersign.rooms.workstation.domain.sources import ESC_LIPIDS, WST
from countersign.rooms.workstation.domain.thresholds import Thresholds


def statin(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding: the newest ALT of the last year at 3 × upper limit or more."""
    taking, newest = facts.taking(Group.STATIN), facts.latest("alt")
    if not taking or newest is None or not newest.may_exceed or facts.is_minor:
        return ()
    upper, is_default = _upper(facts, newest)
    if upper is None or newest.value < upper * 3:
        return ()
    days = facts.days(newest.when)
    if days > thresholds.stable_days:
        return ()
    fresh = days <= thresholds.drug_days
    words = _words(facts, newest, upper, fresh=fresh)
    weight = (Urgency.SOON if fresh else Urgency.ROUTINE, Risk.MEDIUM)
    argument = Argument(
        rationale=Words(
            "From three times the upper limit of ALT the guideline asks to stop or lower the "
            "statin and to look for another cause.",
            "ALT≥正常上限3倍时，指南建议停用或减量他汀并查找其他原因。",
        ),
        sources=(ESC_LIPIDS, WST) if is_default else (ESC_LIPIDS,),
        evidence=shown(newest, *taking),
        limits=[
            *limits.of_measures(facts, [newest], thresholds.critical_days),
            *_upper_limits(is_default),
            *limits.of_medicines(facts, taking),
        ],
        alternatives=(
            Words(
                "Viral, alcoholic, fatty or other drug-induced liver disease; muscle injury.",
                "病毒性、酒精性、脂肪性或其他药物性肝损伤；肌损伤。",
            ),
        ),
    )
    return (propose(facts, "statin", weight, words, argument),)


def _words(facts: Facts, newest: Measure, upper: Decimal, *, fresh: bool) -> tuple[Words, Words]:
    said, drugs, days = result(newest), names(facts.taking(Group.STATIN)), facts.days(newest.when)
    times, bound = rounded(newest.value / upper, 1), quantity(upper, newest.analyte.shown)
    body = sentences(
        Words(
            f"{said.en} is {times} times the upper limit ({bound}); {drugs.en} is active.",
            f"{said.zh}，为上限（{bound}）的{times}倍；在用{drugs.zh}。",
        ),
        Words(
            "Consider other causes, bilirubin and symptoms, pausing or lowering the statin, and "
            "ALT again within 4 to 6 weeks.",
            "建议考虑：排查其他原因，评估胆红素及症状，暂停或减量他汀，4–6周内复查ALT。",
        ),
        None
        if fresh
        else Words(
            f"It is {days} days old and was not repeated: consider ALT first.",
            f"该结果距今{days}天且未复查：建议先复查ALT。",
        ),
    )
    title = Words(f"Statin with ALT {times} × upper limit", f"他汀与ALT {times}倍上限")
    return title, body


def _upper(facts: Facts, newest: Measure) -> tuple[Decimal | None, bool]:
    if newest.range and newest.range.high is not None and newest.range.high > 0:
        return newest.range.high, False
    usual = default_interval("alt", facts.person.sex, facts.age)
    return (usual.high, True) if usual else (None, False)


def _upper_limits(is_default: bool) -> list[Words]:
    if not is_default:
        return []
    return [
        Words(
            "The result came without its own reference range; the national interval was used.",
            "该结果未附参考区间，采用行业标准区间。",
        )
    ]
