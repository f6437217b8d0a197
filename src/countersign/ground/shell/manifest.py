"""What a room says of itself; the app wires the house from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter

from countersign.ground.identity import LicenceKind
from countersign.kit.words import Words

from .floor import Floor
from .hooks import Hook
from .navigation import NavItem

if TYPE_CHECKING:
    from countersign.ground.jobs import Handler, Periodic
    from countersign.ground.models import ModelCard, Opens
    from countersign.ground.signoff import Recheck, RiskClass


def _no_rechecks() -> dict[str, Callable[[Floor], Recheck]]:
    return {}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A room's title, duties and edges.

    ``risk`` is the highest risk class of its drafts and ``signers`` are the licences that
    may sign them; a room that proposes nothing leaves both empty. ``pages`` and ``jobs``
    build its edges from the floor; ``guests`` are pages for those who hold a link and have no
    account (see ``visiting.py``); ``periodic`` are its tasks of every so many seconds.
    ``listens`` maps a FHIR resource type to the tasks that
    are deferred when one is received. ``hooks`` are the moments of a physician's work in another
    system that it answers (see ``hooks.py``). ``rechecks`` are asked once more when a draft of
    their kind is signed. ``cards`` are its models' cards, each with the
    SHA-256 (hex) of what computes. ``opens`` opens a small model that this room distilled, one room
    of the house having it. ``templates`` and ``locale`` are folders of its package.
    """

    name: str
    title: Words
    summary: Words
    risk: RiskClass | None = None
    signers: frozenset[LicenceKind] = frozenset()
    pages: Callable[[Floor], APIRouter] | None = None
    guests: Callable[[Floor], APIRouter] | None = None
    nav: tuple[NavItem, ...] = ()
    jobs: Callable[[Floor], Mapping[str, Handler]] | None = None
    periodic: tuple[Periodic, ...] = ()
    listens: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    hooks: tuple[Hook, ...] = ()
    rechecks: Mapping[str, Callable[[Floor], Recheck]] = field(default_factory=_no_rechecks)
    cards: tuple[tuple[ModelCard, str], ...] = ()
    opens: Opens | None = None
    templates: Path | None = None
    locale: Path | None = None

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name in ("shell", "components"):
            raise ValueError(f"a room cannot be called {self.name!r}")
        if (self.risk is None) != (not self.signers):
            raise ValueError(f"{self.name}: drafts need both a risk class and signers")
        if self.hooks and self.risk is None:
            raise ValueError(f"{self.name}: only a room with drafts can answer a hook")
