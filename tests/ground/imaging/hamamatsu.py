"""Writes the least that OpenSlide takes for a slide of Hamamatsu."""

from __future__ import annotations

import io
import struct
from pathlib import Path

from PIL import Image

from countersign.ground.imaging import Pixels


def write_ndpi(pixels: Pixels, path: Path) -> None:
    """One level at 20×: a JPEG in one strip, and the tags that Hamamatsu adds to a TIFF."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=92, subsampling=0)
    jpeg = stream.getvalue()
    height, width = pixels.shape[:2]
    make = b"Hamamatsu\0"
    at_make = 8 + len(jpeg) + len(jpeg) % 2
    at_resolution = at_make + 10
    at_directory = at_resolution + 8
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 7),
        (262, 3, 1, 6),
        (271, 2, len(make), at_make),
        (273, 4, 1, 8),
        (277, 3, 1, 3),
        (278, 4, 1, height),
        (279, 4, 1, len(jpeg)),
        (282, 5, 1, at_resolution),
        (283, 5, 1, at_resolution),
        (296, 3, 1, 3),
        (65420, 4, 1, 1),
        (65421, 11, 1, struct.unpack("<I", struct.pack("<f", 20.0))[0]),
        (65424, 9, 1, 0),
    ]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries)
    body = b"II*\0" + struct.pack("<I", at_directory) + jpeg + b"\0" * (len(jpeg) % 2)
    body += make + struct.pack("<II", 20000, 1)
    path.write_bytes(body + directory + struct.pack("<QQ", 0, 0))
