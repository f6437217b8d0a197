"""The header of a DICOM file, walked over without making anything of it but what is asked for.

A library that reads it whole inflates what is deflated and makes an object of every item: a file
of some hundred KB then takes gigabytes.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

IMPLICIT = "1.2.840.10008.1.2"
PIXELS = 0x7FE00010
SERIES = 0x0020000E

HEADER = 1 << 27
"""Bytes of a header, within which the pixels must begin: that of a slide whose every tile is
described by itself has some 25 MB."""

LONGEST = 1 << 18
"""Bytes that an element may have that is asked for; a longer one is hostile."""

DEEPEST = 32
"""How deep sequences may lie in each other."""

_CLASS, _SYNTAX = 0x00020002, 0x00020010
_ITEM, _ITEM_END, _END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_LONG = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR",
                   b"UT", b"UV"))  # fmt: skip


def meta_at(file: BinaryIO) -> tuple[str, str, int]:
    """SOP class, transfer syntax, and where the data set begins, of a file of Part 10 (PS3.10,
    7.1). Raises ValueError where it is none."""
    file.seek(0)
    if file.read(132)[128:] != b"DICM":
        raise ValueError("no preamble")
    found: dict[int, str] = {}
    while (at := file.tell()) < HEADER and file.read(2) == b"\2\0":
        file.seek(at)
        tag, kind, length = _element(file, explicit=True)
        if length == _UNDEFINED:
            raise ValueError("meta information without an end")
        if tag in (_CLASS, _SYNTAX) and kind == b"UI" and length <= 64:
            found[tag] = file.read(length).decode("ascii").rstrip("\0 ")
        else:
            file.seek(length, 1)
    return found.get(_CLASS, ""), found.get(_SYNTAX, ""), at


def elements(
    file: BinaryIO, start: int, syntax: str, wanted: Collection[int], until: int = PIXELS
) -> Dataset:
    """The wanted elements before the tag ``until``, at which the file stands then, or at its end.

    ``start`` is where the data set begins, little endian and not deflated; its tags ascend (PS3.5,
    7.1). Raises ValueError.
    """
    explicit = syntax != IMPLICIT
    file.seek(start)
    kept = BytesIO()
    while head := file.read(4):
        at = file.tell() - 4
        file.seek(at)
        if _tag(head) >= until:
            break
        tag, kind, length = _element(file, explicit)
        _skip(file, explicit and kind != b"UN", length)
        end = file.tell()
        if end - start > HEADER:
            raise ValueError("a header without an end")
        if tag in wanted:
            if end - at > LONGEST:
                raise ValueError("an element that is too long")
            file.seek(at)
            kept.write(file.read(end - at))
            file.seek(end)
    kept.seek(0)
    return read_dataset(kept, is_implicit_VR=not explicit, is_little_endian=True)


def series_at(path: Path, syntaxes: Collection[str] | None = None) -> str | None:
    """To which series a file belongs; None where it is no DICOM, in one of these syntaxes, that
    can be read without inflating it."""
    try:
        with path.open("rb") as file:
            _, syntax, start = meta_at(file)
            if syntaxes is not None and syntax not in syntaxes:
                return None
            found = elements(file, start, syntax, (SERIES,), SERIES + 1)
            return str(found.get("SeriesInstanceUID", "")) or None
    except Exception:  # noqa: BLE001 - a hostile file finds every error there is
        return None


def _skip(file: BinaryIO, explicit: bool, length: int) -> None:
    """Goes behind a value; of a sequence without a length, behind its last item (PS3.5, 7.5)."""
    if length != _UNDEFINED:
        file.seek(length, 1)
        return
    within, first = [explicit], file.tell()
    while within:
        tag, kind, length = _element(file, within[-1])
        if tag == _END:
            within.pop()
        elif length != _UNDEFINED:
            file.seek(length, 1)
        elif tag != _ITEM:
            within.append(within[-1] and kind != b"UN")
        if len(within) > DEEPEST or file.tell() - first > HEADER:
            raise ValueError("a sequence without an end")


def _element(file: BinaryIO, explicit: bool) -> tuple[int, bytes, int]:
    """Tag, representation and length of the element that begins here (PS3.5, 7.1)."""
    head = file.read(8)
    if len(head) < 8:
        raise ValueError("cut off")
    tag, kind = _tag(head), head[4:6]
    if not explicit or tag in (_ITEM, _ITEM_END, _END):
        return tag, b"", struct.unpack("<L", head[4:])[0]
    if not (kind.isalpha() and kind.isupper()):
        raise ValueError("no representation")
    if kind not in _LONG:
        return tag, kind, struct.unpack("<H", head[6:])[0]
    more = file.read(4)
    if len(more) < 4:
        raise ValueError("cut off")
    return tag, kind, struct.unpack("<L", more)[0]


def _tag(head: bytes) -> int:
    if len(head) < 4:
        raise ValueError("cut off")
    group, element = struct.unpack("<HH", head[:4])
    return group << 16 | element
