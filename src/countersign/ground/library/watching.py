"""Folders that are watched: the one that IT named, and those that curators choose below a root.

A curator chooses among the folders named like the departments that she keeps, and ``shared``: what
lies in another department's folder is neither listed nor taken in for her.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from countersign.ground.db import WHOLE
from countersign.ground.identity import Action, Policy, Principal
from countersign.ground.ledger import Event, EventKind, Ledger
from countersign.kit.clock import Clock
from countersign.kit.ids import NewId

from .folders import Outside, folders_below, opened_folder
from .keeping import LIBRARIAN, Keeping
from .permission import EVERYWHERE, HOSPITAL, home_facts, keeper_scope
from .refusals import FolderNamed, FolderOutside, FolderWatched, NoRoot, UnknownWatch
from .rows import Rows
from .taking import Taking, card_of
from .watches import Terms, Watch, Watches

SHARED: Final = "shared"
"""The folder directly below the root that curators of every department may choose from."""

CHOICES = 500
"""Folders offered."""


class Watching:
    """``root`` is what IT allowed curators to choose from and ``named`` what it had watched itself;
    None where nothing was. ``limit`` bounds a file in bytes."""

    def __init__(
        self,
        rows: Rows,
        ledger: Ledger,
        policy: Policy,
        keeping: Keeping,
        clock: Clock,
        new_id: NewId,
        limit: int,
        root: Path | None,
        named: Path | None,
    ) -> None:
        self._rows = rows
        self._ledger = ledger
        self._policy = policy
        self._keeping = keeping
        self._new_id = new_id
        self._watches = Watches(rows)
        self._taking = Taking(rows, self._watches, keeping, clock, limit)
        self.root = root
        self.named = named

    def choices(self, principal: Principal) -> list[str]:
        """The folders that this curator may choose, by name."""
        if self.root is None:
            return []
        found: list[str] = []
        for first in self._firsts(principal):
            found += folders_below(self.root, first, CHOICES - len(found))
        return found

    def choose(self, principal: Principal, terms: Terms) -> str:
        """Has a folder watched from now on; returns the watch's id.

        Raises Forbidden, NoRoot, FolderOutside, FolderWatched, BadDocument.
        """
        self._policy.require(principal, Action.DOCUMENT_CURATE, home_facts(terms.home))
        card_of(terms, "-").checked()
        if self.root is None:
            raise NoRoot
        if terms.folder.split("/")[0] not in self._firsts(principal):
            raise FolderOutside
        try:
            with opened_folder(self.root, terms.folder):
                pass
        except (Outside, OSError):
            raise FolderOutside from None
        scope = self._keeping.scope(principal)
        for one in self._watches.live(scope):
            if one.terms.home == terms.home and _overlap(one.terms.folder, terms.folder):
                raise FolderWatched(folder=one.terms.folder)
        watch = self._new_id()
        with self._ledger.unit(self._rows.within(scope)) as unit:
            self._watches.begin(unit.connection, watch, principal.actor, terms)
            unit.record(_event(EventKind.FOLDER_WATCHED, principal, watch, terms))
        return watch

    def stop(self, principal: Principal, watch: str) -> None:
        """Ends a watch; what came from the folder stays. Raises UnknownWatch, FolderNamed."""
        scope = self._keeping.scope(principal)
        found = next((one for one in self._watches.live(scope) if one.id == watch), None)
        if found is None:
            raise UnknownWatch
        self._policy.require(principal, Action.DOCUMENT_CURATE, home_facts(found.terms.home))
        if found.named:
            raise FolderNamed
        with self._ledger.unit(self._rows.within(scope)) as unit:
            if not self._watches.end(unit.connection, watch, principal.actor):
                raise UnknownWatch
            unit.record(_event(EventKind.FOLDER_UNWATCHED, principal, watch, found.terms))

    def all(self, principal: Principal) -> list[Watch]:
        """What is watched for the shelves that this principal keeps, with its state."""
        return self._watches.live(self._keeping.scope(principal), whole=True)

    def look(self) -> int:
        """Looks at every watched folder; returns how many files were taken in.

        What was refused and how each look ended is kept for the curators.
        """
        live = self._watches.live(WHOLE)
        if self._settle([one for one in live if one.named]):
            live = self._watches.live(WHOLE)
        taken = 0
        for one in live:
            if one.named and self.named:
                taken += self._taking.look(one, self.named, None)
            elif not one.named and self.root:
                taken += self._taking.look(one, self.root, one.terms.folder)
        return taken

    def _settle(self, held: list[Watch]) -> bool:
        """Makes what is watched for IT what its setting names; False where it was so already."""
        folder = str(self.named).encode("utf-8", "replace").decode() if self.named else None
        if [one.terms.folder for one in held] == ([folder] if folder else []):
            return False
        # Named by their number: of two workers that begin at once, one begins the watch.
        fresh = f"setting.{self._watches.by(LIBRARIAN.actor) + 1}"
        scope = replace(WHOLE, shelves=frozenset({EVERYWHERE}))
        with self._ledger.unit(self._rows.within(scope)) as unit:
            for one in held:
                if self._watches.end(unit.connection, one.id, LIBRARIAN.actor):
                    unit.record(_event(EventKind.FOLDER_UNWATCHED, LIBRARIAN, one.id, one.terms))
            if folder:
                terms = Terms(folder, EVERYWHERE, HOSPITAL, LIBRARIAN.id)
                if self._watches.begin(unit.connection, fresh, LIBRARIAN.actor, terms):
                    unit.record(_event(EventKind.FOLDER_WATCHED, LIBRARIAN, fresh, terms))
                self._watches.inherit(unit.connection, fresh, LIBRARIAN.actor)
        return True

    def _firsts(self, principal: Principal) -> list[str]:
        """The folders directly below the root from which this curator may choose."""
        shelves = keeper_scope(self._policy, principal).shelves
        return sorted({SHARED, *(shelves - {EVERYWHERE})}) if shelves else []


def _overlap(one: str, other: str) -> bool:
    """Whether one is the other or lies below it."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _event(kind: EventKind, principal: Principal, watch: str, terms: Terms) -> Event:
    reach = terms.permission.reach[:250]
    return Event(
        kind, principal.actor, subject=f"watch:{watch}", detail={"home": terms.home, "reach": reach}
    )
