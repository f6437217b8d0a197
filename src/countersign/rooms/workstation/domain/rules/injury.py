"""Acute kidney injury by serum creatinine.

KDIGO Clinical Practice Guideline for Acute Kidney Injury, Kidney Int Suppl 2012;2:1-138 (March
2012): a rise of ≥ 26.5 µmol/L (0.3 mg/dL) within 48 hours, or to ≥ 1.5 times baseline within
7 days; stage 2 from 2.0 times, stage 3 from 3.0 times or 353.6 µmol/L (4.0 mg/dL). Where no
value of the last 7 days exists, the median of days 8 to 365 serves as baseline, as in the NHS
England algorithm (Patient Safety Alert NHS/PSA/D/2014/010, 9 June 2014). Urine output is not
in the chart and is not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import median

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Finding, Risk, Urgency
from countersign.rooms.workstation.domain.ingredients import Group
from countersign.rooms.workstation.domain.measures import Measure, rounded
from countersign.rooms.workstation.domain.medicines import Medicine
from countersign.rooms.workstation.domain.prose import (
    amount,
    names,
    plain,
    quantity,
    result,
    sentences,
)
from countersign.rooms.workstation.domain.sources import KDIGO_AKI, NHS_AKI
from countersign.rooms.workstation.domain.thresholds import Thresholds

_RISE = Decimal("26.5")
_STAGE_3 = Decimal("353.6")
_WATCHED = (
    Group.NSAID,
    Group.ACE,
    Group.ARB,
    Group.ALDOSTERONE,
    Group.METFORMIN,
    Group.TRIMETHOPRIM,
    Group.DIGOXIN,
)

_DEFINITION = Words(
    "KDIGO calls a creatinine rise of 26.5 µmol/L (0.3 mg/dL) within 48 hours, or to 1.5 times "
    "baseline within 7 days, acute kidney injury.",
    "KDIGO将48小时内肌酐升高≥26.5 µmol/L（0.3 mg/dL）或7天内升至基线1.5倍定义为急性肾损伤。",
)
_OLD_BASELINE = Words(
    "Without a value of the last 7 days the median of days 8 to 365 is taken as baseline.",
    "7天内无既往值时，以第8至365天的中位数为基线。",
)


@dataclass(frozen=True, slots=True)
class Injury:
    """The rise that met the criteria; ``baseline`` is a value or the median of several."""

    newest: Measure
    compared: tuple[Measure, ...]
    baseline: Decimal
    stage: int
    within_7_days: bool

    @property
    def ratio(self) -> Decimal:
        """How many times the baseline."""
        return rounded(self.newest.exact / self.baseline, 1)


def current_injury(facts: Facts, thresholds: Thresholds) -> Injury | None:
    """The injury that the newest creatinine shows, if that creatinine is recent.

    None for children, whose criteria differ, and on dialysis, where creatinine says nothing.
    """
    points = [item for item in facts.of("creatinine") if item.is_point]
    if not points or facts.is_minor or facts.problems.dialysis:
        return None
    newest = points[-1]
    if facts.days(newest.when) > thresholds.critical_days:
        return None
    earlier = [item for item in points if item.when.at < newest.when.at]
    week = [item for item in earlier if _gap(item, newest) <= timedelta(days=7)]
    if week:
        return _recent(newest, week)
    year = [item for item in earlier if _gap(item, newest) <= timedelta(days=365)]
    return _from_median(newest, year) if year else None


def injury(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding."""
    found = current_injury(facts, thresholds)
    return (_finding(facts, found, thresholds),) if found else ()


def _recent(newest: Measure, week: list[Measure]) -> Injury | None:
    lowest = min(week, key=lambda item: item.exact)
    two_days = [item for item in week if _gap(item, newest) <= timedelta(hours=48)]
    risen = [item for item in two_days if newest.exact - item.exact >= _RISE]
    if newest.exact >= lowest.exact * Decimal("1.5"):
        reference = lowest
    elif risen:
        reference = min(risen, key=lambda item: item.exact)
    else:
        return None
    stage = _stage(newest.exact, reference.exact)
    return Injury(newest, (reference,), reference.exact, stage, True)


