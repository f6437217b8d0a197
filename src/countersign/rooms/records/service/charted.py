"""What the chart offers a record: told answers, earlier records, problems, results, medicines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, cast

from countersign.ground.chart import PatientChart, Version
from countersign.ground.library import facts_of
from countersign.kit.allergies import none_at_all, none_known
from countersign.kit.json import JSON
from countersign.kit.words import Words
from countersign.rooms.records.domain.carrying import carried
from countersign.rooms.records.domain.fact import Fact, Kind, Link, Status
from countersign.rooms.records.domain.kinds import RecordKind

READ_TYPES = ("Condition", "Observation", "MedicationRequest", "MedicationStatement")
ANSWERS, EARLIER, DONE = "QuestionnaireResponse", "Composition", "Procedure"
MOST_EARLIER, MOST_DONE, MOST_RESULTS = 5, 10, 20
"""Of earlier records, of procedures, and of results that no rule calls abnormal."""

TAKEN = {"problem": Kind.HISTORY, "result": Kind.RESULT, "medicine": Kind.MEDICINE,
         "sign": Kind.SIGN}  # fmt: skip
MEASURED = ("result", "sign")
_VOID = {"refuted", "entered-in-error", "resolved", "inactive"}


@dataclass(frozen=True, slots=True)
class ChartFact:
    """A fact of the chart that may be taken into the record, by its versioned reference."""

    reference: str
    words: Words
    kind: str
    chosen: bool


def offered(chart: PatientChart, chosen: Sequence[str]) -> tuple[ChartFact, ...]:
    """What may be taken, in the order in which it is usually needed."""
    taken = set(chosen)
    named = [
        *((one.versioned, _told_on(one.resource), "told") for one in chart.of(ANSWERS)),
        *((one.versioned, _record_of(one), "record") for one in _earlier(chart)),
        *((one.reference, _dated(one.words, one.at, one.kind), one.kind) for one in _facts(chart)),
        *((one.versioned, _done(one.resource), "procedure") for one in _procedures(chart)),
    ]
    return tuple(ChartFact(ref, words, kind, ref in taken) for ref, words, kind in named)


def charted(chart: PatientChart, chosen: Sequence[str], kind: RecordKind) -> Iterator[Fact]:
    """Chosen facts of the chart, and what it says of allergies."""
    wanted = set(chosen)
    taken = [one for one in _facts(chart) if one.reference in wanted and one.label.strip()]
    for one in taken:
        if one.kind != "medicine":
            said = _dated(one.words, one.at, one.kind)
            english = said.en if one.english else ""
            link = (Link(one.reference),)
            yield Fact(TAKEN[one.kind], said.zh, link, name=one.label, english=english)
    yield from _medicines([one for one in taken if one.kind == "medicine"], kind)
    for one in _procedures(chart):
        said = _done(one.resource)
        if one.versioned in wanted:
            yield Fact(Kind.PROCEDURE, said.zh, (Link(one.versioned),), name=said.zh)
    for one in _earlier(chart):
        if one.versioned in wanted:
            yield from carried(_sections(one.resource), kind, one.versioned)
    yield from _allergic(chart, kind)


def _medicines(taken: Sequence[_Asked], kind: RecordKind) -> Iterator[Fact]:
    """What the patient takes now, as one sentence: it was not taken in the past alone."""
    if not taken:
        return
    place = next(
        (one.id for one in kind.sections
         if Kind.MEDICINE in one.takes and Kind.COURSE not in one.takes), "",
    )  # fmt: skip
    zh = f"目前使用{'、'.join(one.words.zh for one in taken)}"
    en = f"Medicines now: {', '.join(one.words.en for one in taken)}"
    links = tuple(Link(one.reference) for one in taken)
    yield Fact(Kind.NOTE if place else Kind.COURSE, zh, links, section=place, english=en)


def _allergic(chart: PatientChart, kind: RecordKind) -> Iterator[Fact]:
    """An entry that there is none is a denial, never a substance."""
    past = next((one.id for one in kind.sections if Kind.ALLERGY in one.takes), "")
    for one in _allergies(chart):
        code = one.resource.get("code")
        name, codes = concept(code), _codes(code)
        link = (Link(one.versioned),)
        if none_at_all(codes, name):
            yield Fact(Kind.ALLERGY, "过敏史", link, Status.ABSENT, "过敏", english="allergies")
        elif none_known(codes, name):
            yield Fact(Kind.NOTE, name, link, section=past)
        else:
            yield Fact(Kind.ALLERGY, name, link, name=name)


def allergies(chart: PatientChart) -> list[str]:
    """Names of what the patient is allergic to."""
    return [
        concept(one.resource.get("code"))
        for one in _allergies(chart)
        if not none_known(_codes(one.resource.get("code")), concept(one.resource.get("code")))
    ]


def concept(code: Any) -> str:
    """The text of a concept, else what its first coding shows."""
    given = cast("dict[str, Any]", code) if isinstance(code, dict) else {}
    first = (_list(given.get("coding")) or [{}])[0]
    return str(given.get("text") or first.get("display") or "").strip()


def _allergies(chart: PatientChart) -> list[Version]:
    """Those that are neither refuted nor over, and say of what."""
    return [
        one
        for one in chart.of("AllergyIntolerance")
        if concept(one.resource.get("code"))
        and not _VOID
        & {
            *_codes(one.resource.get("clinicalStatus")),
            *_codes(one.resource.get("verificationStatus")),
        }
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A fact as the library reads it, or a result that it leaves out since nothing is amiss."""

    kind: str
    label: str
    reference: str
    at: str
    english: str

    @property
    def words(self) -> Words:
        return Words(self.english or self.label, self.label)


