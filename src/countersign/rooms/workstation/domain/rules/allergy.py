"""An active medicine to whose substance the chart records an allergy.

Nothing but the chart is applied: the same substance, or one penicillin under a recorded allergy
to another, is named on both sides. No other cross-reaction is inferred.
"""

from __future__ import annotations

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import limits
from countersign.rooms.workstation.domain.drafting import Argument, propose, shown
from countersign.rooms.workstation.domain.facts import Facts
from countersign.rooms.workstation.domain.finding import Evidence, Finding, Risk, Urgency
from countersign.rooms.workstation.domain.ingredients import Group
from countersign.rooms.workstation.domain.medicines import Allergy, Medicine
from countersign.rooms.workstation.domain.prose import names, sentences
from countersign.rooms.workstation.domain.sources import OWN_RECORD
from countersign.rooms.workstation.domain.thresholds import Thresholds


def allergy(facts: Facts, thresholds: Thresholds) -> tuple[Finding, ...]:
    """One finding for each recorded allergy that an active medicine meets."""
    found: dict[frozenset[str], Finding] = {}
    for recorded in facts.allergies:
        met = tuple(item for item in facts.taking(*Group) if _meets(recorded, item))
        if met:
            finding = _finding(facts, recorded, met)
            found.setdefault(frozenset(item.reference for item in met), finding)
    return tuple(found.values())


def _meets(recorded: Allergy, medicine: Medicine) -> bool:
    if recorded.ingredients & medicine.ingredients:
        return True
    penicillin = any(item.group is Group.PENICILLIN for item in recorded.ingredients)
    return penicillin and medicine.has(Group.PENICILLIN)


def _finding(facts: Facts, recorded: Allergy, met: tuple[Medicine, ...]) -> Finding:
    drugs = names(met)
    body = sentences(
        Words(
            f"The chart records an allergy or intolerance ({recorded.name}), and {drugs.en} is "
            "active.",
            f"病历记录过敏或不耐受（{recorded.name}），而{drugs.zh}为在用药物。",
        ),
        Words(
            "Consider checking the reaction with the patient and whether the medicine should "
            "continue.",
            "建议考虑：向患者核实既往反应，并评估是否继续使用。",
        ),
    )
    noted = Words(f"Recorded allergy: {recorded.name}", f"过敏记录：{recorded.name}")
    argument = Argument(
        rationale=Words(
            "The same substance, or a penicillin beside another penicillin, stands in the allergy "
            "list and among the active medicines.",
            "同一成分（或同属青霉素类）同时见于过敏记录和在用药物。",
        ),
        sources=(OWN_RECORD,),
        evidence=(Evidence(noted, recorded.reference), *shown(*met)),
        limits=[
            *limits.of_medicines(facts, met),
            Words(
                "How severe and how certain the reaction was is not judged.",
                "未判断既往反应的严重程度及可信度。",
            ),
        ],
        alternatives=(
            Words(
                "A side effect recorded as an allergy, or tolerance shown since.",
                "将不良反应误记为过敏，或此后已证实可耐受。",
            ),
        ),
    )
    title = Words(f"Recorded allergy and {drugs.en}", f"过敏记录与在用药物：{drugs.zh}")
    weight = (Urgency.URGENT, Risk.HIGH)
    return propose(facts, "allergy", weight, (title, body), argument, about=recorded.name)
