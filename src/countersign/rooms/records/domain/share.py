"""How much of a signed text was drafted and left as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def common(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of the longest common subsequence (Hyyrö 2004, bit-parallel): O(n·m/word)."""
    places: dict[str, int] = {}
    for number, sign in enumerate(first):
        places[sign] = places.get(sign, 0) | 1 << number
    every = (1 << len(first)) - 1
    row = every
    for sign in second:
        hit = row & places.get(sign, 0)
        row = ((row + hit) | (row - hit)) & every
    return len(first) - row.bit_count()


def bare(text: str) -> str:
    """Without white space, which nobody counts as writing."""
    return "".join(text.split())


def kept(drafted: Mapping[str, str], signed: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """For each signed section: characters signed, and of these drafted and left in their order."""
    found: dict[str, tuple[int, int]] = {}
    for name, text in signed.items():
        said, was = bare(text), bare(drafted.get(name, ""))
        if said:
            found[name] = (len(said), common(was, said) if was else 0)
    return found


def total(sections: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Characters signed and kept over all sections."""
    return sum(one for one, _ in sections.values()), sum(two for _, two in sections.values())
