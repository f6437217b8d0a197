"""Cuts a text into letters that are marked and letters that are not, for reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Some letters that are marked or not; an address leads to the one that is ``here``."""

    text: str
    marked: bool = False
    here: bool = False


def marked(
    text: str, marks: Iterable[tuple[int, int]], base: int = 0, here: int = -1
) -> tuple[Run, ...]:
    """A text whose first character is at ``base``, cut where marks begin and end; the mark
    that begins at ``here`` is the one to which an address leads.
    """
    runs: list[Run] = []
    at = base
    end = base + len(text)
    for first, last in sorted(marks):
        start, stop = max(first, at), min(last, end)
        if start >= stop:
            continue
        if start > at:
            runs.append(Run(text[at - base : start - base]))
        runs.append(Run(text[start - base : stop - base], True, start == here))
        at = stop
    if at < end:
        runs.append(Run(text[at - base :]))
    return tuple(runs) or (Run(text),)
