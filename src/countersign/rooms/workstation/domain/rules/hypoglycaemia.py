"""Low glucose under insulin or a sulfonylurea.

ADA Standards of Care 2025, section 6 (Diabetes Care 2025;48 Suppl 1, January 2025): level 1
below 3.9 mmol/L (70 mg/dL), level 2 below 3.0 mmol/L (54 mg/dL).
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
from countersign.rooms.workstation.domain.sources import ADA_2025
from countersign.rooms.workstation.domain.thresholds import Thresholds

from .critical import breach_of, is_current

_LEVEL_1, _LEVEL_2 = Decimal("3.9"), Decimal("3.0")


def hypoglycaemia(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """At most one finding, from the newest glucose of the last 7 days."""
    taking, newest = facts.taking(Group.INSULIN, Group.SULFONYLUREA), facts.latest("glucose")
    if not taking or newest is None or not newest.may_undercut:
        return ()
    if newest.value >= _LEVEL_1 or not is_current(facts, newest, thresholds):
        return ()
    level = 2 if newest.value < _LEVEL_2 else 1
    urgency = Urgency.URGENT if level == 2 else Urgency.SOON
    if breach_of(facts, newest, thresholds):
        urgency = Urgency.CRITICAL
    words = _words(newest, taking, level)
    argument = _argument(facts, newest, taking, thresholds)
    return (propose(facts, "hypoglycaemia", (urgency, Risk.MEDIUM), words, argument),)


def _words(newest: Measure, taking: tuple[Medicine, ...], level: int) -> tuple[Words, Words]:
    said, drugs = result(newest), names(taking)
    body = sentences(
        Words(
            f"{said.en}: hypoglycaemia level {level}; active: {drugs.en}.",
            f"{said.zh}，{level}级低血糖；在用：{drugs.zh}。",
        ),
        Words(
            "Consider checking the patient and repeating glucose, the cause (meals, kidney "
            "function, dose), and a lower dose or another medicine.",
            "建议考虑：查看患者并复测血糖，查找原因（进食、肾功能、剂量），减量或换药。",
        ),
    )
    head = f"{newest.value:f} mmol/L"
    return Words(f"Glucose {head} under {drugs.en}", f"血糖 {head}，在用{drugs.zh}"), body


def _argument(
    facts: Facts, newest: Measure, taking: tuple[Medicine, ...], thresholds: Thresholds
) -> Argument:
    return Argument(
        rationale=Words(
            "Below 3.9 mmol/L (70 mg/dL) is hypoglycaemia level 1, below 3.0 mmol/L (54 mg/dL) "
            "level 2; insulin and sulfonylureas are its usual causes in diabetes.",
            "<3.9 mmol/L（70 mg/dL）为1级低血糖，<3.0 mmol/L（54 mg/dL）为2级；"
            "胰岛素和磺脲类是糖尿病患者低血糖的常见原因。",
        ),
        sources=(ADA_2025,),
        evidence=shown(newest, *taking),
        limits=[
            *limits.of_measures(facts, [newest], thresholds.critical_days),
            *limits.of_medicines(facts, taking),
            Words("Symptoms and meals are not known here.", "症状及进食情况此处未知。"),
        ],
        alternatives=(
            Words(
                "Glucose consumed in the tube before measurement (late centrifugation, very high "
                "white cells).",
                "采血后未及时离心或白细胞极高，使血糖在管内消耗。",
            ),
        ),
    )
