"""The chain of directories of a TIFF, walked with bounds before any library trusts it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from countersign.ground.imaging.errors import SlideDamaged
from countersign.ground.imaging.reading import File

MOST_DIRECTORIES = 512
MOST_TAGS = 4096
MOST_BYTES = 1 << 28
"""Of the values of all tags together: offsets and sizes of some ten million tiles."""

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4} | {
    16: 8,
    17: 8,
    18: 8,
}
"""Bytes of a value of each type (TIFF 6.0, section 2; BigTIFF adds 16 to 18)."""

SUB_DIRECTORIES = 330
SHORT_TEXTS = {270: 1 << 16, 305: 256, 700: 1 << 16}
"""Tags that say who wrote the file, and how much of them is looked at."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory: the tags it has, and the beginnings of those that name its maker."""

    offset: int
    tags: frozenset[int]
    texts: dict[int, bytes]


@dataclass(frozen=True, slots=True)
class _Shape:
    order: str
    big: bool

    def unpack(self, code: str, data: bytes) -> tuple[int, ...]:
        return struct.unpack(self.order + code, data)


def is_tiff(head: bytes) -> bool:
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def directories(file: File) -> list[Directory]:
    """Every directory of the chain and, of each, those below it, in their order.

    Raises SlideDamaged where the chain closes on itself, leaves the file, has no end, or where a
    tag's value does not lie in the file.
    """
    shape, first = _header(file)
    found: list[Directory] = []
    seen: set[int] = set()
    waiting = [first]
    spent = 0
    while waiting:
        offset = waiting.pop(0)
        if offset == 0:
            continue
        if offset in seen:
            raise SlideDamaged(reason="cyclic")
        if len(found) >= MOST_DIRECTORIES:
            raise SlideDamaged(reason="too-many-directories")
        seen.add(offset)
        directory, below, following, size = _directory(file, shape, offset)
        spent += size
        if spent > MOST_BYTES:
            raise SlideDamaged(reason="too-many-values")
        found.append(directory)
        waiting = [*below, following, *waiting]
    if not found:
        raise SlideDamaged(reason="no-directory")
    return found


def _header(file: File) -> tuple[_Shape, int]:
    head = file.read(0, min(16, file.size))
    if not is_tiff(head):
        raise SlideDamaged(reason="no-tiff")
    shape = _Shape("<" if head[:2] == b"II" else ">", big=b"+" in head[2:4])
    if shape.big:
        if len(head) < 16 or shape.unpack("HH", head[4:8]) != (8, 0):
            raise SlideDamaged(reason="header")
        return shape, shape.unpack("Q", head[8:16])[0]
    if len(head) < 8:
        raise SlideDamaged(reason="header")
    return shape, shape.unpack("I", head[4:8])[0]


def _directory(file: File, shape: _Shape, offset: int) -> tuple[Directory, list[int], int, int]:
    """The directory, the offsets of those below it and of the next, the bytes of its values."""
    wide, entry, inline, code = (8, 20, 8, "Q") if shape.big else (2, 12, 4, "H")
    (count,) = shape.unpack(code, file.read(offset, wide))
    if not 0 < count <= MOST_TAGS:
        raise SlideDamaged(reason="tags")
    table = file.read(offset + wide, count * entry + inline)
    tags: set[int] = set()
    texts: dict[int, bytes] = {}
    below: list[int] = []
    spent = 0
    pointer = "Q" if shape.big else "I"
    for at in range(0, count * entry, entry):
        tag, kind = shape.unpack("HH", table[at : at + 4])
        (values,) = shape.unpack(pointer, table[at + 4 : at + 4 + inline])
        body = table[at + 4 + inline : at + entry]
        size = SIZES.get(kind, 1) * values
        if size > inline:
            (place,) = shape.unpack(pointer, body)
            if place + size > file.size:
                raise SlideDamaged(reason="tag-outside-file")
        else:
            place = -1
        tags.add(tag)
        spent += size
        if tag in SHORT_TEXTS:
            short = min(size, SHORT_TEXTS[tag])
            texts[tag] = body[:short] if place < 0 else file.read(place, short)
        elif tag == SUB_DIRECTORIES and kind in (4, 13, 16, 18) and values <= MOST_DIRECTORIES:
            raw = body[:size] if place < 0 else file.read(place, size)
            below += shape.unpack(f"{values}{'Q' if SIZES[kind] == 8 else 'I'}", raw)
    (following,) = shape.unpack(pointer, table[count * entry :])
    return Directory(offset, frozenset(tags), texts), below, following, spent


NDPI_FORMAT = 65420
DESCRIPTION, SOFTWARE, XMP = 270, 305, 700
MARKS = (
    (DESCRIPTION, b"<scn "),
    (DESCRIPTION, b"leica-microsystems"),
    (XMP, b"iScan"),
    (DESCRIPTION, b"iScan"),
    (SOFTWARE, b"Philips"),
    (SOFTWARE, b"MedScan"),
)
"""Leica, Ventana, Philips and Trestle: tiles that overlap, areas apart, sizes that are padded."""


def made_elsewhere(file: File) -> bool:
    """Whether the layout is one that only OpenSlide knows. Raises SlideDamaged.

    Hamamatsu's files are told by a tag of theirs in the first directory alone, for their further
    offsets are not those of a TIFF.
    """
    shape, first = _header(file)
    found, _, _, _ = _directory(file, shape, first)
    if NDPI_FORMAT in found.tags:
        return True
    return any(
        mark in each.texts.get(tag, b"") for each in directories(file) for tag, mark in MARKS
    )