def _facts(chart: PatientChart) -> list[_Asked]:
    signs = {one.versioned for one in chart.of("Observation") if _is_sign(one.resource)}
    found = [
        _Asked(
            "sign" if one.reference in signs else one.kind,
            one.label,
            one.reference,
            one.at,
            one.english,
        )
        for one in facts_of((v.resource, v.versioned) for v in chart.of(*READ_TYPES))
        if one.kind in TAKEN
    ]
    known = {one.reference for one in found}
    plain: dict[str, _Asked] = {}
    for one in chart.of("Observation"):  # the newest first
        made = _result(one)
        name = concept(one.resource.get("code"))
        if made is not None and one.versioned not in known and name not in plain:
            plain[name] = made
    abnormal = [one.label for one in found if one.kind in MEASURED]
    rest = [
        made for name, made in plain.items() if not any(one.startswith(name) for one in abnormal)
    ]
    return [*found, *rest[:MOST_RESULTS]]


def _result(one: Version) -> _Asked | None:
    """A final result with a value, unless a model asserted it."""
    resource = one.resource
    labels = _list(cast("Mapping[str, Any]", resource.get("meta") or {}).get("security"))
    asserted = any(str(label.get("code", "")).startswith("AIAST") for label in labels)
    final = resource.get("status") in ("final", "amended", "corrected")
    if asserted or not final or not concept(resource.get("code")):
        return None
    quantity = cast("Mapping[str, Any]", resource.get("valueQuantity") or {})
    value = f"{quantity.get('value', '')} {quantity.get('unit', '')}".strip()
    value = (
        value
        or _pressure(resource)
        or str(resource.get("valueString") or concept(resource.get("valueCodeableConcept")))
    )
    if not value:
        return None
    name, at = concept(resource.get("code")), str(resource.get("effectiveDateTime", ""))
    shown = [str(code.get("display", "")) for code in _list(_map(resource["code"]).get("coding"))]
    short = [re.split(r"\s*\[|\s+in\s+|\s+panel\b", one)[0].strip() for one in shown]
    english = next((f"{one} {value}" for one in short if one and one.isascii()), "")
    kind = "sign" if _is_sign(resource) else "result"
    return _Asked(kind, f"{name} {value}", one.versioned, at, english)


def _is_sign(resource: JSON) -> bool:
    """A vital sign belongs to the examination, not to the results of the laboratory."""
    return "vital-signs" in {
        code for one in _list(resource.get("category")) for code in _codes(one)
    }


def _pressure(resource: JSON) -> str:
    """Blood pressure, by LOINC 8480-6 (systolic) and 8462-4 (diastolic)."""
    parts = {
        code: _map(one.get("valueQuantity"))
        for one in _list(resource.get("component"))
        for code in _codes(one.get("code"))
    }
    high, low = parts.get("8480-6"), parts.get("8462-4")
    if not high or not low:
        return ""
    return f"{high.get('value')}/{low.get('value')} {high.get('unit', '')}".strip()


def _dated(words: Words, at: str, kind: str) -> Words:
    """A result with its day: results of two days are not one picture."""
    if kind not in MEASURED or len(at) < 10:
        return words
    return Words(f"{words.en} ({at[:10]})", f"{words.zh}（{at[:10]}）")


def _procedures(chart: PatientChart) -> list[Version]:
    done = (one for one in chart.of(DONE) if one.resource.get("status") == "completed")
    return [one for one in done if concept(one.resource.get("code"))][:MOST_DONE]


def _done(resource: JSON) -> Words:
    name = concept(resource.get("code"))
    period = cast("Mapping[str, Any]", resource.get("performedPeriod") or {})
    day = str(resource.get("performedDateTime") or period.get("start") or "")[:10]
    return Words(f"{name} ({day})", f"{name}（{day}）") if day else Words(name, name)


def _earlier(chart: PatientChart) -> list[Version]:
    final = (one for one in chart.of(EARLIER) if one.resource.get("status") in ("final", "amended"))
    return [one for one in final if _sections(one.resource)][:MOST_EARLIER]


def _record_of(one: Version) -> Words:
    title, day = str(one.resource.get("title", "")), str(one.resource.get("date", ""))[:10]
    return Words(f"Earlier record: {title}, {day}", f"既往病历：{title} {day}")


def _sections(resource: JSON) -> list[tuple[str, str]]:
    """Title and plain text of each section that says anything."""
    found: list[tuple[str, str]] = []
    for one in _list(resource.get("section")):
        div = str(_map(one.get("text")).get("div", ""))
        lines = re.sub(r"</p>|<br\s*/?>", "\n", div).split("\n")
        text = "\n".join(unescape(re.sub(r"<[^>]*>", "", line)).strip() for line in lines).strip()
        if text:
            found.append((str(one.get("title", "")).strip(), text))
    return found


def _told_on(resource: JSON) -> Words:
    """What a form is called in the list: when it was filled in."""
    day = str(resource.get("authored", ""))[:10]
    return Words(f"Told before the visit, {day}", f"就诊前自述 {day}")


def _codes(given: object) -> list[str]:
    return [str(one.get("code", "")) for one in _list(_map(given).get("coding"))]


def _map(given: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", given) if isinstance(given, dict) else {}


def _list(given: object) -> list[JSON]:
    return cast("list[JSON]", given) if isinstance(given, list) else []
