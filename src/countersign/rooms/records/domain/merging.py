"""Puts together what two people wrote over the same version; nothing of either is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Merged:
    """``parts`` is what goes on; ``clashes`` are parts that both changed differently, as (theirs,
    mine), for a person to choose: meanwhile ``parts`` has theirs.
    """

    parts: Mapping[str, str]
    clashes: Mapping[str, tuple[str, str]]


def merged(base: Mapping[str, str], theirs: Mapping[str, str], mine: Mapping[str, str]) -> Merged:
    """Part by part: who changed it alone prevails, the same change counts once."""
    parts: dict[str, str] = {}
    clashes: dict[str, tuple[str, str]] = {}
    for name in dict.fromkeys((*base, *theirs, *mine)):
        was, one, other = (side.get(name, "") for side in (base, theirs, mine))
        if other in (was, one):
            parts[name] = one
        elif one == was:
            parts[name] = other
        else:
            parts[name] = one
            clashes[name] = (one, other)
    return Merged(parts, clashes)


def chosen(was: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> tuple[str, ...]:
    """What was ticked by two people over the same version: each one's ticks and unticks count."""
    added = [one for one in mine if one not in was]
    kept = [one for one in theirs if one in mine or one not in was]
    return tuple(dict.fromkeys((*kept, *added)))
