"""Base64 as notes demand it: one text for one value."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64


def strict_base64(text: str) -> bytes:
    """The bytes, or none for anything but canonical standard base64."""
    try:
        value = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""
    return value if b64encode(value).decode() == text else b""
