"""Reads the character set that MSH-18 names (HL7 table 0211) before anything else is read."""

from __future__ import annotations

import codecs

_NAMED = {
    "": "utf-8",
    "ASCII": "ascii",
    "8859/1": "latin-1",
    "8859/15": "iso8859-15",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "GB18030": "gb18030",
    "GB 18030-2000": "gb18030",
    "GBK": "gb18030",
    "GB2312": "gb18030",
    "BIG-5": "big5hkscs",
}
"""As senders write them. Without a name: UTF-8, of which ASCII is a part (decision 0044)."""

USUAL = "utf-8"


class UnknownCharset(Exception):
    """MSH-18 names a character set that is not read here."""


class NotInCharset(Exception):
    """The bytes are not of the character set that the message names."""


def named(raw: bytes) -> str:
    """What MSH-18 says, read from the bytes; empty where it says nothing."""
    head = raw.removeprefix(codecs.BOM_UTF8)
    first = head.replace(b"\n", b"\r").split(b"\r", 1)[0]
    if len(first) < 4:
        return ""
    fields = first.split(first[3:4])
    if len(fields) <= 17:
        return ""
    repetition = first[5:6] or b"~"
    return fields[17].split(repetition)[0].decode("ascii", "replace").strip().upper()


def codec(name: str) -> str:
    """Python's name of it. Raises UnknownCharset."""
    try:
        return _NAMED[name]
    except KeyError:
        raise UnknownCharset(name) from None


def text(raw: bytes) -> str:
    """The message as text. Raises UnknownCharset, NotInCharset."""
    name = codec(named(raw))
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode(name)
    except UnicodeDecodeError:
        raise NotInCharset(name) from None
