"""Packs a ladder into one file: arrays and a description, nothing that could be executed."""

from __future__ import annotations

import io
import json
import struct
import tokenize
import zipfile
import zlib
from typing import Any, cast

import numpy as np

from countersign.kit.errors import CountersignError

ARRAYS = 200


class Damaged(CountersignError):
    code = "modelbench.damaged-student"
    status = 500
    message = "This small model cannot be opened. Take it out of service and distil it again."


def packed(described: dict[str, Any], arrays: dict[str, Any]) -> bytes:
    """The same bytes for the same ladder: entries have no date."""
    text = json.dumps(described, ensure_ascii=False, sort_keys=True).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        named = {"described": np.frombuffer(text, np.uint8), **arrays}
        for name in sorted(named):
            one = io.BytesIO()
            np.lib.format.write_array(one, np.ascontiguousarray(named[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), one.getvalue(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


_BROKEN = (
    AttributeError,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What NumPy and zip raise for bytes that are no archive of arrays."""


def unpacked(raw: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Description and arrays. Raises Damaged."""
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as loaded:
            if len(loaded.files) > ARRAYS:
                raise Damaged
            arrays = {name: loaded[name] for name in loaded.files}
        described: Any = json.loads(arrays.pop("described").tobytes())
    except _BROKEN:
        raise Damaged from None
    if not isinstance(described, dict):
        raise Damaged
    return cast("dict[str, Any]", described), arrays
