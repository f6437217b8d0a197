"""Staging of chronic kidney disease from creatinine, age, sex and urine albumin.

eGFR: CKD-EPI 2021, Inker LA et al. N Engl J Med 2021;385:1737-1749 (4 November 2021). Categories
and the three months: KDIGO 2024, Kidney Int 2024;105(4S):S117-S314 (April 2024). Adults only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.fhir import days_between
from countersign.rooms.workstation.domain.finding import Finding, Risk, Urgency
from countersign.rooms.workstation.domain.issue import filtration_rate
from countersign.rooms.workstation.domain.kidney import (
    Filtration,
    a_category,
    filtrations,
    g_category,
    latest_filtration,
)
from countersign.rooms.workstation.domain.measures import Measure
from countersign.rooms.workstation.domain.prose import amount, result, sentences
from countersign.rooms.workstation.domain.sources import INKER_2021, KDIGO_CKD
from countersign.rooms.workstation.domain.thresholds import Thresholds

from .injury import current_injury

_THREE_MONTHS = 90
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Stage:
    """The categories of today and how far back the reduced values reach without a break."""

    newest: Filtration
    reduced: tuple[Filtration, ...]
    ratio: Measure | None
    albuminuric: tuple[Measure, ...]

    @property
    def category(self) -> str:
        """Such as ``G3b A2``; ``G3b`` alone where albumin was not measured."""
        grade = g_category(self.newest.rate)
        return f"{grade} {a_category(self.ratio)}" if self.ratio else grade

    @property
    def span(self) -> int:
        """Days over which either kind of abnormality is documented without a normal between."""
        rates = [item.creatinine for item in self.reduced]
        return max(_span(rates), _span(list(self.albuminuric)))

    @property
    def is_chronic(self) -> bool:
        """KDIGO asks for at least three months."""
        return self.span >= _THREE_MONTHS


def stage_of(facts: Facts) -> Stage | None:
    """The stage when eGFR < 60 or albuminuria ≥ 30 mg/g; None when neither is found."""
    newest = latest_filtration(facts)
    if newest is None or facts.problems.dialysis or facts.problems.pregnancy:
        return None
    ratios = [item for item in facts.of("acr") if item.is_point]
    ratio = ratios[-1] if ratios else None
    reduced = _unbroken([(item, item.rate < 60) for item in filtrations(facts)])
    albuminuric = _unbroken([(item, a_category(item) != "A1") for item in ratios])
    if not reduced and not albuminuric:
        return None
    return Stage(newest, tuple(reduced), ratio, tuple(albuminuric))


def staging(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding; none while creatinine is changing acutely."""
    if current_injury(facts, thresholds) is not None:
        return ()
    stage = stage_of(facts)
    return (_finding(facts, stage, thresholds),) if stage else ()


def _unbroken(marked: list[tuple[_Item, bool]]) -> list[_Item]:
    """The newest run of marked items, oldest first."""
    run: list[_Item] = []
    for item, is_marked in reversed(marked):
        if not is_marked:
            break
        run.insert(0, item)
    return run


def _span(measures: list[Measure]) -> int:
    return days_between(measures[0].when.at, measures[-1].when.at) if measures else 0


def _finding(facts: Facts, stage: Stage, thresholds: Thresholds) -> Finding:
    newest = stage.newest
    creatinine = newest.creatinine
    word = Words("CKD", "慢性肾脏病") if stage.is_chronic else Words("Kidney function", "肾功能")
    title = Words(
        f"{word.en} {stage.category}: eGFR {newest.rate} mL/min/1.73 m²",
        f"{word.zh}{stage.category}：eGFR {newest.rate} mL/min/1.73 m²",
    )
    argument = Argument(
        rationale=Words(
            f"eGFR by CKD-EPI 2021 from creatinine {amount(creatinine)}, age {newest.age} and sex; "
            "KDIGO calls an eGFR below 60 or albuminuria of 30 mg/g (3 mg/mmol) and more, present "
            "for at least three months, chronic kidney disease.",
            f"按CKD-EPI 2021公式，由肌酐{amount(creatinine)}、年龄{newest.age}岁和性别计算eGFR；"
            "KDIGO将eGFR<60或尿白蛋白/肌酐≥30 mg/g（3 mg/mmol）持续至少3个月定义为慢性肾脏病。",
        ),
        sources=(INKER_2021, KDIGO_CKD),
        evidence=shown(*_inputs(stage), *facts.problems.kidney[:1]),
        limits=_limits(facts, stage, thresholds),
        alternatives=_alternatives(stage),
    )
    grade = g_category(newest.rate)
    patient = f"Patient/{facts.person.ident}"
    observation = filtration_rate(
        patient, creatinine, newest.rate, Words(grade, grade), _chronicity(stage)
    )
    return propose(
        facts,
        "kidney-stage",
        (_urgency(facts, stage, thresholds), Risk.MEDIUM),
        (title, _text(facts, stage)),
        argument,
        (observation,),
    )


