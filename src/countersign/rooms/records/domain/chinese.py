"""Renders facts as the sentences of a Chinese record; says nothing that no fact says."""

from __future__ import annotations

from collections.abc import Sequence

from .fact import Fact, Kind, Status
from .sentence import Sentence, once

_MODIFIED = {
    "痰": "咳痰",
    "鼻流涕": "流涕",
    "屁": "排气增多",
    "中等度热": "中等度发热",
    "喷嚏": "打喷嚏",
}
"""How a record calls what people call otherwise."""

_DEGREES = ("低热", "中等度热", "高热")
"""Each says fever already."""

_OF_CHILDREN = {
    **dict.fromkeys(
        ("支气管炎", "支气管肺炎", "腹泻", "消化不良", "便秘", "感冒", "发热", "咳嗽"), "小儿"
    ),
    "黄疸": "新生儿",
}
"""Diagnoses whose customary name says that the patient is a child."""

MOST_CHIEF, MOST_DENIED, MOST_ADVISED = 2, 6, 8


def listed(names: Sequence[str]) -> str:
    """甲、乙、丙."""
    return "、".join(dict.fromkeys(names))


def called(fact: Fact) -> str:
    """The record's word for a symptom."""
    return _MODIFIED.get(fact.value, fact.value)


def chief(facts: Sequence[Fact]) -> list[Sentence]:
    """咳嗽、发热3天."""
    main = [one for one in _of(facts, Kind.SYMPTOM) if one.section == "chief"][:MOST_CHIEF]
    onset = _of(facts, Kind.ONSET)[:1]
    if not main:
        return []
    since = onset[0].value if onset else ""
    return [Sentence(f"{listed([called(one) for one in main])}{since}", (*main, *onset))]


def present_illness(facts: Sequence[Fact], who: str = "患者") -> list[Sentence]:
    """What began when, what is denied, what was taken, and whatever else was told."""
    found: list[Sentence] = []
    symptoms = [one for one in _of(facts, Kind.SYMPTOM) if one.section != "none"]
    there = [one for one in symptoms if one.status is Status.PRESENT]
    denied = [one for one in symptoms if one.status is Status.ABSENT][:MOST_DENIED]
    onset = _of(facts, Kind.ONSET)[:1]
    if there:
        since = f"{onset[0].value}前" if onset else ""
        graded = any(one.value in _DEGREES for one in there)
        names = listed([called(one) for one in there if not (graded and one.value == "发热")])
        text = f"{who}{since}出现{names}"
        found.append(Sentence(text, (*there, *onset)))
    if denied:
        found.append(Sentence(f"无{listed([called(one) for one in denied])}", tuple(denied)))
    taken = _of(facts, Kind.MEDICINE)
    if taken:
        found.append(Sentence(f"曾服用{listed([one.value for one in taken])}", tuple(taken)))
    found += [Sentence(one.value, (one,)) for one in _of(facts, Kind.COURSE)]
    return found


def history(facts: Sequence[Fact]) -> list[Sentence]:
    """Illnesses of the past, and allergies with their denial."""
    found: list[Sentence] = []
    past = [one for one in _of(facts, Kind.HISTORY) if one.status is Status.PRESENT]
    denied = [one for one in _of(facts, Kind.HISTORY) if one.status is Status.ABSENT]
    if past:
        found.append(Sentence(f"既往有{listed([one.value for one in past])}", tuple(past)))
    if denied:
        found.append(Sentence(f"否认{listed([one.value for one in denied])}", tuple(denied)))
    return found


def allergies(facts: Sequence[Fact]) -> list[Sentence]:
    """As 对青霉素过敏 or 否认过敏史."""
    return once(
        Sentence(
            f"否认{one.value}" if one.status is Status.ABSENT else f"对{one.value}过敏", (one,)
        )
        for one in _of(facts, Kind.ALLERGY)
    )


def diagnoses(facts: Sequence[Fact], child: bool = False) -> list[Sentence]:
    """One line for each diagnosis; what is unsure bears a question mark.

    Where nobody named one, the chief symptom stands with its cause left open (待查).
    """
    named = [
        Sentence(f"{_aged(one.value, child)}{'？' if one.status is Status.UNSURE else ''}", (one,))
        for one in _of(facts, Kind.DIAGNOSIS)
    ]
    main = [one for one in _of(facts, Kind.SYMPTOM) if one.section == "chief"][:1]
    return named or [Sentence(f"{called(one)}待查", (one,)) for one in main]


def _aged(name: str, child: bool) -> str:
    if not child or name not in _OF_CHILDREN:
        return name
    return f"{_OF_CHILDREN[name]}{name}"


def treatment(facts: Sequence[Fact]) -> list[Sentence]:
    """Medicines in one sentence, what else is advised in another."""
    found: list[Sentence] = []
    ordered = _of(facts, Kind.PRESCRIPTION)
    names = {one.value for one in ordered}
    ordered += [one for one in _of(facts, Kind.ADVICE) if one.value in names]
    advised = [one for one in _of(facts, Kind.ADVICE) if one.value not in names][:MOST_ADVISED]
    if ordered:
        found.append(Sentence(f"给予{listed([one.value for one in ordered])}", tuple(ordered)))
    if advised:
        found.append(
            Sentence("，".join(dict.fromkeys(one.value for one in advised)), tuple(advised))
        )
    return found


def plain(facts: Sequence[Fact], *kinds: Kind) -> list[Sentence]:
    """Each fact as it was given."""
    return [
        Sentence(f"无{one.value}" if one.status is Status.ABSENT else one.value, (one,))
        for one in facts
        if one.kind in kinds
    ]


def _of(facts: Sequence[Fact], kind: Kind) -> list[Fact]:
    return [one for one in facts if one.kind is kind]
