"""The Human Phenotype Ontology as far as ranking needs it: terms, parents, former identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .errors import PhenotypesUnreadable

ROOT = "HP:0000118"
"""Phenotypic abnormality: what may be a finding stands under it."""


@dataclass(slots=True)
class _Stanza:
    id: str = ""
    name: str = ""
    parents: list[str] = field(default_factory=list[str])
    former: list[str] = field(default_factory=list[str])
    synonyms: list[str] = field(default_factory=list[str])
    replaced_by: str = ""
    obsolete: bool = False


@dataclass(frozen=True, slots=True)
class Ontology:
    """``ids`` in order; ``parents`` by position; ``former`` leads an old identifier to its own.

    ``synonyms`` are the English ones, by position. ``release`` is the ontology's own name of it.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    parents: tuple[tuple[int, ...], ...]
    former: Mapping[str, str]
    release: str

    def positions(self) -> dict[str, int]:
        """Where each current identifier stands."""
        return {one: at for at, one in enumerate(self.ids)}


def read_ontology(lines: Iterable[str]) -> Ontology:
    """Reads an OBO 1.2 file; PhenotypesUnreadable where it holds no term or a cycle of none."""
    release, stanzas = "", list[_Stanza]()
    current: _Stanza | None = None
    for raw in lines:
        line = raw.rstrip("\n")
        if line.startswith("["):
            current = _Stanza() if line == "[Term]" else None
            if current is not None:
                stanzas.append(current)
        elif current is not None:
            _take(current, line)
        elif line.startswith("data-version:"):
            release = line.rpartition("/")[2].strip()
    kept = {one.id: one for one in stanzas if one.id and one.name and not one.obsolete}
    if not kept:
        raise PhenotypesUnreadable(problem="hp.obo")
    return _ontology(kept, stanzas, release)


def _take(stanza: _Stanza, line: str) -> None:
    key, _, value = line.partition(": ")
    if key == "id":
        stanza.id = value
    elif key == "name":
        stanza.name = value
    elif key == "is_a":
        stanza.parents.append(value.partition(" ")[0])
    elif key == "alt_id":
        stanza.former.append(value)
    elif key == "replaced_by":
        stanza.replaced_by = value
    elif key == "is_obsolete":
        stanza.obsolete = value == "true"
    elif key == "synonym" and value.startswith('"'):
        stanza.synonyms.append(value[1:].partition('"')[0])


def _ontology(kept: Mapping[str, _Stanza], stanzas: list[_Stanza], release: str) -> Ontology:
    ids = tuple(sorted(kept))
    place = {one: at for at, one in enumerate(ids)}
    former = {old: one.id for one in kept.values() for old in one.former if old not in kept}
    for one in stanzas:
        if one.obsolete and one.replaced_by in kept:
            former.setdefault(one.id, one.replaced_by)
    return Ontology(
        ids=ids,
        names=tuple(kept[one].name for one in ids),
        synonyms=tuple(tuple(kept[one].synonyms) for one in ids),
        parents=tuple(tuple(place[p] for p in kept[one].parents if p in place) for one in ids),
        former=former,
        release=release,
    )


def closures(parents: tuple[tuple[int, ...], ...]) -> list[frozenset[int]]:
    """Each term's ancestors and itself, by position; a cycle ends where it began."""
    found: list[frozenset[int] | None] = [None] * len(parents)
    for start in range(len(parents)):
        stack = [start]
        while stack:
            at = stack[-1]
            open_ones = [p for p in parents[at] if found[p] is None and p not in stack]
            if found[at] is None and open_ones:
                stack.extend(open_ones)
                continue
            stack.pop()
            if found[at] is None:
                above = [found[p] or frozenset() for p in parents[at]]
                found[at] = frozenset({at}).union(*above)
    return [one or frozenset() for one in found]