def _from_median(newest: Measure, year: list[Measure]) -> Injury | None:
    baseline = Decimal(median(item.exact for item in year))
    if newest.exact < baseline * Decimal("1.5"):
        return None
    return Injury(newest, tuple(year), baseline, _stage(newest.exact, baseline), False)


def _stage(newest: Decimal, baseline: Decimal) -> int:
    if newest >= baseline * 3 or newest >= _STAGE_3:
        return 3
    return 2 if newest >= baseline * 2 else 1


def _gap(earlier: Measure, later: Measure) -> timedelta:
    return later.when.at - earlier.when.at


def _finding(facts: Facts, found: Injury, thresholds: Thresholds) -> Finding:
    watched = facts.taking(*_WATCHED)
    grade = "likely" if found.within_7_days else "possible"
    title = Words(
        f"{grade.capitalize()} acute kidney injury, KDIGO stage {found.stage}",
        f"{'符合' if found.within_7_days else '可能为'}急性肾损伤，KDIGO {found.stage}期",
    )
    argument = Argument(
        rationale=sentences(_DEFINITION, None if found.within_7_days else _OLD_BASELINE),
        sources=(KDIGO_AKI,) if found.within_7_days else (KDIGO_AKI, NHS_AKI),
        evidence=shown(found.newest, *found.compared, *watched),
        limits=_limits(facts, found, thresholds),
        alternatives=(
            Words(
                "A recovering earlier injury, a change of laboratory method, or trimethoprim, "
                "which raises creatinine without lowering filtration.",
                "既往肾损伤恢复期、检测方法变化，或甲氧苄啶等仅升高肌酐而不降低滤过的因素。",
            ),
        ),
    )
    urgency = Urgency.URGENT if found.stage < 3 else Urgency.CRITICAL
    words = (title, _text(found, watched))
    return propose(facts, "acute-kidney-injury", (urgency, Risk.MEDIUM), words, argument)


def _text(found: Injury, watched: tuple[Medicine, ...]) -> Words:
    said = result(found.newest)
    if found.within_7_days:
        before, when = amount(found.compared[0]), found.compared[0].when.minute
        base = Words(f"against {before} at {when}", f"对比{when}的{before}")
    else:
        value, count = quantity(rounded(found.baseline, 0), "µmol/L"), len(found.compared)
        base = Words(
            f"against a median of {value} ({count} values of the last year)",
            f"对比近一年{count}次结果中位数{value}",
        )
    drugs = names(watched)
    rise = quantity(rounded(found.newest.exact - found.baseline, 1), "µmol/L")
    return sentences(
        Words(
            f"{said.en} is {plain(found.ratio)} times baseline, a rise of {rise} ({base.en}): "
            f"KDIGO stage {found.stage} by creatinine.",
            f"{said.zh}，为基线的{plain(found.ratio)}倍，升高{rise}（{base.zh}），"
            f"按肌酐为KDIGO {found.stage}期。",
        ),
        Words(f"Active medicines to review: {drugs.en}.", f"需核查的在用药物：{drugs.zh}。")
        if watched
        else None,
        Words(
            "Consider volume, obstruction, urine output and sediment, nephrotoxic medicines and "
            "contrast, and an early repeat of creatinine and potassium.",
            "建议考虑：评估容量、梗阻、尿量及尿沉渣，核查肾毒性药物和造影剂，尽早复查肌酐和血钾。",
        ),
    )


def _limits(facts: Facts, found: Injury, thresholds: Thresholds) -> list[Words]:
    said = limits.of_measures(facts, [found.newest], thresholds.critical_days)
    said.append(
        Words(
            "Urine output, the other KDIGO criterion, is not known.", "尿量（KDIGO另一标准）未知。"
        )
    )
    if not found.within_7_days:
        said.append(
            Words(
                "There is no creatinine of the 7 days before; when the rise began is unknown.",
                "此前7天内无肌酐结果，升高起始时间未知。",
            )
        )
    if not found.newest.when.timed or not found.compared[0].when.timed:
        said.append(
            Words(
                "A sampling time is missing: intervals are counted in whole days.",
                "缺少采样时刻，间隔仅能按整日计算。",
            )
        )
    if facts.problems.kidney:
        said.append(
            Words(
                "Chronic kidney disease is recorded: part of the rise may be older.",
                "病历有慢性肾脏病记录：部分升高可能早已存在。",
            )
        )
    return said + limits.of_person(facts)
