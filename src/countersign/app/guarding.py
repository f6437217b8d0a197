"""Lets a process of the product reach its database and what egress announces, nothing else."""

from __future__ import annotations

from countersign.ground.db import places_of
from countersign.ground.egress import GUARD

from .settings import Settings


def guard(settings: Settings) -> None:
    """Arms this process for the rest of its life; every entry of the product calls it first."""
    names, endpoints, folders = places_of(settings.database or "")
    GUARD.arm([*names, settings.host], endpoints, [*folders, str(settings.postgres)])