def _urgency(facts: Facts, stage: Stage, thresholds: Thresholds) -> Urgency:
    """Urgent for kidney failure that nobody recorded; an old value is never more than routine."""
    if facts.days(stage.newest.creatinine.when) > thresholds.stable_days or stage.newest.rate >= 30:
        return Urgency.ROUTINE
    failing = stage.newest.rate < 15 and not facts.problems.kidney
    return Urgency.URGENT if failing else Urgency.SOON


def _text(facts: Facts, stage: Stage) -> Words:
    said, rate = result(stage.newest.creatinine), stage.newest.rate
    ratio = result(stage.ratio) if stage.ratio else None
    recorded = facts.problems.kidney
    return sentences(
        Words(
            f"{said.en} gives an eGFR of {rate} mL/min/1.73 m² (CKD-EPI 2021), category "
            f"{stage.category}.",
            f"{said.zh}，eGFR {rate} mL/min/1.73 m²（CKD-EPI 2021），分期{stage.category}。",
        ),
        Words(f"{ratio.en}.", f"{ratio.zh}。") if ratio else None,
        _chronicity(stage),
        Words(f"On the problem list: {recorded[0].name}.", f"诊断列表已有：{recorded[0].name}。")
        if recorded
        else Words(
            "Chronic kidney disease is not on the problem list.", "诊断列表中无慢性肾脏病。"
        ),
        _advice(stage),
    )


def _chronicity(stage: Stage) -> Words:
    span, count = stage.span, max(len(stage.reduced), len(stage.albuminuric))
    if stage.is_chronic:
        return Words(
            f"Documented over {span} days without a normal value between ({count} values): "
            "chronicity is established.",
            f"异常持续{span}天、其间无正常值（{count}次结果）：慢性已确立。",
        )
    return Words(
        f"Chronicity is not yet established ({count} value{'s' if count > 1 else ''} over "
        f"{span} days; at least 90 are needed).",
        f"慢性尚未确立（{count}次结果、跨度{span}天，至少需90天）。",
    )


def _advice(stage: Stage) -> Words:
    wanted: list[Words] = []
    if not stage.is_chronic:
        wanted.append(
            Words(
                "repeating creatinine soon (an acute disorder?) and after three months",
                "近期复查肌酐（排除急性病变）并于3个月后再查",
            )
        )
    if stage.ratio is None:
        wanted.append(Words("a urine albumin/creatinine ratio", "检测尿白蛋白/肌酐比值"))
    wanted.append(
        Words(
            "the cause, blood pressure and doses of renally cleared medicines",
            "明确病因、控制血压、核对经肾排泄药物的剂量",
        )
    )
    if stage.newest.rate < 30:
        wanted.append(Words("referral to nephrology", "转诊肾内科"))
    en, zh = "; ".join(item.en for item in wanted), "；".join(item.zh for item in wanted)
    return Words(f"Consider {en}.", f"建议考虑：{zh}。")


def _inputs(stage: Stage) -> list[Measure]:
    """The newest values and the oldest ones that prove the duration."""
    found = [stage.newest.creatinine]
    if len(stage.reduced) > 1:
        found.append(stage.reduced[0].creatinine)
    if stage.ratio:
        found.append(stage.ratio)
    if len(stage.albuminuric) > 1:
        found.append(stage.albuminuric[0])
    return found


def _alternatives(stage: Stage) -> tuple[Words, ...]:
    found = [
        Words(
            "Creatinine off its usual relation to filtration: extreme muscle mass, a meat meal, "
            "trimethoprim or cimetidine; cystatin C would tell.",
            "肌酐与滤过关系异常：肌肉量极端、进食肉类、甲氧苄啶或西咪替丁；胱抑素C可资鉴别。",
        )
    ]
    if not stage.is_chronic:
        found.append(Words("An acute or subacute kidney disorder.", "急性或亚急性肾脏疾病。"))
    return tuple(found)


def _limits(facts: Facts, stage: Stage, thresholds: Thresholds) -> list[Words]:
    used = [stage.newest.creatinine, *([stage.ratio] if stage.ratio else [])]
    said = limits.of_measures(facts, used, thresholds.stable_days)
    said.append(
        Words(
            "The equation is not valid while creatinine is changing, on dialysis, in pregnancy or "
            "under 18 years, and assumes a creatinine assay traceable to IDMS.",
            "该公式不适用于肌酐快速变化、透析、妊娠及18岁以下者，并以可溯源至IDMS的肌酐检测为前提。",
        )
    )
    if stage.ratio is None:
        said.append(
            Words(
                "No urine albumin/creatinine ratio is in the chart: the A category is open.",
                "病历中无尿白蛋白/肌酐比值：A分级未定。",
            )
        )
    if len(stage.reduced) == 1:
        said.append(Words("The eGFR below 60 is a single value.", "eGFR<60仅有一次结果。"))
    return said + limits.of_person(facts)
