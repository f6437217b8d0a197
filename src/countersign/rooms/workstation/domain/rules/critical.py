"""Critical (panic) values that have not been superseded.

Limits: the hospital's own list; by default Kost GJ. JAMA 1990;263(5):704-707 (published
2 February 1990), the means of adult limits of US medical centres. A laboratory's own mark (HH,
LL, AA) counts for every result and every age.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Evidence, Finding, Risk, Urgency
from countersign.rooms.workstation.domain.measures import Measure
from countersign.rooms.workstation.domain.prose import amount, quantity, result, sentences
from countersign.rooms.workstation.domain.thresholds import Thresholds

_MARKS = {"HH": "high", "LL": "low", "AA": "marked"}
_SPECIMEN = Words(
    "An error of the specimen or the measurement (dilution by an infusion, clotting, mix-up).",
    "标本或检测误差（输液侧采血稀释、凝血、标本混淆等）。",
)
_ADVICE: dict[tuple[str, str], Words] = {
    ("potassium", "high"): Words(
        "Consider a 12-lead ECG now, a repeat sample (haemolysis?), and a review of kidney "
        "function and of medicines that raise potassium.",
        "建议考虑：立即行12导联心电图，复查标本（排除溶血），评估肾功能及升钾药物。",
    ),
    ("potassium", "low"): Words(
        "Consider an ECG, magnesium, and a review of losses, diuretics and digoxin.",
        "建议考虑：心电图、血镁，评估丢失途径、利尿剂及地高辛使用。",
    ),
    ("sodium", "low"): Words(
        "Consider assessing symptoms, volume, osmolality and medicines; the speed of correction "
        "matters.",
        "建议考虑：评估症状、容量状态、渗透压及用药；注意纠正速度。",
    ),
    ("sodium", "high"): Words(
        "Consider assessing water deficit, losses and access to water; the speed of correction "
        "matters.",
        "建议考虑：评估缺水程度、丢失途径及饮水能力；注意纠正速度。",
    ),
    ("glucose", "low"): Words(
        "Consider checking the patient and a bedside glucose at once, and reviewing insulin and "
        "other glucose-lowering medicines.",
        "建议考虑：立即查看患者并复测床旁血糖，核查胰岛素及其他降糖药。",
    ),
    ("glucose", "high"): Words(
        "Consider ketones, blood gas, electrolytes and osmolality.",
        "建议考虑：酮体、血气、电解质及渗透压。",
    ),
    ("calcium", "low"): Words(
        "Consider albumin or ionised calcium, magnesium, phosphate and an ECG.",
        "建议考虑：白蛋白或离子钙、血镁、血磷及心电图。",
    ),
    ("calcium", "high"): Words(
        "Consider albumin or ionised calcium, hydration, parathyroid hormone and an ECG.",
        "建议考虑：白蛋白或离子钙、补液状态、甲状旁腺激素及心电图。",
    ),
    ("haemoglobin", "low"): Words(
        "Consider assessing bleeding and haemodynamics, and a repeat sample with a cross-match.",
        "建议考虑：评估出血及血流动力学，复查并备血。",
    ),
    ("platelets", "low"): Words(
        "Consider a smear (clumping?), signs of bleeding, and anticoagulants, antiplatelets and "
        "heparin.",
        "建议考虑：血涂片（排除血小板聚集）、出血征象，核查抗凝、抗血小板药及肝素。",
    ),
    ("leucocytes", "low"): Words(
        "Consider the neutrophil count, fever and recent medicines or chemotherapy.",
        "建议考虑：中性粒细胞计数、有无发热、近期用药或化疗。",
    ),
}
_DEFAULT_ADVICE = Words(
    "Consider checking the patient and the specimen now.", "建议考虑：立即查看患者并核对标本。"
)


@dataclass(frozen=True, slots=True)
class Breach:
    """How a value is critical: the direction, and the limit unless the laboratory marked it."""

    direction: Literal["high", "low", "marked"]
    limit: Decimal | None


def breach_of(facts: Facts, measure: Measure, thresholds: Thresholds) -> Breach | None:
    """Whether a value, of any date, is critical; children only by their laboratory's mark."""
    mark = _MARKS.get(measure.flag)
    if mark is not None:
        return Breach("high" if mark == "high" else "low" if mark == "low" else "marked", None)
    if facts.is_minor:
        return None
    for limit in thresholds.critical:
        if limit.analyte != measure.analyte.key:
            continue
        if limit.high is not None and measure.value > limit.high and measure.may_exceed:
            return Breach("high", limit.high)
        if limit.low is not None and measure.value < limit.low and measure.may_undercut:
            return Breach("low", limit.low)
    return None


