"""What is said beside an answer: why a finding counts, and when the data allow no answer."""

from __future__ import annotations

import numpy as np

from countersign.kit.words import Words

from .knowledge import Condition, Entry
from .known import Known
from .tables import Array, Tables

LEAST = 0.15
"""Below this, the likeliest condition is not likely enough to be called an answer."""


def nothing(foreign: int) -> Words:
    """Why there is no answer where no finding is known to the table."""
    if foreign:
        return Words(
            "These data do not allow an answer: the findings are not in the table of common "
            "conditions.",
            "这些资料不足以作答：所给的表现不在常见病表中。",
        )
    return Words(
        "These data do not allow an answer: nothing is known about the patient yet.",
        "这些资料不足以作答：目前还没有患者的任何表现。",
    )


def unanswerable(tables: Tables, state: Known, probability: Array) -> Words | None:
    """Why these data do not allow an answer, or None."""
    entries = tables.knowledge.entries
    new = [row for row in state.said if row not in state.context]
    present = [row for row in new if state.status[row] == 1]
    if not present and len(new) < len(state.said):
        return Words(
            "These data do not allow an answer: of what is there, only diagnoses that were known "
            "before are given.",
            "这些资料不足以作答：所给的阳性内容只有先前已知的诊断。",
        )
    if not present:
        return Words(
            "These data do not allow an answer: only absent findings are known.",
            "这些资料不足以作答：目前只知道患者没有哪些表现。",
        )
    if all(entries[row].unspecific for row in present):
        return Words(
            "These data do not allow an answer: what is known is found in most illnesses.",
            "这些资料不足以作答：已知表现在多数疾病中都可见到。",
        )
    if state.foreign > len(present):
        return Words(
            "These data do not allow an answer: most findings are not in the table of common "
            "conditions.",
            "这些资料不足以作答：多数表现不在常见病表中。",
        )
    best = int(np.argmax(probability))
    if best == len(probability) - 1:
        return Words(
            "These data do not allow an answer: none of the listed conditions explains them well.",
            "这些资料不足以作答：表中没有哪种疾病能较好地解释。",
        )
    if probability[best] < LEAST:
        return Words(
            "These data do not allow an answer: too many conditions are about equally likely.",
            "这些资料不足以作答：可能性相近的疾病太多。",
        )
    return None


def why(entry: Entry, condition: Condition, here: float, there: float, present: bool) -> Words:
    """What a weight rests on, in numbers a person can picture."""
    mine, theirs = _percent(here), _percent(there)
    en = f"{entry.name.en}: in {mine} of patients with it, in {theirs} of others"
    zh = f"{entry.name.zh}：该病患者中{mine}，其他患者中{theirs}"
    band = condition.bands.get(entry.id)
    if band is None:
        en, zh = en + "; not a listed finding of it", zh + "；不是该病的已列表现"
    if not present:
        en, zh = en + "; absent here", zh + "；本例无"
    return Words(en + ".", zh + "。")


def _percent(share: float) -> str:
    return "<1%" if share < 0.01 else f"{share:.0%}"
