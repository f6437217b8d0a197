"""One way to open a slide, whoever made it."""

from __future__ import annotations

from pathlib import Path

from .dicom import is_dicom, open_dicom
from .errors import SlideAway, SlideDamaged, SlideUnknown
from .foreign import is_foreign, open_foreign
from .picture import is_picture, open_picture
from .reading import File
from .slide import Slide
from .tiff import is_tiff, made_elsewhere, open_tiff

BY_NAME = {".mrxs", ".vms", ".vmu", ".zvi", ".czi"}
"""Names that only OpenSlide reads; a MIRAX index begins like a JPEG or with nothing of note."""

HEAD = 132


def open_slide(path: Path) -> Slide:
    """The slide, opened: a file, or a folder of DICOM instances.

    Raises SlideAway, SlideUnknown, SlideDamaged, SlideTooLarge. Code of others decodes what the
    file holds: whoever opens what strangers sent does so in a process that may be lost.
    """
    try:
        if path.is_dir():
            return open_dicom(path)
    except OSError as why:
        raise SlideAway(reason="cannot-open") from why
    file = File(path)
    try:
        head = file.read(0, min(file.size, HEAD))
        kept = _from_bytes(file, head)
    except BaseException:
        file.close()
        raise
    if kept is not None:
        return kept
    file.close()
    return open_dicom(path) if is_dicom(head) else _foreign(path)


def open_index(path: Path) -> Slide | None:
    """The slide, opened without decoding anything by code of others, where its format allows that
    (TIFF and DICOM); else None. Its pixels are not to be asked for. Raises as ``open_slide``."""
    try:
        if path.is_dir():
            return open_dicom(path)
    except OSError as why:
        raise SlideAway(reason="cannot-open") from why
    file = File(path)
    try:
        head = file.read(0, min(file.size, HEAD))
        if is_tiff(head) and path.suffix.lower() not in BY_NAME and not made_elsewhere(file):
            return open_tiff(file)
    except BaseException:
        file.close()
        raise
    file.close()
    return open_dicom(path) if is_dicom(head) else None


def _from_bytes(file: File, head: bytes) -> Slide | None:
    """What is read from this one file here; None for what others read."""
    if file.path.suffix.lower() in BY_NAME or is_dicom(head):
        return None
    if is_tiff(head):
        return None if made_elsewhere(file) else open_tiff(file)
    return open_picture(file) if is_picture(head) else None


def _foreign(path: Path) -> Slide:
    if path.suffix.lower() == ".mrxs" and not (path.with_suffix("") / "Slidedat.ini").is_file():
        raise SlideDamaged(reason="folder-missing")  # the index came without what it points to
    if not is_foreign(path):
        raise SlideUnknown(reason="format")
    return open_foreign(path)
