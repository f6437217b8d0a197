"""What a chart asks the library: problems, abnormal results, medicines, pregnancy, age and sex."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from countersign.kit.json import JSON
from countersign.kit.words import Words

from .meanings import meaning_of

MOST = {"problem": 10, "result": 8, "medicine": 10, "pregnancy": 1}
"""Facts of each kind that ask; the newest come first."""

_HIGH, _LOW = {"H", "HH", "HU"}, {"L", "LL", "LU"}
_FORMS = re.compile(r"(缓释|控释|肠溶|分散)?(片|胶囊|注射液|颗粒|口服液|滴眼液|乳膏)$")
_NOT_TRUE = {"refuted", "entered-in-error"}
_OVER = {"resolved", "inactive", "remission"}
_PREGNANT = re.compile(r"^(O\d|Z33|Z34|Z35)")
_PREGNANCY_STATUS = "82810-3"  # LOINC: pregnancy status
_CHILDREN = re.compile(
    r"儿童|小儿|婴儿|新生儿|患儿|\b(child|children|infant|neonat|paediatric|pediatric)", re.I
)
_ADULTS = re.compile(r"成人|成年|\badults?\b", re.IGNORECASE)
_PREGNANCY = re.compile(
    r"妊娠|孕妇|孕期|哺乳|\b(pregnan|gestation|lactation|breast-?feeding)", re.I
)
_OLD = re.compile(r"老年|高龄|\b(elderly|older (adults|people|patients)|frail)", re.IGNORECASE)
_OF_THE_TEXT = re.compile(r"局限|参考文献|\blimits of this\b|\breferences\b", re.IGNORECASE)
_MALE = re.compile(r"前列腺|男性|\b(prostat|\bmen\b|male patients)", re.IGNORECASE)
_FEMALE = re.compile(r"女性|绝经|\b(women|menopaus|female)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """``age`` in completed years, None where the chart does not say; ``sex`` as FHIR says it."""

    age: int | None
    sex: str
    pregnant: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """Something in the chart that asks: ``question`` are its words, ``reference`` its version."""

    kind: str
    label: str
    question: str
    reference: str
    at: str


def facts_of(resources: Iterable[tuple[JSON, str]]) -> list[Fact]:
    """The facts of (resource, versioned reference), the most telling kinds first."""
    found: dict[str, list[Fact]] = {kind: [] for kind in MOST}
    results: dict[str, Fact] = {}
    for resource, reference in resources:
        match resource.get("resourceType"):
            case "Condition":
                _problem(resource, reference, found)
            case "Observation":
                _result(resource, reference, found, results)
            case "MedicationRequest" | "MedicationStatement":
                if resource.get("status") == "active":
                    name = _names(resource.get("medicationCodeableConcept"))
                    asked = _FORMS.sub("", name)
                    _put(found["medicine"], "medicine", name, asked, resource, reference)
            case _:
                pass
    found["result"] = [one for one in results.values() if one.question]
    return [
        fact
        for kind, most in MOST.items()
        for fact in sorted(_once(found[kind]), key=lambda one: one.at, reverse=True)[:most]
    ]


def person_of(patient: JSON, facts: Sequence[Fact], today: date) -> Person:
    """Who it is whom the passages must fit."""
    born, age = str(patient.get("birthDate", "")), None
    if re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", born):
        year, month, day = (*map(int, born.split("-")), 1, 1)[:3]
        age = today.year - year - ((today.month, today.day) < (month, day))
    return Person(age, str(patient.get("gender", "")), any(f.kind == "pregnancy" for f in facts))


def fits(text: str, person: Person) -> tuple[list[Words], list[Words]]:
    """What of the person a passage speaks of, and what speaks against its applying."""
    good: list[Words] = []
    bad: list[Words] = []
    child = person.age is not None and person.age < 18
    if _PREGNANCY.search(text):
        if person.pregnant:
            good.append(Words("speaks of pregnancy", "涉及妊娠"))
        elif person.sex == "male" or (person.age or 0) > 60:
            bad.append(Words("speaks of pregnancy, not of this patient", "涉及妊娠，与该患者不符"))
    if _CHILDREN.search(text) and not _ADULTS.search(text) and person.age is not None and not child:
        bad.append(Words("speaks of children", "针对儿童"))
    if _ADULTS.search(text) and not _CHILDREN.search(text) and child:
        bad.append(Words("speaks of adults", "针对成人"))
    if _OLD.search(text) and (person.age or 0) >= 65:
        good.append(
            Words(f"speaks of older people; age {person.age}", f"涉及老年人；{person.age} 岁")
        )
    if _MALE.search(text) and not _FEMALE.search(text) and person.sex == "female":
        bad.append(Words("speaks of men", "针对男性"))
    if _FEMALE.search(text) and not _MALE.search(text) and person.sex == "male":
        bad.append(Words("speaks of women", "针对女性"))
    return good, bad


def of_the_text(headings: Sequence[str]) -> bool:
    """Whether a passage speaks of its own text, such as its limits, and so of no patient."""
    return bool(headings) and _OF_THE_TEXT.search(headings[-1]) is not None


def _problem(resource: JSON, reference: str, found: dict[str, list[Fact]]) -> None:
    status = {*_codes(resource.get("clinicalStatus")), *_codes(resource.get("verificationStatus"))}
    if status & (_OVER | _NOT_TRUE):
        return
    name = _names(resource.get("code"))
    asked = _names(resource.get("code"), whole=True)
    _put(found["problem"], "problem", name, asked, resource, reference)
    if any(_PREGNANT.match(code) for code in _codes(resource.get("code"))):
        _put(found["pregnancy"], "pregnancy", name, f"妊娠 pregnancy {name}", resource, reference)


def _result(
    resource: JSON, reference: str, found: dict[str, list[Fact]], results: dict[str, Fact]
) -> None:
    """The newest result of each name; an older abnormal one that is normal now does not ask."""
    if resource.get("status") in ("entered-in-error", "cancelled") or _models(resource):
        return
    name, at = _names(resource.get("code")), str(resource.get("effectiveDateTime", ""))
    if _PREGNANCY_STATUS in _codes(resource.get("code")):
        if "LA15173-0" in _codes(resource.get("valueCodeableConcept")):  # pregnant
            _put(found["pregnancy"], "pregnancy", name, "妊娠 pregnancy", resource, reference)
        return
    if not name or (name in results and results[name].at >= at):
        return
    flags = {code for one in _list(resource.get("interpretation")) for code in _codes(one)}
    way = "↑" if flags & _HIGH else "↓" if flags & _LOW else ""
    value = _map(resource.get("valueQuantity"))
    label = f"{name} {value.get('value', '')} {value.get('unit', '')} {way}".strip()
    question = meaning_of(_names(resource.get("code"), whole=True), way) if way else ""
    results[name] = Fact("result", label, question, reference, at)


def _put(
    into: list[Fact], kind: str, label: str, question: str, resource: JSON, reference: str
) -> None:
    at = next(
        (
            str(resource[name])
            for name in ("recordedDate", "onsetDateTime", "authoredOn", "effectiveDateTime")
            if isinstance(resource.get(name), str)
        ),
        "",
    )
    if label:
        into.append(Fact(kind, label, question, reference, at))


def _once(facts: Sequence[Fact]) -> list[Fact]:
    seen: dict[str, Fact] = {}
    for one in facts:
        if one.label not in seen or seen[one.label].at < one.at:
            seen[one.label] = one
    return list(seen.values())


def _models(resource: JSON) -> bool:
    """What a model asserted is no fact that may ask."""
    labels = _list(_map(resource.get("meta")).get("security"))
    return any(str(_map(one).get("code", "")).startswith("AIAST") for one in labels)


def _names(concept: object, *, whole: bool = False) -> str:
    """The text of a concept; ``whole`` adds what a code system calls it, without its axes."""
    given = _map(concept)
    names = [str(given.get("text", ""))]
    names += [str(_map(one).get("display", "")) for one in _list(given.get("coding"))]
    short = [re.split(r"\s*\[|\s+in\s+", one)[0].strip() for one in names]
    known = list(dict.fromkeys(one for one in short if one))
    return " ".join(known if whole else known[:1])[:200]


def _codes(concept: object) -> list[str]:
    return [str(_map(one).get("code", "")) for one in _list(_map(concept).get("coding"))]


def _map(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
