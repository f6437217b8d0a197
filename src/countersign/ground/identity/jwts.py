"""What is read alike of every signed JWT: its parts, its times, how long it holds."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from countersign.kit.errors import CountersignError
from countersign.kit.json import decode

LONGEST = 16 * 1024
LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=5)
"""How far the clocks of two machines of one house may differ."""

Part = Mapping[str, Any]


def peek(token: str) -> tuple[Part, Part] | None:
    """Header and claims before anything is verified, to learn whose keys to ask.

    None for what is no signed JWT.
    """
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3:
        return None
    header, claims = _part(parts[0]), _part(parts[1])
    return None if header is None or claims is None else (header, claims)


def moment(said: object) -> datetime | None:
    """A number of seconds as JWTs write times, or None for what is none."""
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    try:
        return datetime.fromtimestamp(said, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def ends(claims: Part, now: datetime) -> datetime | None:
    """When the token ends; None unless that lies ahead, by ``LIFE`` at most."""
    expires = moment(claims.get("exp"))
    if expires is None or not now - LEEWAY < expires <= now + LIFE + LEEWAY:
        return None
    return expires


def _part(text: str) -> Part | None:
    try:
        said = decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, CountersignError):
        return None
    return cast("dict[str, Any]", said) if isinstance(said, dict) else None
