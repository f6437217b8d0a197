"""A principal and the facts of a request in the words that the policies use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import ceil
from typing import Any

from .lending import lent_licences
from .principal import CLINICAL, DEPARTMENT, HOOKS, AppAccess, Facts, Principal, Role
from .scopes import READING, readable

GROUPS: Mapping[str, frozenset[Role]] = {
    "clinical": CLINICAL,
    "doctor": frozenset({Role.PHYSICIAN, Role.SENIOR_PHYSICIAN}),
    "draft_reader": frozenset(
        {
            Role.PHYSICIAN,
            Role.SENIOR_PHYSICIAN,
            Role.PATHOLOGIST,
            Role.PHARMACIST,
            Role.NURSE,
        }
    ),
    "reader": CLINICAL | {Role.PATIENT},
    "staff": frozenset(Role) - {Role.PATIENT},
    "overseer": frozenset({Role.AUDITOR, Role.SECURITY_OFFICER}),
    "delegator": frozenset({Role.PHYSICIAN, Role.SENIOR_PHYSICIAN, Role.PATHOLOGIST}),
    "quality": frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    "stopper": frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER}),
}
"""The groups of roles that the policies name."""

ASKED = {"type": "Record", "id": "asked"}


def principal_json(principal: Principal) -> str:
    """The principal as the one entity that asks."""
    return json.dumps([principal_entity(principal)])


def principal_entity(principal: Principal) -> dict[str, Any]:
    """The principal in Cedar's words."""
    if principal.kind == "system":
        return _entity("System", principal.id, {}, ())
    if principal.kind == "client":
        reads, writes = _scopes(principal.scopes)
        attributes: dict[str, object] = {
            "departments": principal.departments,
            "reads": reads,
            "writes": writes,
            "hooks": HOOKS in principal.scopes,
        }
        return _entity("Client", principal.id, attributes, ())
    attributes = {
        "id": principal.id,
        "purpose": str(principal.purpose),
        "departments": principal.departments,
        "patients": principal.patients,
        "care": principal.care,
        "stands_for": principal.stands_for,
        "licences": principal.licences,
    }
    if principal.app is not None:
        attributes["app"] = _app(principal.app)
    return _entity("Person", principal.id, attributes, sorted(held(principal.roles)))


def facts_json(principal: Principal, facts: Facts) -> str:
    """What is asked for, as the one entity of that name."""
    return json.dumps([record_entity(principal, facts, ASKED["id"])])


def record_entity(principal: Principal, facts: Facts, name: str) -> dict[str, Any]:
    """What is asked for, with what break-glass adds to it for this principal."""
    attributes: dict[str, object] = {
        "kind": facts.kind,
        "departments": facts.departments,
        "care_team": facts.care_team,
        "sensitivity": facts.sensitivity,
        "refused": frozenset(one for one in facts.refused if not one.startswith(DEPARTMENT)),
        "refused_departments": frozenset(
            one.removeprefix(DEPARTMENT) for one in facts.refused if one.startswith(DEPARTMENT)
        ),
        "pierced": frozenset[str](),
    }
    if facts.patient is not None:
        attributes["patient"] = facts.patient
    if (lent := lent_licences(principal, facts)) is not None:
        attributes["lent"] = lent
    if (opening := opening_of(principal, facts.patient)) is not None:
        left, pierced = opening
        attributes |= {"opened_left": left, "pierced": pierced}
    return _entity("Record", name, attributes, ())


def opening_of(principal: Principal, patient: str | None) -> tuple[int, frozenset[str]] | None:
    """Whole seconds that are left of the longest opening, and every label that is pierced.

    The openings are read once, the time passes: an answer is as old as ``principal.at``, two
    seconds at most, and the database holds the exact end below it.
    """
    if principal.at is None or patient is None:
        return None
    mine = [one for one in principal.opened if one.patient == patient and one.until > principal.at]
    if not mine:
        return None
    left = max((one.until - principal.at).total_seconds() for one in mine)
    return ceil(left), frozenset(label for one in mine for label in one.pierces)


def uid(principal: Principal) -> dict[str, str]:
    """The principal's name in a request."""
    return {"type": principal.kind.capitalize(), "id": principal.id}


@lru_cache(1024)
def held(roles: frozenset[Role]) -> frozenset[str]:
    """The roles and every group that one of them belongs to."""
    groups = (name for name, members in GROUPS.items() if members & roles)
    return frozenset({*map(str, roles), *groups})


def each_role() -> dict[str, frozenset[str]]:
    """Each role with itself and the groups that it is in."""
    return {str(role): held(frozenset({role})) for role in Role}


def _scopes(scopes: Iterable[str]) -> tuple[set[str], set[str]]:
    held = [one for one in readable(scopes) if one.level == "system"]
    reads = {one.kind for one in held if READING.intersection(one.ways)}
    writes = {one.kind for one in held if set(one.ways) - READING}
    return reads, writes


def _app(app: AppAccess) -> dict[str, object]:
    """The types that an app may read: of everybody whom the person sees, and of one patient."""
    kinds: dict[str, set[str]] = {"user": set(), "patient": set()}
    for one in readable(app.scopes):
        if one.level in kinds and READING.intersection(one.ways):
            kinds[one.level].add(one.kind)
    narrowed: dict[str, object] = {
        "kinds": sorted(kinds["user"]),
        "patient_kinds": sorted(kinds["patient"]),
    }
    if app.patient is not None:
        narrowed["patient"] = app.patient
    return narrowed


def _entity(
    kind: str, name: str, attributes: Mapping[str, object], roles: Iterable[str]
) -> dict[str, Any]:
    return {
        "uid": {"type": kind, "id": name},
        "attrs": {
            key: sorted(str(item) for item in value)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
            if isinstance(value, (set, frozenset))
            else value
            for key, value in attributes.items()
        },
        "parents": [{"type": "Role", "id": role} for role in roles],
    }
