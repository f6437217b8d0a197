"""The nuclei of a slide as one binary answer that a browser takes apart without copying."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from countersign.kit.json import encode

from .measured import Nuclei

MAGIC: Final = b"CSN1"
FLOATS: Final = ("x", "y", "stain", "tumour", "area")


def packed(nuclei: Nuclei) -> Iterator[bytes]:
    """``CSN1``, the length of a JSON head (uint32, little-endian), the head padded to a multiple
    of four, then ``x``, ``y``, ``stain``, ``tumour`` and ``area`` as float32 and ``type`` as uint8,
    each ``count`` long; little-endian throughout. 21 bytes a nucleus."""
    head = encode({"count": len(nuclei), "columns": [*FLOATS, "type"]})
    head += b" " * (-len(head) % 4)
    yield MAGIC + len(head).to_bytes(4, "little") + head
    for name in FLOATS:
        yield np.ascontiguousarray(getattr(nuclei, name), "<f4").tobytes()
    yield np.ascontiguousarray(nuclei.type, np.uint8).tobytes()
