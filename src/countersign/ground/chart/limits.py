"""How much one piece of incoming data may be, checked before memory is spent on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import IO

from .errors import TooLarge

MIB = 1024 * 1024
_CHUNK = 1 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """``bytes`` of a bundle; JSON ``values`` of a bundle and of one resource; nesting
    ``depth``; ``entries`` of a bundle; ``text``: characters of one string (FHIR R4 allows
    1,048,576; base64 data are bounded by the bundle alone). ``zone`` is the hospital's: a
    date stands for a day of its calendar (FHIR R4 search, 3.1.1.4.7).
    """

    bytes: int = 64 * MIB
    values: int = 3_000_000
    resource_values: int = 60_000
    depth: int = 64
    entries: int = 50_000
    text: int = 1_048_576
    zone: tzinfo = UTC


def check(raw: bytes, limits: Limits) -> None:
    """Raises TooLarge for what would take too much memory once parsed."""
    if len(raw) > limits.bytes:
        raise TooLarge(limit=limits.bytes // MIB, unit="MiB")
    if values(raw) > limits.values:
        raise TooLarge(limit=limits.values, unit="JSON values")


def values(raw: bytes) -> int:
    """At least as many as there are JSON values, counted without parsing."""
    return raw.count(b"{") + raw.count(b"[") + raw.count(b",")


def read(stream: IO[bytes], limits: Limits) -> bytes:
    """The whole stream, or TooLarge as soon as it has proved too long."""
    parts: list[bytes] = []
    left = limits.bytes + 1
    while left > 0:
        part = stream.read(min(_CHUNK, left))
        if not part:
            return b"".join(parts)
        parts.append(part)
        left -= len(part)
    raise TooLarge(limit=limits.bytes // MIB, unit="MiB")
