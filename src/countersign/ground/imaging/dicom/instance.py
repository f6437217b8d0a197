"""One instance of a DICOM slide: what it says, and where each of its frames lies in the file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from countersign.ground.imaging.errors import SlideDamaged, SlideError, SlideUnknown
from countersign.ground.imaging.reading import LONGEST, File

from .header import IMPLICIT, meta_at, series_at

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
NATIVE = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}
JPEG = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"}
JPEG_LS = {"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"}
JPEG_2000 = {"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"}
READABLE = NATIVE | JPEG | JPEG_LS | JPEG_2000

PIXEL_DATA = b"\xe0\x7f\x10\x00"
ITEM, DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_dcmread: Any = pydicom.dcmread  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
MOST_FRAMES = 1 << 24
UNDEFINED = 0xFFFFFFFF


class _Bounded:
    """What pydicom reads a header from: never asked for more than the file holds."""

    def __init__(self, file: File) -> None:
        self._file, self._at = file, 0

    def read(self, count: int = -1) -> bytes:
        rest = max(0, self._file.size - self._at)
        count = rest if count < 0 else min(count, rest)
        found = self._file.read(self._at, min(count, LONGEST))
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._file.size)[whence])
        return self._at

    def tell(self) -> int:
        return self._at


def says(path: Path) -> tuple[str, str] | None:
    """SOP class and transfer syntax of a DICOM file; None where it is none."""
    try:
        with path.open("rb") as file:
            return meta_at(file)[:2]
    except Exception:  # noqa: BLE001 - a hostile file finds every error there is
        return None


def series_of(path: Path) -> str | None:
    """The series of a whole slide's instance; None where the file is none."""
    said = says(path)
    return series_at(path, READABLE) if said is not None and said[0] == WHOLE_SLIDE else None


@dataclass(frozen=True)
class Instance:
    """``header`` is pydicom's data set without pixels; ``start`` where the pixel data begins."""

    file: File
    header: Any
    syntax: str
    start: int
    count: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of all tiles together."""
        return int(self.header.TotalPixelMatrixColumns), int(self.header.TotalPixelMatrixRows)

    @property
    def tile(self) -> tuple[int, int]:
        return int(self.header.Columns), int(self.header.Rows)

    @property
    def kind(self) -> str:
        """``VOLUME``, ``LABEL``, ``OVERVIEW`` or ``THUMBNAIL``."""
        words = [str(word) for word in self.header.ImageType]
        return words[2] if len(words) > 2 else "VOLUME"

    def frame(self, number: int) -> bytes:
        """Its bytes. Raises SlideDamaged."""
        if not 0 <= number < self.count:
            raise SlideDamaged(reason="no-frame")
        if self.syntax in NATIVE:
            width, height = self.tile
            size = width * height * int(self.header.SamplesPerPixel)
            return self.file.read(self._native_start + number * size, size)
        return self._fragments(number)

    @cached_property
    def _native_start(self) -> int:
        return self.start + (8 if self.syntax == IMPLICIT else 12)

    @cached_property
    def _first_item(self) -> tuple[int, NDArray[np.int64]]:
        """Where the first fragment lies, and the basic offset table (PS3.5, A.4)."""
        head = self.file.read(self.start, 20)
        length = int.from_bytes(head[8:12], "little")
        if length != UNDEFINED or head[12:16] != ITEM:
            raise SlideDamaged(reason="fragments")
        size = int.from_bytes(head[16:20], "little")
        table = np.frombuffer(self.file.read(self.start + 20, size), "<u4", size // 4)
        return self.start + 20 + size, table.astype(np.int64)

    @cached_property
    def _offsets(self) -> NDArray[np.int64]:
        """Of each frame's first item from the first fragment, from the tables or by walking."""
        extended = getattr(self.header, "ExtendedOffsetTable", None)
        if extended:
            found = np.frombuffer(extended, "<i8", len(extended) // 8)
        else:
            found = self._first_item[1]
        if len(found) < self.count:
            found = self._walked()
        if len(found) < self.count or (found < 0).any():
            raise SlideDamaged(reason="frames-missing")
        return found[: self.count]

    def _walked(self) -> NDArray[np.int64]:
        """Every item that begins a frame: all of them, or those that begin a stream."""
        first, _ = self._first_item
        at = first
        found: list[int] = []
        beginning: list[int] = []
        while at + 8 <= self.file.size and len(found) <= MOST_FRAMES:
            head = self.file.read(at, min(10, self.file.size - at))
            length = int.from_bytes(head[4:8], "little")
            if head[:4] != ITEM or at + 8 + length > self.file.size:
                break
            found.append(at - first)
            if head[8:10] in (b"\xff\xd8", b"\xff\x4f"):
                beginning.append(at - first)
            at += 8 + length
        chosen = found if len(found) == self.count else beginning
        return np.asarray(chosen, np.int64)

    def _fragments(self, number: int) -> bytes:
        first, _ = self._first_item
        at = first + int(self._offsets[number])
        last = number + 1 == self.count
        end = self.file.size if last else first + int(self._offsets[number + 1])
        parts: list[bytes] = []
        while at < end and at + 8 <= self.file.size and len(parts) < 4096:
            head = self.file.read(at, 8)
            if head[:4] != ITEM:
                break
            length = int.from_bytes(head[4:8], "little")
            parts.append(self.file.read(at + 8, length))
            at += 8 + length
        if not parts:
            raise SlideDamaged(reason="frames-missing")
        return parts[0] if len(parts) == 1 else b"".join(parts)


def instance_of(path: Path) -> Instance:
    """Opens one. Raises SlideUnknown for what is no readable whole slide, SlideDamaged."""
    said = says(path)
    if said is None or said[0] != WHOLE_SLIDE or said[1] not in READABLE:
        raise SlideUnknown(reason="dicom")
    file = File(path)
    try:
        return _instance(file, said[1])
    except SlideError:
        file.close()
        raise
    except Exception as why:  # noqa: BLE001 - a hostile file finds every error there is
        file.close()
        raise SlideDamaged(reason="dicom") from why


def _instance(file: File, syntax: str) -> Instance:
    source: Any = _Bounded(file)
    header = _dcmread(source, stop_before_pixels=True)
    start = source.tell()
    if file.read(start, 4) != PIXEL_DATA:
        raise SlideDamaged(reason="no-pixels")
    count = int(header.get("NumberOfFrames", 1) or 1)
    found = Instance(file, header, syntax, start, count)
    (width, height), (wide, high) = found.size, found.tile
    if min(width, height, wide, high) < 1 or not 0 < count <= MOST_FRAMES:
        raise SlideDamaged(reason="no-size")
    if wide * high > 1 << 26 or int(header.BitsAllocated) != 8:
        raise SlideUnknown(reason="samples")
    if int(header.SamplesPerPixel) not in (1, 3):
        raise SlideUnknown(reason="samples")
    return found
