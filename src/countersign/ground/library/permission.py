"""Who may see a document, as a permission, as facts for the policy, and as a reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from countersign.ground.db import WHOLE, Scope
from countersign.ground.identity import Action, Facts, Policy, Principal
from countersign.kit.words import Words

EVERYWHERE: Final = "*"
"""Stands for every department."""

AUDIENCES: Final[dict[str, Words]] = {
    "doctors": Words("Physicians", "医师"),
    "clinical": Words("Clinical staff", "临床人员"),
    "staff": Words("All staff", "全体员工"),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """``audience`` is one of AUDIENCES; ``departments`` are codes, or EVERYWHERE alone."""

    audience: str
    departments: frozenset[str]

    def __post_init__(self) -> None:
        if self.audience not in AUDIENCES:
            raise ValueError(f"nobody is called {self.audience!r}")
        if not self.departments or (EVERYWHERE in self.departments and len(self.departments) > 1):
            raise ValueError("a permission names departments, or every one")
        if any(not code or set(code) & set("/+") for code in self.departments):
            raise ValueError("no code of a department")

    @property
    def reach(self) -> str:
        """Names exactly who may see it: equal permissions have equal reaches."""
        return f"{self.audience}/{'+'.join(sorted(self.departments))}"

    @property
    def facts(self) -> Facts:
        """What the policy must know to decide about reading."""
        return Facts(f"document.{self.audience}", None, departments=self.departments)

    @staticmethod
    def of(reach: str) -> Permission:
        """The permission of a reach. Raises ValueError."""
        audience, _, departments = reach.partition("/")
        return Permission(audience, frozenset(departments.split("+")))


HOSPITAL: Final = Permission("clinical", frozenset({EVERYWHERE}))
"""What a document begins with: clinical staff of the whole hospital."""


def home_facts(home: str) -> Facts:
    """What the policy must know to decide about keeping a document of this home."""
    return Facts("document", None, departments=frozenset({home}))


def reader_scope(policy: Policy, principal: Principal, known: frozenset[str]) -> Scope:
    """The reaches among ``known`` within which this principal reads, for the database."""
    return Scope(
        reaches=frozenset(
            reach
            for reach in known
            if policy.decide(principal, Action.DOCUMENT_READ, Permission.of(reach).facts).allowed
        )
    )


def keeper_scope(policy: Policy, principal: Principal) -> Scope:
    """The shelves that this principal keeps; none for who is no curator."""
    if principal.kind == "system":
        allowed = policy.decide(principal, Action.LIBRARY_KEEP, Facts.house("library")).allowed
        return WHOLE if allowed else Scope()
    shelves = {EVERYWHERE, *principal.departments}
    return Scope(
        shelves=frozenset(
            home
            for home in shelves
            if policy.decide(principal, Action.DOCUMENT_CURATE, home_facts(home)).allowed
        )
    )
