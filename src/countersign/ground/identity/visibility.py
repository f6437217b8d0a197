"""The policy's answer in a form that a list of patients can filter by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from .principal import DEPARTMENT, SENSITIVE, Facts, Principal

_PROBE = "\x00nobody"
"""An identifier that no patient and no department bears."""

REFUSALS = frozenset({"ai", "research", "teaching"})
"""What a patient may refuse beside a department."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which patients a list may show; it never admits one that the policy would refuse.

    Nobody is shown who refuses what is ``shut`` (AI to the worker, teaching to all) or bears a
    label that is ``barred`` even to those who care. Of the others a patient is shown when
    ``everything``; or when one of ``people`` (who asks, and for whom
    they stand in) is in the care team; or when the patient is one of ``own_patients`` (own
    records, and patients in whose care identity keeps the person); or, without any of the
    labels in ``guarded``, when the patient is one of ``opened`` (break-glass) or a department
    is shared and the patient refuses none of the person's departments (``refusable``).
    """

    departments: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    own_patients: frozenset[str] = frozenset()
    everything: bool = False
    guarded: frozenset[str] = field(default=SENSITIVE)
    opened: frozenset[str] = frozenset()
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
        if self.guarded & facts.sensitivity:
            return False
        return facts.patient in self.opened or bool(
            self.departments & facts.departments and not self.refusable & facts.refused
        )

    def close(self, facts: Facts) -> bool:
        """Whether labels hide nothing of the patient: the care team, and the patient."""
        return bool(self.people & facts.care_team) or facts.patient in self.own_patients

    def parameters(self) -> dict[str, object]:
        """The values of ``ADMITTED`` and ``CLOSE``."""
        return {
            "everything": self.everything,
            "people": sorted(self.people),
            "own_patients": sorted(self.own_patients),
            "departments": sorted(self.departments),
            "guarded": sorted(self.guarded),
            "opened": sorted(self.opened),
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
        opened=frozenset(
            patient
            for patient in principal.opened_patients - own
            if allowed(replace(probe, patient=patient, refused=refusable))
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

ADMITTED: Final = """(
    not refused && %(shut)s::text[] and not sensitivity && %(barred)s::text[] and (
        %(everything)s
        or care_team && %(people)s::text[]
        or patient = any (%(own_patients)s::text[])
        or not sensitivity && %(guarded)s::text[] and (
            patient = any (%(opened)s::text[])
            or departments && %(departments)s::text[] and not refused && %(refusable)s::text[]))
)"""
"""The condition in SQL, over columns patient, departments, care_team, sensitivity, refused."""
