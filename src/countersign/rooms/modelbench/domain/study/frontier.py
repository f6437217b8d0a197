"""Which configurations no other one beats in everything."""

from __future__ import annotations

from collections.abc import Mapping


def frontier(points: Mapping[str, tuple[float | None, ...]]) -> frozenset[str]:
    """Keys of the points that none dominates; each value is better when larger, None unknown.

    A point dominates another when it is nowhere worse and somewhere better. What is unknown of
    either is not compared, and a point with nothing known is on no frontier.
    """
    known = {key: one for key, one in points.items() if any(value is not None for value in one)}
    return frozenset(
        key
        for key, one in known.items()
        if not any(_dominates(other, one) for name, other in known.items() if name != key)
    )


def _dominates(one: tuple[float | None, ...], other: tuple[float | None, ...]) -> bool:
    better = False
    for ours, theirs in zip(one, other, strict=True):
        if theirs is None:
            continue
        if ours is None or ours < theirs:
            return False
        better = better or ours > theirs
    return better
