"""Medicines that raise potassium, against potassium and kidney function.

Aldosterone antagonists: used only with eGFR > 30 mL/min/1.73 m² and potassium < 5.0 mmol/L, and
to be stopped where potassium cannot be kept below 5.5 (2022 AHA/ACC/HFSA heart failure guideline,
Circulation 2022;145:e895-e1032, April 2022); potassium supplements are usually stopped with them
(2013 ACCF/AHA guideline, Circulation 2013;128:e240-e327). ACE inhibitors and ARBs: stop from
6.0 mmol/L when other causes are removed (NICE NG203, 25 August 2021). Trimethoprim: Antoniou T
et al. Arch Intern Med 2010;170:1045-1049. Grades of hyperkalaemia: mild from 5.5, moderate from
6.0, severe from 6.5 mmol/L (UK Kidney Association, October 2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Finding, Risk, Urgency
from countersign.rooms.workstation.domain.ingredients import Group
from countersign.rooms.workstation.domain.kidney import Filtration, latest_filtration
from countersign.rooms.workstation.domain.measures import Measure
from countersign.rooms.workstation.domain.medicines import Medicine
from countersign.rooms.workstation.domain.prose import names, result, sentences
from countersign.rooms.workstation.domain.sources import (
    ACC_HF_2013,
    AHA_HF_2022,
    ANTONIOU_2010,
    NICE_CKD,
    UKKA_POTASSIUM,
    Source,
)
from countersign.rooms.workstation.domain.thresholds import Thresholds

from .critical import breach_of, is_current

_MILD, _MODERATE, _SEVERE = Decimal("5.5"), Decimal("6.0"), Decimal("6.5")
_ABOVE_FIVE = Decimal("5.0")
_LOW = Decimal("3.5")
_STRONG = (Group.ALDOSTERONE, Group.POTASSIUM_SPARING, Group.POTASSIUM)
_RAISING = (*_STRONG, Group.ACE, Group.ARB, Group.TRIMETHOPRIM)


@dataclass(frozen=True, slots=True)
class _Case:
    """What was found together: the medicines, the values and which conflicts they make."""

    medicines: tuple[Medicine, ...]
    potassium: Measure | None
    rate: Filtration | None
    high: bool
    low_rate: bool
    doubled: bool


def potassium(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding, with every medicine that raises potassium in it."""
    taking = facts.taking(*_RAISING)
    if not taking or facts.is_minor:
        return ()
    case = _case(facts, taking)
    if not (case.high or case.low_rate or case.doubled):
        return ()
    return (_finding(facts, case, thresholds),)


def _case(facts: Facts, taking: tuple[Medicine, ...]) -> _Case:
    newest, rate = facts.latest("potassium"), latest_filtration(facts)
    strong = any(item.has(*_STRONG) for item in taking)
    blocked = any(item.has(Group.ALDOSTERONE) for item in taking)
    value = newest.value if newest and newest.may_exceed else None
    high = value is not None and (value > _ABOVE_FIVE if strong else value >= _MILD)
    wanted = newest is not None and newest.value < _LOW
    both = blocked and any(item.has(Group.POTASSIUM) for item in taking)
    return _Case(
        medicines=taking,
        potassium=newest,
        rate=rate,
        high=high,
        low_rate=blocked and rate is not None and rate.rate <= 30,
        doubled=both and not wanted,
    )


def _finding(facts: Facts, case: _Case, thresholds: Thresholds) -> Finding:
    newest = case.potassium
    fresh = newest is not None and facts.days(newest.when) <= thresholds.drug_days
    body = sentences(
        _opening(case),
        _high(case) if case.high and fresh else None,
        _old(facts, newest) if newest and not fresh else None,
        _low_rate(case),
        _doubled(case),
        Words("The chart has no potassium: consider measuring it.", "病历中无血钾结果：建议检测。")
        if newest is None
        else None,
    )
    return propose(
        facts,
        "potassium-medicines",
        _weight(facts, case, thresholds, fresh=fresh),
        (_title(case), body),
        _argument(facts, case, thresholds),
    )


def _title(case: _Case) -> Words:
    drugs = names(case.medicines)
    if case.high and case.potassium:
        said = case.potassium
        value = f"{said.value:f} mmol/L"
        return Words(f"Potassium {value} with {drugs.en}", f"血钾 {value}，在用{drugs.zh}")
    if case.low_rate and case.rate:
        return Words(
            f"{drugs.en} with eGFR {case.rate.rate}", f"在用{drugs.zh}，eGFR {case.rate.rate}"
        )
    return Words(f"Potassium together with {drugs.en}", f"补钾与保钾药合用：{drugs.zh}")


def _opening(case: _Case) -> Words:
    drugs = names(case.medicines)
    if case.potassium is None:
        return Words(f"Active: {drugs.en}.", f"在用：{drugs.zh}。")
    said = result(case.potassium)
    return Words(f"{said.en}; active: {drugs.en}.", f"{said.zh}；在用：{drugs.zh}。")


