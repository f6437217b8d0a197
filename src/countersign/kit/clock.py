"""The clock that is passed in, so that time can be set in a test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, always with a time zone."""


def utc_now() -> datetime:
    """The machine's present moment in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A FHIR ``instant`` in UTC with milliseconds, such as ``2026-11-22T08:00:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
