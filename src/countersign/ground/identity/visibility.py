"""The policy's answer in a form that a list of patients can filter by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from .principal import DEPARTMENT, SENSITIVE, Facts, Principal

_PROBE = "\x00nobody"
"""An identifier that no patient and no department bears."""

REFUSALS = frozenset({"ai", "research", "teaching"})
"""What a patient may refuse beside a department."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which patients a list may show: those whom the policy allows one by one, and no others.

    Nobody is shown who refuses what is ``shut`` (AI to the worker, teaching to all) or bears a
    label that is ``barred`` even to those who care. Of the others a patient is shown when
    ``everything``; or when one of ``people`` (who asks, and for whom
    they stand in) is in the care team; or when the patient is one of ``own_patients`` (own
    records, and patients in whose care identity keeps the person); or when the patient was
    ``opened`` by break-glass and bears none of the labels that this opening leaves shut; or,
    without any of the labels in ``guarded``, when a department is shared and the patient refuses
    none of the person's departments (``refusable``).
    """

    departments: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    own_patients: frozenset[str] = frozenset()
    everything: bool = False
    guarded: frozenset[str] = field(default=SENSITIVE)
    opened: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    refusable: frozenset[str] = frozenset()
    shut: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()

    def admits(self, facts: Facts) -> bool:
        """The same condition as a list's SQL, for one patient."""
        if self.shut & facts.refused or self.barred & facts.sensitivity:
            return False
        if self.everything:
            return True
        if self.close(facts):
            return True
        left_shut = self.opened.get(facts.patient or "")
        if left_shut is not None:
            return not left_shut & facts.sensitivity
        if self.guarded & facts.sensitivity:
            return False
        return bool(self.departments & facts.departments and not self.refusable & facts.refused)

    def close(self, facts: Facts) -> bool:
        """Whether labels hide nothing of the patient: the care team, and the patient."""
        return bool(self.people & facts.care_team) or facts.patient in self.own_patients

    def parameters(self) -> dict[str, object]:
        """The values of ``ADMITTED``, ``CLOSE`` and ``PIERCED``."""
        return {
            "everything": self.everything,
            "people": sorted(self.people),
            "own_patients": sorted(self.own_patients),
            "departments": sorted(self.departments),
            "guarded": sorted(self.guarded),
            "opened": sorted(self.opened),
            "left_shut": [",".join(sorted(self.opened[one])) for one in sorted(self.opened)],
            "refusable": sorted(self.refusable),
            "shut": sorted(self.shut),
            "barred": sorted(self.barred),
        }


def limits_of(principal: Principal, kind: str, allowed: Callable[[Facts], bool]) -> Visibility:
    """The limits of a list, found by asking the policy about patients who are made up."""
    probe = Facts(kind, _PROBE)
    if allowed(replace(probe, sensitivity=SENSITIVE)):
        closed = replace(probe, sensitivity=SENSITIVE)
        shut = {one for one in REFUSALS if not allowed(replace(closed, refused=_only(one)))}
        return Visibility(everything=True, guarded=frozenset(), shut=frozenset(shut))
    near = replace(probe, care_team=_only(principal.id))
    shut, barred = _even_near(near, allowed)
    departments = frozenset(
        code for code in principal.departments if allowed(replace(probe, departments=_only(code)))
    )
    shared = replace(probe, departments=departments)
    refusable = refusals(principal.departments)
    labels = SENSITIVE - barred
    people = {principal.id} | principal.stands_for
    named = principal.patients | principal.care | principal.opened_patients
    own = frozenset(
        patient
        for patient in named
        if allowed(replace(probe, patient=patient, sensitivity=labels, refused=refusable))
    )
    return Visibility(
        departments,
        frozenset(
            person
            for person in people
            if allowed(replace(probe, care_team=_only(person), sensitivity=labels))
        ),
        own,
        guarded=_refused(SENSITIVE, lambda one: allowed(replace(shared, sensitivity=one))),
        opened=_opened(
            (
                replace(probe, patient=one, refused=refusable)
                for one in principal.opened_patients - own
            ),
            allowed,
        ),
        refusable=_refused(refusable, lambda one: allowed(replace(shared, refused=one))),
        shut=shut,
        barred=barred,
    )


def _even_near(
    near: Facts, allowed: Callable[[Facts], bool]
) -> tuple[frozenset[str], frozenset[str]]:
    """The refusals and the labels that close a patient even to whoever cares for them."""
    if not allowed(near):
        return frozenset(), frozenset()
    return (
        _refused(REFUSALS, lambda one: allowed(replace(near, refused=one))),
        _refused(SENSITIVE, lambda one: allowed(replace(near, sensitivity=one))),
    )


def _opened(named: Iterable[Facts], allowed: Callable[[Facts], bool]) -> dict[str, frozenset[str]]:
    """The charts that break-glass opens, each with the labels that stay shut in it."""

    def left_shut(facts: Facts) -> frozenset[str]:
        return _refused(SENSITIVE, lambda one: allowed(replace(facts, sensitivity=one)))

    return {str(one.patient): left_shut(one) for one in named if allowed(one)}


def _refused(of: frozenset[str], allowed: Callable[[frozenset[str]], bool]) -> frozenset[str]:
    return frozenset(one for one in of if not allowed(_only(one)))


def _only(one: str) -> frozenset[str]:
    return frozenset({one})


def refusals(departments: frozenset[str]) -> frozenset[str]:
    """How a patient's refusal of each of these departments is written."""
    return frozenset(DEPARTMENT + code for code in departments)


CLOSE: Final = """(
    %(everything)s and not refused && %(shut)s::text[]
    or care_team && %(people)s::text[]
    or patient = any (%(own_patients)s::text[])
)"""
"""The patients of whom labels hide nothing, in SQL over the columns of ``ADMITTED``."""

PIERCED: Final = """(
    patient = any (%(opened)s::text[]) and not exists (
        select from unnest(%(opened)s::text[], %(left_shut)s::text[]) as one (chart, labels)
        where one.chart = patient and string_to_array(one.labels, ',') && sensitivity)
)"""
"""What break-glass opened, but for the labels that it left shut, over patient and sensitivity."""

ADMITTED: Final = (
    """(
    not refused && %(shut)s::text[] and not sensitivity && %(barred)s::text[] and (
        %(everything)s
        or care_team && %(people)s::text[]
        or patient = any (%(own_patients)s::text[])
        or """
    + PIERCED
    + """
        or not sensitivity && %(guarded)s::text[]
            and departments && %(departments)s::text[] and not refused && %(refusable)s::text[])
)"""
)
"""The condition in SQL, over columns patient, departments, care_team, sensitivity, refused."""
