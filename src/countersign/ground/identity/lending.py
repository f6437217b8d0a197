"""For whom somebody stands in: whether a right rests on a delegation, and on whose."""

from __future__ import annotations

from collections.abc import Collection

from .principal import DEPARTMENT, SENSITIVE, Facts, Lent, LicenceKind, Principal

MEDICAL = frozenset({LicenceKind.PHYSICIAN, LicenceKind.SENIOR_PHYSICIAN})
PATHOLOGY = frozenset({LicenceKind.PATHOLOGIST})


def kindred(one: Collection[LicenceKind], other: Collection[LicenceKind]) -> bool:
    """Whether two persons hold licences of one family, so that each may stand in for the other."""
    return any(family.intersection(one) and family.intersection(other) for family in _FAMILIES)


def is_own(principal: Principal, facts: Facts) -> bool:
    """Whether the person sees the patient without anything that was lent."""
    lent = {code for one in principal.lent for code in one.departments}
    return (
        _cares_too(principal, facts)
        or _opened_by(principal.departments - lent, principal, facts)
        or facts.patient in principal.patients
    )


def lenders(principal: Principal, facts: Facts) -> tuple[Lent, ...]:
    """The colleagues whose patient it is; those who care for the patient themselves come first."""
    caring = [one for one in principal.lent if _cares(one, facts)]
    placed = [
        one
        for one in principal.lent
        if one not in caring and _opened_by(one.departments, principal, facts)
    ]
    return (*sorted(caring), *sorted(placed))


def lent_licences(principal: Principal, facts: Facts) -> frozenset[LicenceKind] | None:
    """With what licences the absent colleagues could act, where the right rests on them alone;
    None where the person has a right of their own, or none at all.
    """
    if not principal.lent or is_own(principal, facts):
        return None
    found = lenders(principal, facts)
    return frozenset(kind for one in found for kind in one.licences) if found else None


def on_behalf(
    principal: Principal,
    facts: Facts,
    kinds: Collection[LicenceKind],
    without: Collection[str | None] = (),
) -> Lent | None:
    """For whom a decision is made that a licence of one of ``kinds`` allows; None for oneself.

    A patient in a colleague's own care is decided about on the colleague's behalf, unless the
    person cares for the patient too. A department that both share makes nobody's patient.
    ``without`` are persons who signed already and sign no second time through a colleague.
    """
    fit = [
        one
        for one in lenders(principal, facts)
        if one.licences.intersection(kinds) and one.person not in without
    ]
    if _cares_too(principal, facts):
        return None
    if is_own(principal, facts):
        fit = [one for one in fit if _cares(one, facts)]
    return fit[0] if fit else None


def _opened_by(departments: frozenset[str], principal: Principal, facts: Facts) -> bool:
    """Whether one of these departments alone opens the patient: nothing closes that way."""
    unwelcome = any(DEPARTMENT + code in facts.refused for code in principal.departments)
    return bool(departments & facts.departments) and not (
        unwelcome or SENSITIVE & facts.sensitivity
    )


def _cares(one: Lent, facts: Facts) -> bool:
    return one.person in facts.care_team or facts.patient in one.care


def _cares_too(principal: Principal, facts: Facts) -> bool:
    """Whether the person is in the care team without anybody's lending."""
    lent = {patient for one in principal.lent for patient in one.care}
    return principal.id in facts.care_team or facts.patient in principal.care - lent


_FAMILIES = (MEDICAL, PATHOLOGY)