def is_current(facts: Facts, measure: Measure, thresholds: Thresholds) -> bool:
    """True while a critical value is an alarm and not history."""
    return facts.days(measure.when) <= thresholds.critical_days


def critical(
    facts: Facts, thresholds: Thresholds, covered: Collection[Evidence]
) -> tuple[Finding, ...]:
    """One finding for each newest value that is critical and recent.

    ``covered`` is what critical findings of other rules already speak of. It is evidence and not
    references, because one panel may hold several results.
    """
    found: list[Finding] = []
    for measures in facts.measures.values():
        newest = measures[-1]
        if not is_current(facts, newest, thresholds) or shown(newest)[0] in covered:
            continue
        breach = breach_of(facts, newest, thresholds)
        if breach is not None:
            found.append(_finding(facts, thresholds, measures, breach))
    return tuple(found)


def against(measure: Measure, breach: Breach) -> Words:
    """“above the critical limit of 6.2 mmol/L”."""
    if breach.limit is None:
        return Words("marked as critical by the laboratory", "检验科标记为危急值")
    said = quantity(breach.limit, measure.analyte.shown)
    if breach.direction == "high":
        return Words(f"above the critical limit of {said}", f"高于危急值上限{said}")
    return Words(f"below the critical limit of {said}", f"低于危急值下限{said}")


def _finding(
    facts: Facts, thresholds: Thresholds, measures: tuple[Measure, ...], breach: Breach
) -> Finding:
    newest = measures[-1]
    name, why = newest.analyte.name, against(newest, breach)
    earlier = next((item for item in reversed(measures) if item.when.at < newest.when.at), None)
    title = Words(
        f"Critical value: {name.en} {amount(newest)}", f"危急值：{name.zh} {amount(newest)}"
    )
    said = result(newest)
    body = sentences(
        Words(f"{said.en} is {why.en}.", f"{said.zh}，{why.zh}。"),
        _before(earlier),
        _ADVICE.get((newest.analyte.key, breach.direction), _DEFAULT_ADVICE),
    )
    argument = Argument(
        rationale=Words(
            "A value beyond a critical limit may mean immediate danger and calls for a person "
            f"now. It is {why.en}.",
            f"超出危急值界限提示患者可能面临即刻危险，需要立即由人处置。该值{why.zh}。",
        ),
        sources=(thresholds.critical_source,),
        evidence=shown(newest, *([earlier] if earlier else [])),
        limits=[
            *limits.of_measures(facts, [newest], thresholds.critical_days),
            *([] if earlier else [_single(newest)]),
            *limits.of_person(facts),
        ],
        alternatives=(_SPECIMEN,),
    )
    return propose(
        facts,
        "critical",
        (Urgency.CRITICAL, Risk.MEDIUM),
        (title, body),
        argument,
        about=newest.analyte.key,
    )


def _before(earlier: Measure | None) -> Words | None:
    if earlier is None:
        return None
    return Words(
        f"Before: {amount(earlier)} ({earlier.when.day}).",
        f"此前：{amount(earlier)}（{earlier.when.day}）。",
    )


def _single(measure: Measure) -> Words:
    name = measure.analyte.name
    return Words(
        f"There is only one {name.en} result; no course can be seen.",
        f"{name.zh}仅有一次结果，无法判断变化。",
    )
