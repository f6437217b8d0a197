"""Tells the forms of recordings that browsers make by how they begin."""

from __future__ import annotations

from typing import Final

_BEGINNINGS: Final = (
    (0, b"\x1aE\xdf\xa3", "audio/webm"),  # EBML, RFC 8794
    (0, b"OggS", "audio/ogg"),  # RFC 3533
    (4, b"ftyp", "audio/mp4"),  # ISO/IEC 14496-12
    (8, b"WAVE", "audio/wav"),
)


def media_of(content: bytes) -> str | None:
    """The type of a recording; None of what no browser records."""
    for place, sign, media in _BEGINNINGS:
        if content[place : place + len(sign)] == sign:
            return media
    return None
