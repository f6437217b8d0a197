"""JSON that keeps decimals as they were written and gives the same bytes every time."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from .errors import CountersignError

JSON = dict[str, Any]
"""A JSON object."""

_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class MalformedJSON(CountersignError):
    code = "json.malformed"
    status = 400
    message = "This is not valid JSON ({reason}). Check that the file is complete and UTF-8."


def decode(raw: bytes | str) -> Any:
    """The value in ``raw``; decimals become ``Decimal`` so that 6.30 stays 6.30.

    Raises MalformedJSON, also for nesting deeper than the interpreter allows.
    """
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise MalformedJSON(reason=str(problem)[:120]) from None
    except RecursionError:
        raise MalformedJSON(reason="nested too deeply") from None


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON with sorted keys."""
    return _encoder.encode(value)


def digest(raw: bytes) -> bytes:
    """SHA-256 of bytes that are stored as they are, never of something rendered again."""
    return sha256(raw).digest()
