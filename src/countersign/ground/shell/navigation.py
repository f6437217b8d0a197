"""The rooms' entries in the menu, and which of them a person may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from countersign.ground.identity import Action, Facts, Policy, Principal, Role
from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the menu.

    A person sees it who may do any of ``actions``; ``home`` names the roles that begin
    their day there; ``key`` is the letter that leads there after ``g``.
    """

    path: str
    label: Words
    actions: tuple[Action, ...]
    home: frozenset[Role] = frozenset()
    key: str | None = None


class Navigation:
    """Every room's entries, filtered by the policy for each person."""

    def __init__(self, items: Iterable[NavItem], policy: Policy) -> None:
        self._items = tuple(items)
        self._policy = policy
        self._seen = lru_cache(maxsize=1024)(self._allowed)

    def items(self, principal: Principal | None) -> tuple[NavItem, ...]:
        """The entries that this person may open, in the order of the manifests."""
        return self._seen(principal) if principal else ()

    def current(self, principal: Principal | None, path: str) -> NavItem | None:
        """The entry under which a page stands: the one with the longest fitting path."""
        fitting = [
            item
            for item in self.items(principal)
            if path == item.path or path.startswith(item.path + "/")
        ]
        return max(fitting, key=lambda item: len(item.path), default=None)

    def home(self, principal: Principal) -> str:
        """Where this person's day begins."""
        items = self.items(principal)
        own = [item.path for item in items if item.home & principal.roles]
        return next(iter([*own, *(item.path for item in items)]), "/me")

    def _allowed(self, principal: Principal) -> tuple[NavItem, ...]:
        return tuple(item for item in self._items if self._may(principal, item))

    def _may(self, principal: Principal, item: NavItem) -> bool:
        return any(
            self._policy.decide(principal, action, Facts.house()).allowed for action in item.actions
        )
