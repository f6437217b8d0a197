"""HbA1c against the usual targets, and in the diabetic range without a diagnosis.

Targets: < 7.0 % for most adults who are not pregnant, and < 7.0-7.5 % for healthy older adults
(ADA Standards of Care 2025, Diabetes Care 2025;48 Suppl 1, January 2025, sections 6 and 13);
< 7.0 % for most adults with type 2 diabetes, to be individualised (Chinese guideline for type 2
diabetes, 2020 edition, published April 2021). Diagnostic limit ≥ 6.5 % in both.
"""

from __future__ import annotations

from decimal import Decimal

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Finding, Risk, Urgency
from countersign.rooms.workstation.domain.measures import Measure
from countersign.rooms.workstation.domain.prose import amount, plain, result, sentences
from countersign.rooms.workstation.domain.ranges import default_interval
from countersign.rooms.workstation.domain.sources import ADA_2025, CDS_2020, HOELZEL_2004, Source
from countersign.rooms.workstation.domain.thresholds import Thresholds

_DIABETIC = Decimal("6.5")
_FAR_ABOVE = Decimal("9.0")
_LIFESTYLE = Words(
    "A target set for this patient for reasons the chart does not hold (frailty, "
    "hypoglycaemia, life expectancy).",
    "根据病历未记载的情况（衰弱、低血糖、预期寿命）为患者设定的个体化目标。",
)


