"""Reads of an instance what is needed to keep it, and sees that it is whole."""

from __future__ import annotations

import re
import struct
import warnings
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.filereader import read_preamble
from pydicom.sequence import Sequence as Items

from countersign.ground.imaging.dicom.header import IMPLICIT, LONGEST, PIXELS, elements, meta_at
from countersign.kit.words import Words

from .errors import ImageUnreadable, ImageUnsupported

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
"""VL Whole Slide Microscopy Image Storage (DICOM PS3.4 table B.5-1)."""

SYNTAXES = {
    "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
    "1.2.840.10008.1.2": "Implicit VR Little Endian",
    "1.2.840.10008.1.2.4.50": "JPEG Baseline (Process 1)",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 (lossless only)",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
}
"""The encodings that are taken in (DICOM PS3.5 section 10 and annex A)."""

_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
_TEXTS = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "AccessionNumber",
    "ContainerIdentifier",
    "StudyDescription",
    "SeriesDescription",
)
_WANTED = (
    *_TEXTS,
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SpecimenDescriptionSequence",
    "SpecificCharacterSet",
)
_TAGS = frozenset(tag for name in _WANTED if (tag := tag_for_keyword(name)) is not None)
_ITEM, _END = 0xFFFEE000, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Instance:
    """What an instance says of itself. ``sha256`` (hex) is that of its data set, without the
    meta information that whoever wrote the file put before it; ``size`` is the file's, in bytes.
    ``said`` names people and specimens: it is sealed wherever it is stored.
    """

    sop_class: str
    sop_instance: str
    study: str
    series: str
    syntax: str
    size: int
    sha256: str
    said: dict[str, str] = field(repr=False)


def read_instance(path: Path) -> Instance:
    """The instance in a Part 10 file, once every byte that it claims is there.

    Raises ImageUnreadable, ImageUnsupported.
    """
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # what a header says in vain is judged below
            _, syntax, start = meta_at(file)
            if syntax not in SYNTAXES:
                raise ImageUnsupported  # before anything is read, which might be deflated
            found = elements(file, start, syntax, _TAGS)
            if str(found.get("SOPClassUID", "")) != WHOLE_SLIDE:
                raise ImageUnsupported
            size = path.stat().st_size
            _see_pixels(file, size, explicit=syntax != IMPLICIT)
            return _instance(found, syntax, size, _digest(file, _data_set_at(file)))
    except (ImageUnreadable, ImageUnsupported):
        raise
    except Exception:  # noqa: BLE001 - whatever a hostile file makes the reader say
        problem = Words("its header cannot be read", "头信息无法读取")
        raise ImageUnreadable(problem=problem) from None


def is_uid(text: str) -> bool:
    """Whether this is an identifier of DICOM (PS3.5 section 9), and so safe as a file's name."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def _instance(found: Dataset, syntax: str, size: int, digest: str) -> Instance:
    names = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    instance, study, series = (str(found.get(name, "")) for name in names)
    if not all(map(is_uid, (instance, study, series))):
        raise ImageUnreadable(problem=Words("it lacks an identifier", "缺少标识符"))
    said = {name: text for name in _TEXTS if (text := _text(found.get(name)))}
    if specimen := _specimen(found.get("SpecimenDescriptionSequence")):
        said["SpecimenIdentifier"] = specimen
    return Instance(WHOLE_SLIDE, instance, study, series, syntax, size, digest, said)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()[:1024]


def _specimen(value: Any) -> str:
    first = value[0] if isinstance(value, Items) and value else None
    return _text(first.get("SpecimenIdentifier")) if isinstance(first, Dataset) else ""


def _see_pixels(file: BinaryIO, size: int, *, explicit: bool) -> None:
    """Walks over the pixel data, at which the header's reader stopped, without decoding any."""
    tag = _tag(file)
    if tag != PIXELS:
        raise ImageUnreadable(problem=Words("it holds no pixels", "不含像素数据"))
    if explicit:
        file.seek(4, 1)  # OB or OW, and two bytes of nothing
    length = _number(file)
    if length != _UNDEFINED:
        if length == 0 or file.tell() + length > size:
            raise _cut()
        return
    fragments = 0
    while (tag := _tag(file)) == _ITEM:
        length = _number(file)
        if length == _UNDEFINED or file.tell() + length > size:
            raise _cut()
        file.seek(length, 1)
        fragments += 1
    if tag != _END or fragments < 2:  # the first is the offset table
        raise _cut()


def _cut() -> ImageUnreadable:
    return ImageUnreadable(problem=Words("its pixels are cut off", "像素数据不完整"))


def _tag(file: BinaryIO) -> int:
    head = file.read(4)
    if len(head) < 4:
        raise _cut()
    group, element = struct.unpack("<HH", head)
    return group << 16 | element


def _number(file: BinaryIO) -> int:
    head = file.read(4)
    if len(head) < 4:
        raise _cut()
    return struct.unpack("<L", head)[0]


def _data_set_at(file: BinaryIO) -> int:
    """Where the data set begins: after the preamble and the group of meta information."""
    file.seek(0)
    read_preamble(file, force=False)
    group_length = file.read(12)  # (0002,0000) UL, which every Part 10 file has
    tag, kind, _, length = struct.unpack("<L2sHL", group_length)
    if tag != 0x00000002 or kind != b"UL" or length > LONGEST:
        raise ImageUnreadable(problem=Words("it is no file of Part 10", "不是 Part 10 文件"))
    return file.tell() + length


def _digest(file: BinaryIO, start: int) -> str:
    file.seek(start)
    made = sha256()
    while block := file.read(1024 * 1024):
        made.update(block)
    return made.hexdigest()
