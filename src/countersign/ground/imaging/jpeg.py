"""JPEG tiles as slides store them: joined with their tables, told their colours, decoded scaled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]

from .errors import SlideDamaged
from .slide import Pixels

SCALES = (8, 4, 2, 1)
"""By what the discrete cosine transform can shrink while it decodes."""

SCANS = 100
"""Scans of one picture; encoders make some ten. Each may be of few bytes and take as long to decode
as the whole picture."""

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_JFIF, _ADOBE = 0xE0, 0xEE
_FRAMES = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive, by Huffman: what every browser and libjpeg-turbo decode."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a stream says before its first scan. ``jfif`` is where that segment lies."""

    width: int
    height: int
    components: int
    names: bytes
    adobe: bool
    jfif: tuple[int, int] | None
    shown: bool
    """Whether a browser can show it: 8 bits, 1 or 3 components, a usual process."""
    head: int
    """Bytes up to the first scan's marker and with it: all that was read."""


def frame_of(stream: bytes) -> Frame:
    """Reads the markers up to the first scan (ITU-T T.81, annex B). Raises SlideDamaged."""
    at, adobe, jfif = 2, False, None
    if stream[:2] != b"\xff\xd8":
        raise SlideDamaged(reason="no-jpeg")
    found: tuple[int, int, int, bytes, bool] | None = None
    while at + 4 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in (_START, _END) or marker == _SCAN:
            break
        length = int.from_bytes(stream[at + 2 : at + 4], "big")
        body = stream[at + 4 : at + 2 + length]
        if marker == _ADOBE and body[:5] == b"Adobe":
            adobe = True
        elif marker == _JFIF and body[:4] == b"JFIF":
            jfif = (at, at + 2 + length)
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(body) >= 6:
            count = body[5]
            usual = marker in _FRAMES and body[0] == 8 and count in (1, 3)
            size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
            found = (*size, count, body[6 : 6 + 3 * count : 3], usual)
        at += 2 + max(length, 2)
    if found is None or not found[0] or not found[1]:
        raise SlideDamaged(reason="no-frame")
    return Frame(*found[:4], adobe=adobe, jfif=jfif, shown=found[4], head=at + 2)


def few_scans(stream: bytes, head: int = 0) -> None:
    """Raises SlideDamaged for a stream that would be decoded for hours. ``head`` is where its first
    scan may begin; within a scan no other marker has these two bytes (ITU-T T.81, B.1.1.5)."""
    if stream.count(b"\xff\xda", max(head - 2, 0)) > SCANS:
        raise SlideDamaged(reason="scans")


def joined(tables: bytes, stream: bytes, rgb: bool) -> bytes:
    """The stream with its tables in it and its colours said, as a browser and libjpeg need it.

    Without a marker three components are taken for YCbCr; slides of Aperio store RGB and say so
    in the TIFF alone (Adobe's segment, transform 0, says it in the stream). A JFIF segment would
    go before Adobe's, so that it is left out then. Raises SlideDamaged.
    """
    if tables[:2] != b"\xff\xd8" and tables:
        raise SlideDamaged(reason="bad-tables")
    frame = frame_of(stream)
    told = b""
    if frame.components == 3 and not frame.adobe:
        if rgb:
            told = _adobe(0)
        elif frame.jfif is None and frame.names != b"\1\2\3":
            told = _adobe(1)
    body = stream[2:]
    if told and frame.jfif is not None:
        start, end = frame.jfif
        body = stream[2:start] + stream[end:]
    end = len(tables) - 2 if tables[-2:] == b"\xff\xd9" else len(tables)
    return b"\xff\xd8" + tables[2:end] + told + body


class Streams:
    """The streams of one level, of which nearly all begin alike: what a beginning says of colours
    and size is found once, and again only where another comes. For many threads at once."""

    def __init__(self, tables: bytes, rgb: bool) -> None:
        self._tables, self._rgb = tables, rgb
        self._known: tuple[bytes, bytes, tuple[int, int]] | None = None

    def joined(self, stream: bytes) -> bytes:
        """As ``joined``. Raises SlideDamaged."""
        known = self._known
        if known is not None and stream.startswith(known[0]):
            return stream if known[0] == known[1] else known[1] + stream[len(known[0]) :]
        return joined(self._tables, stream, self._rgb)

    def decoded(self, stream: bytes, width: int, height: int, scale: int) -> Pixels:
        """As ``decoded`` of ``joined``. Raises SlideDamaged."""
        known = self._known
        if known is not None and known[2] == (width, height) and stream.startswith(known[0]):
            if known[0] != known[1]:
                stream = known[1] + stream[len(known[0]) :]
            return _shrunk(stream, width, height, scale)
        whole = self.joined(stream)
        pixels = decoded(whole, width, height, scale)
        head = frame_of(stream).head
        self._known = stream[:head], whole[: len(whole) - len(stream) + head], (width, height)
        return pixels


def _adobe(transform: int) -> bytes:
    return b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform])


def decoded(stream: bytes, width: int, height: int, scale: int = 1) -> Pixels:
    """Pixels of a stream that must be ``width`` × ``height``, shrunk by ``scale``, sides up.

    The size is compared before anything is decoded, so that a small stream cannot ask for
    gigabytes. Raises SlideDamaged.
    """
    try:
        found_height, found_width, _, _ = simplejpeg.decode_jpeg_header(stream)
        if (found_width, found_height) != (width, height):
            raise SlideDamaged(reason="tile-size")
    except ValueError as why:
        raise SlideDamaged(reason="tile") from why
    return _shrunk(stream, width, height, scale)


def _shrunk(stream: bytes, width: int, height: int, scale: int) -> Pixels:
    """Pixels of a stream whose size is known to be ``width`` × ``height``. Raises SlideDamaged."""
    few_scans(stream)
    fast, size = scale > 1, (-(-height // scale), -(-width // scale))
    try:
        try:
            return simplejpeg.decode_jpeg(stream, "RGB", fast, fast, *size, scale)
        except ValueError as why:
            if "Premature end" in str(why):
                raise
        # What libjpeg only warns of (bytes between segments) some scanners write into every tile.
        return simplejpeg.decode_jpeg(stream, "RGB", fast, fast, *size, scale, strict=False)
    except ValueError as why:
        raise SlideDamaged(reason="tile") from why


def encoded(pixels: Pixels, quality: int = 85) -> bytes:
    """A JPEG that a browser shows, colours at half resolution."""
    return simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality, "RGB", "420", fastdct=True)
