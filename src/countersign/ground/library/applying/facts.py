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


@dataclass(frozen=True, slots=True)
class Person:
    """``age`` in completed years, None where the chart does not say; ``sex`` as FHIR says it."""

    age: int | None
    sex: str
    pregnant: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """Something in the chart that asks: ``question`` are its words, ``reference`` its version.

    ``codes`` are those that its concept bears, such as ICD-10 for a problem; ``english`` is the
    label in English where the chart says it.
    """

    kind: str
    label: str
    question: str
    reference: str
    at: str
    codes: tuple[str, ...] = ()
    english: str = ""

    @property
    def words(self) -> Words:
        """The label for readers of either language."""
        return Words(self.english or self.label, self.label)


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
    codes, english = tuple(_codes(resource.get("code"))), _english(resource.get("code"))
    english = english and label.replace(name, english, 1)
    results[name] = Fact("result", label, question, reference, at, codes, english)


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
        concept = resource.get("code") or resource.get("medicationCodeableConcept")
        codes, english = tuple(_codes(concept)), _english(concept)
        into.append(Fact(kind, label, question, reference, at, codes, english))


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


def _english(concept: object) -> str:
    """What a concept is called in English: its translation, or a display in that language."""
    given = _map(concept)
    parts = [
        {str(_map(part).get("url", "")): _map(part) for part in _list(_map(one).get("extension"))}
        for one in _list(_map(given.get("_text")).get("extension"))
    ]
    said = [
        str(part.get("content", {}).get("valueString", ""))
        for part in parts
        if part.get("lang", {}).get("valueCode") == "en"
    ]
    said += [str(_map(one).get("display", "")) for one in _list(given.get("coding"))]
    short = [re.split(r"\s*\[|\s+in\s+", one)[0].strip() for one in said]
    return next((one for one in short if one and one.isascii()), "")[:200]


def _codes(concept: object) -> list[str]:
    return [str(_map(one).get("code", "")) for one in _list(_map(concept).get("coding"))]


def _map(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
