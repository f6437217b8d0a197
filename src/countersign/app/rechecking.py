"""Ties what a room checks at the moment of a signature to the gate."""

from __future__ import annotations

from countersign.ground.shell import Floor

from .rooms import ROOMS


def rechecked(floor: Floor) -> Floor:
    """The same floor, whose gate asks the rooms as their manifests say."""
    for room in ROOMS:
        for kind, build in room.rechecks.items():
            floor.signoff.rechecks.add(f"{room.name}.{kind}", build(floor))
    return floor