def _high(case: _Case) -> Words | None:
    value = case.potassium.value if case.potassium else Decimal(0)
    if value >= _SEVERE:
        grade = Words("Severe hyperkalaemia (≥ 6.5).", "重度高钾血症（≥6.5）。")
    elif value >= _MODERATE:
        grade = Words("Moderate hyperkalaemia (6.0–6.4).", "中度高钾血症（6.0–6.4）。")
    elif value >= _MILD:
        grade = Words("Mild hyperkalaemia (5.5–5.9).", "轻度高钾血症（5.5–5.9）。")
    else:
        return Words(
            "Above 5.0 these medicines are not to be started; consider repeating potassium with "
            "creatinine and reviewing doses and supplements.",
            "血钾>5.0时不宜起始此类药物；建议考虑复查血钾及肌酐，核对剂量及补钾。",
        )
    ecg = value >= _MODERATE
    return sentences(
        grade,
        Words("Consider an ECG at once.", "建议立即考虑心电图。") if ecg else None,
        Words(
            "Consider excluding haemolysis, repeating the sample, stopping supplements, and "
            "reducing or pausing what raises potassium.",
            "建议考虑：排除溶血并复查，停用补钾，减量或暂停升钾药物。",
        ),
    )


def _old(facts: Facts, newest: Measure) -> Words:
    days = facts.days(newest.when)
    return Words(
        f"The potassium is {days} days old: consider measuring it again first.",
        f"血钾结果距今{days}天：建议先复查。",
    )


def _low_rate(case: _Case) -> Words | None:
    if not case.low_rate or case.rate is None:
        return None
    day = case.rate.creatinine.when.day
    return Words(
        f"eGFR {case.rate.rate} mL/min/1.73 m² ({day}): aldosterone antagonists are advised only "
        "above 30. Consider whether it should continue.",
        f"eGFR {case.rate.rate} mL/min/1.73 m²（{day}）：醛固酮拮抗剂仅建议用于eGFR>30者，"
        "建议考虑是否继续使用。",
    )


def _doubled(case: _Case) -> Words | None:
    if not case.doubled:
        return None
    return Words(
        "Potassium is usually stopped when an aldosterone antagonist is given; consider whether "
        "the supplement is still needed.",
        "使用醛固酮拮抗剂时通常停用补钾；建议考虑是否仍需补钾。",
    )


def _weight(
    facts: Facts, case: _Case, thresholds: Thresholds, *, fresh: bool
) -> tuple[Urgency, Risk]:
    newest = case.potassium
    if newest is not None and case.high and fresh:
        breach = breach_of(facts, newest, thresholds)
        if breach is not None and is_current(facts, newest, thresholds):
            return Urgency.CRITICAL, Risk.HIGH
        if newest.value >= _MODERATE:
            return Urgency.URGENT, Risk.HIGH
        return Urgency.SOON, Risk.MEDIUM
    if case.low_rate and case.rate:
        old = facts.days(case.rate.creatinine.when) > thresholds.stable_days
        return (Urgency.ROUTINE if old else Urgency.SOON), Risk.MEDIUM
    return Urgency.ROUTINE, Risk.MEDIUM


def _argument(facts: Facts, case: _Case, thresholds: Thresholds) -> Argument:
    newest, rate = case.potassium, case.rate
    creatinine = [rate.creatinine] if rate else []
    said = limits.of_measures(facts, [newest] if newest else [], thresholds.drug_days)
    said += limits.of_measures(facts, creatinine, thresholds.stable_days)
    if newest is None:
        said += limits.of_unread(facts, "potassium")
    if rate is None:
        said.append(
            Words("Kidney function could not be judged (no eGFR).", "无eGFR，肾功能无法评估。")
        )
    return Argument(
        rationale=Words(
            "These medicines keep or add potassium; their effects add up, and more so when the "
            "kidney excretes less.",
            "这些药物保钾或补钾，作用叠加，肾排泄下降时更明显。",
        ),
        sources=_sources(case),
        evidence=shown(*([newest] if newest else []), *creatinine, *case.medicines),
        limits=[
            *said,
            *limits.of_medicines(facts, case.medicines),
            Words("Whether the sample was haemolysed is not known.", "标本是否溶血未知。"),
        ],
        alternatives=(
            Words(
                "Pseudohyperkalaemia: haemolysis, a clenched fist, very high platelets or white "
                "cells.",
                "假性高钾：溶血、握拳采血、血小板或白细胞极高。",
            ),
        ),
    )


def _sources(case: _Case) -> tuple[Source, ...]:
    found: list[Source] = [UKKA_POTASSIUM] if case.high else []
    groups = {item.group for medicine in case.medicines for item in medicine.ingredients}
    if Group.ALDOSTERONE in groups:
        found.append(AHA_HF_2022)
    if case.doubled:
        found.append(ACC_HF_2013)
    if case.high and groups & {Group.ACE, Group.ARB}:
        found.append(NICE_CKD)
    if case.high and Group.TRIMETHOPRIM in groups:
        found.append(ANTONIOU_2010)
    return tuple(found)
