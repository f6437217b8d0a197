"""Blood pressure against the targets of the Chinese hypertension guideline.

Chinese hypertension guideline, 2024 revision (中华高血压杂志 2024;32:603-700, July 2024): below
140/90 mmHg in general and, where tolerated, below 130/80; below 130/80 with diabetes or with
albuminuria in kidney disease; from 80 years on first below 150/90. Office hypertension is ≥
140/90 on three different days; grade 3 is ≥ 180/110.
"""

from __future__ import annotations

from dataclasses import replace

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Evidence, Finding, Risk, Urgency
from countersign.rooms.workstation.domain.kidney import a_category
from countersign.rooms.workstation.domain.pressure_readings import Reading
from countersign.rooms.workstation.domain.prose import sentences
from countersign.rooms.workstation.domain.sources import CHINA_BP_2024
from countersign.rooms.workstation.domain.thresholds import Thresholds

_SEVERE = (180, 110)
_GENERAL = (140, 90)
_LOOKED_AT = 3


def pressure(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding: severe now, above target, or elevated without a diagnosis."""
    age = facts.age
    if not facts.pressures or age is None or age < 18 or facts.problems.pregnancy:
        return ()
    newest = facts.pressures[-1]
    if _reaches(newest, _SEVERE) and facts.days(newest.when) <= thresholds.critical_days:
        return (_severe(facts, newest, thresholds),)
    if facts.problems.hypertension:
        target = _target(facts, age, thresholds)
        return (_above(facts, target, thresholds),) if _reaches(newest, target) else ()
    days = _elevated_days(facts, thresholds)
    return (_undiagnosed(facts, days, thresholds),) if len(days) >= _LOOKED_AT else ()


def _reaches(reading: Reading, limit: tuple[int, int]) -> bool:
    return reading.systolic >= limit[0] or reading.diastolic >= limit[1]


def _target(facts: Facts, age: int, thresholds: Thresholds) -> tuple[int, int]:
    if age >= 80:
        return thresholds.pressure_from_80
    return thresholds.pressure_at_risk if _is_at_risk(facts) else thresholds.pressure


def _is_at_risk(facts: Facts) -> bool:
    ratio = facts.latest("acr")
    albuminuria = ratio is not None and ratio.is_point and a_category(ratio) != "A1"
    return bool(facts.problems.diabetes) or albuminuria


def _elevated_days(facts: Facts, thresholds: Thresholds) -> list[Reading]:
    """The newest readings, one a day, while they all reach 140/90, of the last year only."""
    days: dict[str, Reading] = {}
    for reading in reversed(facts.pressures):
        if facts.days(reading.when) > thresholds.stable_days:
            break
        if reading.when.day in days:
            continue
        if not _reaches(reading, _GENERAL):
            break
        days[reading.when.day] = reading
    return list(days.values())


def _severe(facts: Facts, newest: Reading, thresholds: Thresholds) -> Finding:
    title = Words(f"Blood pressure {_mmhg(newest)}: grade 3", f"血压 {_mmhg(newest)}：3级")
    body = sentences(
        Words(
            f"Blood pressure {_mmhg(newest)} ({newest.when.minute}) is in grade 3 (≥ 180/110).",
            f"血压{_mmhg(newest)}（{newest.when.minute}），属3级（≥180/110 mmHg）。",
        ),
        Words(
            "Consider repeating it at rest and looking for symptoms and signs of organ damage "
            "today.",
            "建议考虑：休息后复测，当日评估症状及靶器官损害。",
        ),
    )
    argument = _argument(
        facts,
        [newest],
        Words(
            "Grade 3 may be an emergency when organs are damaged.",
            "3级血压合并靶器官损害时可为急症。",
        ),
        thresholds,
    )
    return propose(facts, "pressure", (Urgency.URGENT, Risk.LOW), (title, body), argument)


def _above(facts: Facts, target: tuple[int, int], thresholds: Thresholds) -> Finding:
    newest, goal = facts.pressures[-1], f"{target[0]}/{target[1]} mmHg"
    recent = list(facts.pressures[-_LOOKED_AT:])
    high = sum(_reaches(item, target) for item in recent)
    days = facts.days(newest.when)
    stale = days > thresholds.stable_days
    title = Words(f"Blood pressure {_mmhg(newest)}: above target", f"血压 {_mmhg(newest)}：未达标")
    body = sentences(
        Words(
            f"Blood pressure {_mmhg(newest)} ({newest.when.day}) is not below {goal}.",
            f"血压{_mmhg(newest)}（{newest.when.day}），未低于目标{goal}。",
        ),
        Words(
            f"Of the last {len(recent)} readings {high} were not.",
            f"最近{len(recent)}次中{high}次未达标。",
        )
        if len(recent) > 1
        else None,
        Words(f"The reading is {days} days old.", f"该读数距今{days}天。") if stale else None,
        Words("Consider measuring again first.", "建议先复测血压。")
        if stale
        else Words(
            "Consider home or ambulatory readings, adherence, salt, interfering medicines and an "
            "adjustment of treatment.",
            "建议考虑：家庭或动态血压监测，评估依从性、食盐摄入及升压药物，必要时调整治疗。",
        ),
    )
    argument = _argument(facts, recent, _why_target(facts, target), thresholds)
    ratio = facts.latest("acr")
    if ratio is not None and target == thresholds.pressure_at_risk:
        argument = replace(argument, evidence=argument.evidence + shown(ratio))
    severe = _reaches(newest, _SEVERE) and not stale
    urgency = Urgency.SOON if severe else Urgency.ROUTINE
    return propose(facts, "pressure", (urgency, Risk.LOW), (title, body), argument)


def _undiagnosed(facts: Facts, days: list[Reading], thresholds: Thresholds) -> Finding:
    newest = days[0]
    title = Words(
        f"Blood pressure ≥ 140/90 on {len(days)} days without recorded hypertension",
        f"{len(days)}日血压≥140/90 mmHg，诊断列表中无高血压",
    )
    body = sentences(
        Words(
            f"The last {len(days)} days with readings were all at or above 140/90 mmHg, the newest "
            f"{_mmhg(newest)} ({newest.when.day}); hypertension is not on the problem list.",
            f"最近{len(days)}个测量日血压均≥140/90 mmHg，"
            f"最近一次{_mmhg(newest)}（{newest.when.day}）；诊断列表中无高血压。",
        ),
        Words(
            "Consider confirming by home or ambulatory readings and adding the diagnosis.",
            "建议考虑：家庭或动态血压监测确认，并补充诊断。",
        ),
    )
    argument = _argument(
        facts,
        days,
        Words(
            "Office readings of 140/90 mmHg or more on three different days meet the definition.",
            "非同日三次诊室血压≥140/90 mmHg符合诊断标准。",
        ),
        thresholds,
    )
    words = (title, body)
    return propose(facts, "pressure", (Urgency.ROUTINE, Risk.LOW), words, argument)


def _why_target(facts: Facts, target: tuple[int, int]) -> Words:
    goal = f"{target[0]}/{target[1]} mmHg"
    if facts.age is not None and facts.age >= 80:
        return Words(
            f"From 80 years on the first aim is below {goal}, then lower where tolerated.",
            f"80岁及以上首先降至<{goal}，能耐受者可进一步降低。",
        )
    if _is_at_risk(facts):
        return Words(
            f"With diabetes or albuminuria the aim is below {goal} where tolerated.",
            f"合并糖尿病或白蛋白尿者，能耐受时目标<{goal}。",
        )
    return Words(
        f"The general aim is below {goal} and, where tolerated, below 130/80 mmHg.",
        f"一般目标<{goal}，能耐受者可进一步降至<130/80 mmHg。",
    )


def _argument(
    facts: Facts, readings: list[Reading], rationale: Words, thresholds: Thresholds
) -> Argument:
    newest = max(readings, key=lambda item: (item.when.at, item.reference))
    problems = (*facts.problems.hypertension[:1], *facts.problems.diabetes[:1])
    evidence = tuple(
        Evidence(
            Words(
                f"Blood pressure {_mmhg(item)} ({item.when.minute})",
                f"血压 {_mmhg(item)}（{item.when.minute}）",
            ),
            item.reference,
        )
        for item in readings
    )
    said = limits.of_reading(facts, newest, thresholds.stable_days)
    said.append(
        Words(
            "How it was measured (rest, cuff, arm, office or home) is not known.",
            "测量条件（静息、袖带、上臂、诊室或家庭）未知。",
        )
    )
    if len(readings) == 1:
        said.append(Words("This is a single reading.", "仅为单次读数。"))
    return Argument(
        rationale=rationale,
        sources=(CHINA_BP_2024,),
        evidence=evidence + shown(*problems),
        limits=said,
        alternatives=(
            Words(
                "White-coat effect, pain, or an error of measurement.",
                "白大衣效应、疼痛或测量误差。",
            ),
        ),
    )


def _mmhg(reading: Reading) -> str:
    return f"{reading.systolic}/{reading.diastolic} mmHg"
