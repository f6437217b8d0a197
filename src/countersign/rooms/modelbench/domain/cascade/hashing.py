"""Character n-grams as numbers of buckets, for many texts at once and with numpy alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

GRAMS = (1, 2, 3)
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)
_EDGE = "\u0002"
PARTING = "\t"
"""What stands between the two texts of a pair."""


@dataclass(frozen=True, slots=True)
class Bags:
    """The n-grams of many texts, one after the other.

    ``buckets`` int64 (m,); text i has those from ``starts[i]`` to ``starts[i + 1]``, never none;
    ``starts`` int64 (n + 1,).
    """

    buckets: Ints
    starts: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, rows: Ints) -> Bags:
        """The bags of some of the texts, in this order."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate(([0], np.cumsum(lengths)))
        first: Ints = np.asarray(self.starts[rows] - starts[:-1], np.int64)
        repeated: Any = np.repeat(first, lengths)
        at: Ints = np.asarray(repeated + np.arange(starts[-1]), np.int64)
        return Bags(self.buckets[at], starts)

    def without(self, drawn: Callable[[int], NDArray[np.float64]], share: float) -> Bags:
        """Less this share of the n-grams, by chance; the first of each text always stays."""
        if not share:
            return self
        stays = drawn(len(self.buckets)) >= share
        stays[self.starts[:-1]] = True
        kept = np.concatenate(([0], np.cumsum(stays)))
        return Bags(self.buckets[stays], kept[self.starts])


def bags(texts: Sequence[str], buckets: int) -> Bags:
    """The n-grams of 1–3 characters of each text, case folded, with marks at both ends.

    Of a pair (two texts with a tab between) an n-gram counts by where it stands: in the first
    only, in the second only, in both; and each share of what they have in common is a mark too.
    ``buckets`` is a power of two.
    """
    parted = [text.casefold().partition(PARTING) for text in texts]
    if not any(second for _, _, second in parted):
        grams, owners = _grams([first for first, _, _ in parted])
        return _gathered(grams, owners, len(texts), buckets)
    return _pairs(parted, buckets)


def _grams(texts: Sequence[str]) -> tuple[NDArray[np.uint64], Ints]:
    """A 64-bit hash of every n-gram, and the number of its text."""
    joined = "".join(f"{_EDGE}{text}{_EDGE}" for text in texts)
    signs = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    lengths = np.fromiter((len(text) + 2 for text in texts), np.int64, len(texts))
    owners = np.repeat(np.arange(len(texts)), lengths)
    codes = signs.astype(np.uint64) * np.uint64(_MIX[0])
    found, whose = [_mixed(codes)], [owners]
    rolled = codes
    for size in GRAMS[1:]:
        rolled = rolled[:-1] * np.uint64(_MIX[1]) + codes[size - 1 :]
        inside = owners[: len(rolled)] == owners[size - 1 :]
        found.append(_mixed(rolled[inside] + np.uint64(_MIX[2] * size & (2**64 - 1))))
        whose.append(owners[: len(rolled)][inside])
    return np.concatenate(found), np.concatenate(whose)


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = hashes ^ (hashes >> np.uint64(29))
    mixed = mixed * np.uint64(_MIX[3])
    return mixed ^ (mixed >> np.uint64(32))


def _gathered(hashes: NDArray[np.uint64], owners: Ints, count: int, buckets: int) -> Bags:
    order = np.argsort(owners, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=count))))
    return Bags((hashes[order] & np.uint64(buckets - 1)).astype(np.int64), starts)


def _pairs(parted: Sequence[tuple[str, str, str]], buckets: int) -> Bags:
    """Each item's number and 40 bits of an n-gram's hash make one key, so that sets are sorted
    numbers; two n-grams of one item fall together once in a thousand million pairs."""
    first = _distinct(*_grams([one for one, _, _ in parted]))
    second = _distinct(*_grams([two for _, _, two in parted]))
    every = np.concatenate((first, second))
    order = np.argsort(every, kind="stable")
    ranked = every[order]
    twice = np.zeros(len(ranked), np.bool_)
    twice[1:] = ranked[1:] == ranked[:-1]
    paired = twice.copy()
    paired[:-1] |= twice[1:]
    kinds = np.where(paired, 1, np.where(order < len(first), 2, 3))[~twice]
    keys = ranked[~twice]
    count = len(parted)
    shared = _owner(ranked[twice])
    marks, whose = _overlaps(_owner(first), _owner(second), shared, count)
    named = _mixed((keys & _GRAM) + np.array(_MIX, np.uint64)[kinds])
    owners = np.concatenate((_owner(keys), whose))
    return _gathered(np.concatenate((named, marks)), owners, count, buckets)


_GRAM = np.uint64((1 << 40) - 1)


def _distinct(grams: NDArray[np.uint64], owners: Ints) -> NDArray[np.uint64]:
    return np.unique((owners.astype(np.uint64) << np.uint64(40)) | (grams & _GRAM))


def _owner(keys: NDArray[np.uint64]) -> Ints:
    return (keys >> np.uint64(40)).astype(np.int64)


def _overlaps(first: Ints, second: Ints, shared: Ints, count: int) -> tuple[Any, Ints]:
    """Tenths of what each has in common with the other, as marks that count eight times."""
    found: list[NDArray[np.uint64]] = []
    together = np.bincount(shared, minlength=count)
    for number, side in enumerate((first, second)):
        of = np.maximum(np.bincount(side, minlength=count), 1)
        tenths = (together * 10 // of).astype(np.uint64)[:, None]
        marks = np.arange(8, dtype=np.uint64) * np.uint64(100_000)
        found.append(_mixed((tenths + marks + np.uint64(1000 * (number + 1))).ravel()))
    return np.concatenate(found), np.tile(np.repeat(np.arange(count), 8), 2)
