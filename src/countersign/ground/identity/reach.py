"""How far a principal may see at most, in the words that the database holds them to."""

from __future__ import annotations

from countersign.ground.db import WHOLE, Scope

from .principal import Principal


def scope_of(principal: Principal) -> Scope:
    """The scope for every connection that reads for this principal.

    It is never narrower than what the policy may allow: departments, care team, own records
    and patients in care. Charts opened by break-glass are found by the database itself, which
    keeps their time. The parts of this installation see the whole house.
    """
    if principal.kind == "system":
        return WHOLE
    return Scope(
        person=principal.id if principal.kind == "person" else "",
        stands_for=principal.stands_for,
        departments=principal.departments,
        patients=principal.patients | principal.care,
    )