def glycaemia(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding; none in pregnancy, whose targets differ, and none under 18."""
    newest, age = facts.latest("hba1c"), facts.age
    if newest is None or age is None or age < 18 or facts.problems.pregnancy:
        return ()
    if not facts.problems.diabetes:
        diabetic = newest.value >= _DIABETIC and newest.may_exceed
        return (_undiagnosed(facts, newest, thresholds),) if diabetic else ()
    target = thresholds.hba1c if age < 65 else thresholds.hba1c_from_65
    above = newest.value >= target and newest.may_exceed
    overdue = facts.days(newest.when) > thresholds.stable_days
    return (_target(facts, newest, target, thresholds),) if above or overdue else ()


def _target(facts: Facts, newest: Measure, target: Decimal, thresholds: Thresholds) -> Finding:
    above = newest.value >= target and newest.may_exceed
    days = facts.days(newest.when)
    overdue = days > thresholds.stable_days
    title = (
        Words(f"HbA1c {amount(newest)}: above target", f"糖化血红蛋白 {amount(newest)}：未达标")
        if above
        else Words("HbA1c is overdue", "糖化血红蛋白逾期未查")
    )
    urgency = Urgency.SOON if newest.value >= _FAR_ABOVE and not overdue else Urgency.ROUTINE
    words = (title, _target_text(facts, newest, target, overdue))
    argument = Argument(
        rationale=Words(
            f"The usual target at the age of {facts.age} is below {plain(target)}%. Both "
            "guidelines ask for individual targets, less strict after hypoglycaemia, in frailty "
            "and with short life expectancy, and for HbA1c at least twice a year.",
            f"{facts.age}岁的一般目标为<{plain(target)}%。两部指南均要求个体化，低血糖、衰弱或预期寿命短者"
            "应放宽，并要求每年至少检测两次。",
        ),
        sources=_sources(newest),
        evidence=shown(newest, *facts.of("hba1c")[-2:-1], *facts.problems.diabetes[:1]),
        limits=_limits(facts, newest, thresholds),
        alternatives=(_LIFESTYLE, _UNRELIABLE),
    )
    return propose(facts, "hba1c", (urgency, Risk.LOW), words, argument)


def _target_text(facts: Facts, newest: Measure, target: Decimal, overdue: bool) -> Words:
    said = result(newest)
    above = newest.value >= target and newest.may_exceed
    earlier = facts.of("hba1c")[-2:-1]
    trend = [
        Words(f"Before: {amount(e)} ({e.when.day}).", f"此前：{amount(e)}（{e.when.day}）。")
        for e in earlier
    ]
    days = facts.days(newest.when)
    return sentences(
        Words(
            f"{said.en}, {'not below' if above else 'within'} the usual target of < "
            f"{plain(target)}%.",
            f"{said.zh}，{'未低于' if above else '符合'}一般目标<{plain(target)}%。",
        ),
        *trend,
        Words(f"It is {days} days old.", f"该结果距今{days}天。") if overdue else None,
        Words("Consider repeating HbA1c first.", "建议先复查糖化血红蛋白。")
        if overdue
        else Words(
            "Consider adherence, hypoglycaemia, the patient's own target and an adjustment of "
            "treatment, with HbA1c again in about three months.",
            "建议考虑：评估依从性、低血糖及个体化目标，必要时调整治疗，约3个月后复查。",
        ),
    )


def _undiagnosed(facts: Facts, newest: Measure, thresholds: Thresholds) -> Finding:
    title = Words(
        f"HbA1c {amount(newest)} without recorded diabetes",
        f"糖化血红蛋白 {amount(newest)}，诊断列表中无糖尿病",
    )
    said = result(newest)
    before = [item for item in facts.of("hba1c")[:-1] if item.value >= _DIABETIC]
    days = facts.days(newest.when)
    body = sentences(
        Words(
            f"{said.en} is in the diabetic range (≥ 6.5%); diabetes is not on the problem list.",
            f"{said.zh}，达到糖尿病范围（≥6.5%），诊断列表中无糖尿病。",
        ),
        Words(
            f"An earlier value was in that range too ({before[-1].when.day}).",
            f"此前另有一次结果也在该范围（{before[-1].when.day}）。",
        )
        if before
        else None,
        Words(f"It is {days} days old.", f"该结果距今{days}天。")
        if days > thresholds.stable_days
        else None,
        Words(
            "Consider confirming by a second test unless there are clear symptoms, and adding the "
            "diagnosis if confirmed.",
            "建议考虑：无典型症状者以第二次检测确认，确诊后补充诊断。",
        ),
    )
    argument = Argument(
        rationale=Words(
            "Both guidelines accept HbA1c ≥ 6.5% by a standardised method as a criterion for "
            "diabetes, to be confirmed by a second result when there are no symptoms.",
            "两部指南均认可标准化方法测得HbA1c≥6.5%为糖尿病诊断标准之一，无症状者需第二次结果确认。",
        ),
        sources=_sources(newest),
        evidence=shown(newest, *before[-1:]),
        limits=[
            Words(
                "Symptoms and plasma glucose criteria were not judged.", "未判断症状及血糖标准。"
            ),
            *_limits(facts, newest, thresholds),
        ],
        alternatives=(_UNRELIABLE,),
    )
    words = (title, body)
    return propose(facts, "hba1c", (Urgency.ROUTINE, Risk.MEDIUM), words, argument)


_UNRELIABLE = Words(
    "An HbA1c that misleads: anaemia, bleeding, transfusion, haemoglobin variants, kidney failure.",
    "糖化血红蛋白失真：贫血、失血、输血、血红蛋白变异、肾衰竭。",
)


def _sources(newest: Measure) -> tuple[Source, ...]:
    converted = newest.given_unit != newest.analyte.unit
    return (ADA_2025, CDS_2020, *([HOELZEL_2004] if converted else []))


def _limits(facts: Facts, newest: Measure, thresholds: Thresholds) -> list[Words]:
    said = limits.of_measures(facts, [newest], thresholds.stable_days)
    blood = facts.latest("haemoglobin")
    usual = default_interval("haemoglobin", facts.person.sex, facts.age)
    if blood is None:
        said.append(
            Words(
                "No haemoglobin is in the chart: whether anaemia distorts HbA1c is unknown.",
                "病历中无血红蛋白：贫血是否影响结果未知。",
            )
        )
    elif usual and usual.low is not None and blood.value < usual.low:
        shown_blood = result(blood)
        said.append(
            Words(
                f"{shown_blood.en} is low: HbA1c may mislead.",
                f"{shown_blood.zh}偏低：糖化血红蛋白可能失真。",
            )
        )
    if len(facts.of("hba1c")) == 1:
        said.append(Words("This is the only HbA1c in the chart.", "病历中仅有这一次结果。"))
    return said + limits.of_person(facts)
