"""One way to open a slide, whoever made it. What reads DICOM and foreign formats is loaded for the
first such slide: processes that compute start without it."""

from __future__ import annotations

from pathlib import Path

from .errors import SlideAway, SlideDamaged, SlideUnknown
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
            return _dicom(path)
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
    return _dicom(path) if _is_dicom(head) else _foreign(path)


def open_index(path: Path) -> Slide | None:
    """The slide, opened without decoding anything by code of others, where its format allows that
    (TIFF and DICOM); else None. Its pixels are not to be asked for. Raises as ``open_slide``."""
    try:
        if path.is_dir():
            return _dicom(path)
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
    return _dicom(path) if _is_dicom(head) else None


def _from_bytes(file: File, head: bytes) -> Slide | None:
    """What is read from this one file here; None for what others read."""
    if file.path.suffix.lower() in BY_NAME or _is_dicom(head):
        return None
    if is_tiff(head):
        return None if made_elsewhere(file) else open_tiff(file)
    return open_picture(file) if is_picture(head) else None


def prepare() -> None:
    """Loads what opens every format: for a process that may load nothing afterwards."""
    from .dicom import open_dicom
    from .foreign import open_foreign

    del open_dicom, open_foreign


def _is_dicom(head: bytes) -> bool:
    return head[128:132] == b"DICM"


def _dicom(path: Path) -> Slide:
    from .dicom import open_dicom

    return open_dicom(path)


def _foreign(path: Path) -> Slide:
    from .foreign import is_foreign, open_foreign

    if path.suffix.lower() == ".mrxs" and not (path.with_suffix("") / "Slidedat.ini").is_file():
        raise SlideDamaged(reason="folder-missing")  # the index came without what it points to
    if not is_foreign(path):
        raise SlideUnknown(reason="format")
    return open_foreign(path)
