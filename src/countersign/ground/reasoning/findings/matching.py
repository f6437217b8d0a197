"""Finds the phrases of a vocabulary in a text, with the small words that people put between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .shelf import rows
from .units import Unit, keys_of

Keys = tuple[str, ...]
_LONGEST_GAP = 3


@dataclass(frozen=True, slots=True)
class Match:
    """Units ``first`` to ``last`` (exclusive) say ``term``; ``denied`` within the phrase itself."""

    first: int
    last: int
    term: str
    denied: bool = False


class Phrases:
    """A set of phrases, each with a term; an empty term marks what only looks like a finding."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._whole = _Table()
        self._heads = _Table()
        self._tails: dict[str, _Table] = {}
        for phrase, term in phrases:
            head, gap, tail = phrase.partition("~")
            if not gap or not tail.strip():
                self._whole.add(keys_of(head), term)
                continue
            first = keys_of(head)
            self._heads.add(first, _SEAM.join(first))
            self._tails.setdefault(_SEAM.join(first), _Table()).add(keys_of(tail), term)

    def find(self, units: Sequence[Unit]) -> list[Match]:
        """The longest at each place, from the left, none over another."""
        keys = [unit.key for unit in units]
        found: list[Match] = []
        at = 0
        while at < len(keys):
            match = self._at(keys, at)
            if match is None:
                at += 1
            else:
                found.append(match)
                at = match.last
        return [match for match in found if match.term]

    def _at(self, keys: Sequence[str], at: int) -> Match | None:
        best: Match | None = None
        whole = self._whole.longest(keys, at)
        if whole is not None:
            best = Match(at, whole[0], whole[1])
        for end, name in self._heads.every(keys, at):
            for start, denied in _after_gap(keys, end):
                tail = self._tails[name].longest(keys, start)
                if tail is not None and (best is None or tail[0] > best.last):
                    best = Match(at, tail[0], tail[1], denied)
        return best


_SEAM = "\x00"


class _Table:
    """Phrases by their keys; per first key the lengths that occur, so that few are tried."""

    def __init__(self) -> None:
        self._terms: dict[Keys, str] = {}
        self._lengths: dict[str, list[int]] = {}

    def add(self, keys: Keys, term: str) -> None:
        if not keys:
            return
        self._terms[keys] = term
        lengths = self._lengths.setdefault(keys[0], [])
        if len(keys) not in lengths:
            lengths.append(len(keys))
            lengths.sort(reverse=True)

    def longest(self, keys: Sequence[str], at: int) -> tuple[int, str] | None:
        return next(iter(self.every(keys, at)), None)

    def every(self, keys: Sequence[str], at: int) -> list[tuple[int, str]]:
        if at >= len(keys):
            return []
        found: list[tuple[int, str]] = []
        for length in self._lengths.get(keys[at], ()):
            piece = tuple(keys[at : at + length])
            if len(piece) == length and piece in self._terms:
                found.append((at + length, self._terms[piece]))
        return found


def _table(phrases: Iterable[tuple[str, str]]) -> _Table:
    table = _Table()
    for phrase, kind in phrases:
        table.add(keys_of(phrase), kind)
    return table


_GAPS = _table((phrase, kind) for phrase, kind in rows("gaps"))


def _after_gap(keys: Sequence[str], at: int) -> list[tuple[int, bool]]:
    """Where the second part may begin, and whether something between the two denies it."""
    found = [(at, False)]
    reached = [(at, False)]
    for _ in range(_LONGEST_GAP):
        reached = [
            (end, denied or kind == "denied")
            for start, denied in reached
            for end, kind in _GAPS.every(keys, start)
        ]
        found += reached
    return found
