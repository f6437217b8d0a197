"""The problems of the patient that change what a result means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from countersign.kit.json import JSON

from .fhir import SNOMED, Moment, codes, codings, days_between, moment, reference_to, text, wording

_PREGNANCY_DAYS = 300
_SNOMED_ROWS = """
diabetes 73211009 44054006 46635009 368581000119106 422034002 1551000119108 1501000119109
diabetes 127013003 90781000119102 97331000119101 60951000119105 157141000119108
hypertension 38341003 59621000 1201005 10725009
kidney 709044004 431855005 431856006 433144002 700378005 700379002 431857002 433146000
kidney 46177005 127013003 714152005
dialysis 46177005 236435004 714152005
pregnancy 77386006 72892002 47200007
"""


def _snomed() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in _SNOMED_ROWS.strip().splitlines():
        kind, *members = row.split()
        found.setdefault(kind, set()).update(members)
    return found


_SNOMED = _snomed()
# ICD-10 (WHO, US and Chinese editions agree on these three characters).
_ICD: dict[str, re.Pattern[str]] = {
    "diabetes": re.compile(r"E(?:08|09|10|11|12|13|14)"),
    "hypertension": re.compile(r"I1[0-3]|I15"),
    "kidney": re.compile(r"N18"),
    "dialysis": re.compile(r"Z99\.?2|N18\.?6|Z49"),
    "pregnancy": re.compile(r"Z33|Z34|Z3A|O(?:09|[1-7][0-9]|9[89])"),
}
_WORDED: dict[str, re.Pattern[str]] = {
    "diabetes": re.compile(r"糖尿病|\bdiabetes(?: mellitus)?\b", re.IGNORECASE),
    "hypertension": re.compile(r"高血压|\bhypertension\b", re.IGNORECASE),
    "kidney": re.compile(
        r"慢性肾脏病|慢性肾功能不全|慢性肾衰竭|慢性肾功能衰竭|\bchronic kidney disease\b",
        re.IGNORECASE,
    ),
    "dialysis": re.compile(
        r"(?:维持性)?(?:血液|腹膜)透析|\b(?:on|renal) dialysis\b", re.IGNORECASE
    ),
    "pregnancy": re.compile(r"妊娠|怀孕|早孕|\b(?:pregnan(?:t|cy)|gestational)\b", re.IGNORECASE),
}
# Words that turn a name into something else: a history, a suspicion, another organ's pressure.
_NOT = re.compile(
    r"前期|家族|待排|疑似|风险|筛查|排除|尿崩|门静脉|门脉|肺动脉|肺|颅内|眼|白大衣|流产|终止|产后|计划"
    r"|\b(?:family|risk|history|screen\w*|suspected|insipidus|portal|pulmonary|intracranial|ocular"
    r"|prediabetes|pre-diabetes|ectopic|miscarriage|loss)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An active, not merely suspected problem as the chart names it."""

    name: str
    reference: str


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems that the rules ask for; each tuple is empty when none is recorded."""

    diabetes: tuple[Problem, ...] = ()
    hypertension: tuple[Problem, ...] = ()
    kidney: tuple[Problem, ...] = ()
    dialysis: tuple[Problem, ...] = ()
    pregnancy: tuple[Problem, ...] = ()


def read_problems(conditions: Iterable[JSON], now: datetime) -> Problems:
    """Sorts Conditions into what the rules ask for."""
    found: dict[str, list[Problem]] = {kind: [] for kind in _SNOMED}
    for resource in conditions:
        if not _is_active(resource):
            continue
        for kind in _kinds(resource):
            if kind != "pregnancy" or _within_a_pregnancy(resource, now):
                found[kind].append(Problem(wording(resource.get("code")), reference_to(resource)))
    return Problems(
        **{kind: tuple(sorted(items, key=lambda p: p.reference)) for kind, items in found.items()}
    )


def _kinds(resource: JSON) -> list[str]:
    concept = resource.get("code")
    kinds: set[str] = set()
    coded = False
    for system, code, _ in codings(concept):
        icd = "icd-10" in system.lower() or "icd10" in system.lower()
        coded = coded or bool(code) and (system == SNOMED or icd)
        for kind in _SNOMED:
            if (system == SNOMED and code in _SNOMED[kind]) or (icd and _ICD[kind].match(code)):
                kinds.add(kind)
    name = wording(concept)
    if not coded and name and not _NOT.search(name):
        kinds |= {kind for kind, pattern in _WORDED.items() if pattern.search(name)}
        if "pregnancy" in kinds:
            kinds -= {"diabetes", "hypertension"}
    return sorted(kinds)


def _is_active(resource: JSON) -> bool:
    verification = codes(resource.get("verificationStatus"))
    if verification & {"refuted", "entered-in-error", "unconfirmed", "differential", "provisional"}:
        return False
    status = codes(resource.get("clinicalStatus"))
    if status:
        return bool(status & {"active", "recurrence", "relapse"})
    return "abatementDateTime" not in resource and "abatementPeriod" not in resource


def _within_a_pregnancy(resource: JSON, now: datetime) -> bool:
    """A pregnancy that nobody closed is believed for its natural length only."""
    started: Moment | None = moment(resource.get("onsetDateTime")) or moment(
        text(resource.get("recordedDate"))
    )
    return started is not None and days_between(started.at, now) <= _PREGNANCY_DAYS
