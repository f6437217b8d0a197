"""Renders facts as the sentences of an English record; says nothing that no fact says."""

from __future__ import annotations

from collections.abc import Sequence

from .fact import Fact, Kind, Status
from .sentence import Sentence, once

MOST_CHIEF, MOST_DENIED, MOST_ADVISED = 3, 8, 8


def joined(names: Sequence[str], last: str = "and") -> str:
    """a · a and b · a, b and c."""
    once = list(dict.fromkeys(names))
    if len(once) < 2:
        return "".join(once)
    return f"{', '.join(once[:-1])} {last} {once[-1]}"


def sentence(words: str) -> str:
    """With a capital at its beginning and a full stop at its end."""
    bare = words.strip().rstrip(".")
    return f"{bare[:1].upper()}{bare[1:]}." if bare else ""


def named(fact: Fact) -> str:
    """The English of a term where one is known, else its own words."""
    return fact.english or fact.value


def chief(facts: Sequence[Fact]) -> list[Sentence]:
    """Cough and fever for 3 days."""
    main = [one for one in _of(facts, Kind.SYMPTOM) if one.section == "chief"][:MOST_CHIEF]
    onset = _of(facts, Kind.ONSET)[:1]
    if not main:
        return []
    since = f" for {span(onset[0])}" if onset else ""
    return [Sentence(sentence(joined([named(one) for one in main]) + since), (*main, *onset))]


def present_illness(facts: Sequence[Fact], who: str = "The patient") -> list[Sentence]:
    """What is there and since when, what is denied, what was taken, what else was told."""
    found: list[Sentence] = []
    symptoms = [one for one in _of(facts, Kind.SYMPTOM) if one.section != "none"]
    there = [one for one in symptoms if one.status is Status.PRESENT]
    denied = [one for one in symptoms if one.status is Status.ABSENT][:MOST_DENIED]
    onset = _of(facts, Kind.ONSET)[:1]
    main = [one for one in there if one.section == "chief"][:MOST_CHIEF] or there
    rest = [one for one in there if one not in main]
    if main:
        since = f" for {span(onset[0])}" if onset else ""
        verb = "has had" if onset else "has"
        text = sentence(f"{who} {verb} {joined([named(one) for one in main])}{since}")
        found.append(Sentence(text, (*main, *onset)))
    if rest:
        text = sentence(f"{who} also has {joined([named(one) for one in rest])}")
        found.append(Sentence(text, tuple(rest)))
    if denied:
        names = joined([named(one) for one in denied], "or")
        found.append(Sentence(sentence(f"{who} denies {names}"), tuple(denied)))
    taken = _of(facts, Kind.MEDICINE)
    if taken:
        names = joined([named(one) for one in taken])
        found.append(Sentence(sentence(f"{who} has taken {names}"), tuple(taken)))
    found += [Sentence(sentence(named(one)), (one,)) for one in _of(facts, Kind.COURSE)]
    return found


def history(facts: Sequence[Fact]) -> list[Sentence]:
    """History of …; no history of …."""
    past = [one for one in _of(facts, Kind.HISTORY) if one.status is Status.PRESENT]
    denied = [one for one in _of(facts, Kind.HISTORY) if one.status is Status.ABSENT]
    found: list[Sentence] = []
    if past:
        text = sentence(f"History of {joined([named(one) for one in past])}")
        found.append(Sentence(text, tuple(past)))
    if denied:
        text = sentence(f"No history of {joined([named(one) for one in denied], 'or')}")
        found.append(Sentence(text, tuple(denied)))
    return found


def allergies(facts: Sequence[Fact]) -> list[Sentence]:
    """Allergic to penicillin, or no known allergies."""
    return once(
        Sentence(
            "No known allergies." if one.status is Status.ABSENT else f"Allergic to {named(one)}.",
            (one,),
        )
        for one in _of(facts, Kind.ALLERGY)
    )


def diagnoses(facts: Sequence[Fact]) -> list[Sentence]:
    """One line for each; where nobody named one, the chief symptom with its cause open."""
    found = [
        Sentence(
            sentence(f"{'Possible ' if one.status is Status.UNSURE else ''}{named(one)}"), (one,)
        )
        for one in _of(facts, Kind.DIAGNOSIS)
    ]
    main = [one for one in _of(facts, Kind.SYMPTOM) if one.section == "chief"][:1]
    return found or [
        Sentence(sentence(f"{named(one)}, cause to be established"), (one,)) for one in main
    ]


def treatment(facts: Sequence[Fact]) -> list[Sentence]:
    """Medicines in one sentence, what else is advised in another."""
    ordered = _of(facts, Kind.PRESCRIPTION)
    names = {named(one) for one in ordered}
    ordered += [one for one in _of(facts, Kind.ADVICE) if named(one) in names]
    advised = [one for one in _of(facts, Kind.ADVICE) if named(one) not in names][:MOST_ADVISED]
    found: list[Sentence] = []
    if ordered:
        text = sentence(f"Prescribed: {joined([named(one) for one in ordered])}")
        found.append(Sentence(text, tuple(ordered)))
    found += [Sentence(sentence(named(one)), (one,)) for one in advised]
    return found


def plain(facts: Sequence[Fact], *kinds: Kind) -> list[Sentence]:
    """Each fact as it was given."""
    return [
        Sentence(sentence(f"{'No ' if one.status is Status.ABSENT else ''}{named(one)}"), (one,))
        for one in facts
        if one.kind in kinds
    ]


def span(onset: Fact) -> str:
    """3 days · 1 day · 2 weeks, from what either language gave."""
    text = onset.value
    for unit, word in (("个月", "month"), ("天", "day"), ("周", "week"), ("年", "year"),
                       ("小时", "hour")):  # fmt: skip
        if text.endswith(unit) and text[: -len(unit)].isdigit():
            number = text[: -len(unit)]
            return f"{number} {word}{'' if number == '1' else 's'}"
    return text


def _of(facts: Sequence[Fact], kind: Kind) -> list[Fact]:
    return [one for one in facts if one.kind is kind]
