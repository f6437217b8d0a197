"""Tells what kind of file it is by its bytes; the name decides only among kinds of plain text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from .unreadable import NotUnderstood

MEDIA: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "markdown": "text/markdown",
    "csv": "text/csv",
    "text": "text/plain",
}
"""The kinds that are read, with their media types."""

ENTRIES, UNFOLDED, FOLD = 20_000, 512 * 1024 * 1024, 200
"""Of an archive: entries, bytes in all, and times its own size that one entry may unfold to."""

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SUFFIXES = {
    "md": "markdown",
    "markdown": "markdown",
    "csv": "csv",
    "tsv": "csv",
    "txt": "text",
    "text": "text",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
}


def media_of(data: bytes, suffix: str) -> str:
    """A key of MEDIA; ``suffix`` is that of the file's name. Raises NotUnderstood."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(_OLD):
        # An encrypted Office file is wrapped into the old container ([MS-OFFCRYPTO] 2.1).
        raise NotUnderstood(
            "password" if "EncryptedPackage".encode("utf-16-le") in data else "old-office"
        )
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotUnderstood("unsupported")
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    kind = _SUFFIXES.get(suffix.lower().lstrip("."))
    if kind is None:
        raise NotUnderstood("unsupported")
    return kind


def _office(data: bytes) -> str:
    names = {one.filename for one in entries(data)}
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise NotUnderstood("unsupported")


def entries(data: bytes) -> list[zipfile.ZipInfo]:
    """The archive's entries, once none of them is a bomb. Raises NotUnderstood."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        raise NotUnderstood("broken") from None
    if any(one.flag_bits & 1 for one in found):
        raise NotUnderstood("password")
    folded = any(
        one.file_size > 1024 * 1024 and one.file_size > FOLD * max(one.compress_size, 1)
        for one in found
    )
    if folded or len(found) > ENTRIES or sum(one.file_size for one in found) > UNFOLDED:
        raise NotUnderstood("bomb")
    return found


def macros(data: bytes) -> bool:
    """Whether an Office file carries a project of macros."""
    return any(one.filename.lower().endswith("vbaproject.bin") for one in entries(data))


def decoded_text(data: bytes) -> str:
    """Plain text in UTF-8, UTF-16 with a mark, or GB 18030, as hospitals still write it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
