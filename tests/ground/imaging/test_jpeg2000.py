"""Wavelet tiles of Aperio come out in their colours, be these at half resolution or not."""

from __future__ import annotations

import struct

import cv2
import imagecodecs
import numpy as np
import pytest

from countersign.ground.imaging import Pixels, SlideDamaged
from countersign.ground.imaging.jpeg2000 import decoded_2000

WIDTH, HEIGHT = 256, 192
SIZE, CODING, COMMENT = b"\xff\x51", b"\xff\x52", b"\xff\x64"


def drawn() -> Pixels:
    """Blocks whose edges fall on every 32nd pixel."""
    made = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    made[:] = (200, 80, 150)
    made[32:96, 64:160] = (60, 40, 160)
    made[96:, :128] = (240, 230, 245)
    return made


def stream_of(picture: Pixels, across: int, down: int) -> bytes:
    """A codestream of YCbCr as Aperio's 33003: no word of colours, each component by itself.

    No encoder at hand takes components of several sizes: each is encoded alone, and their packets
    stand one after the other, which is the order of progression CPRL (ITU-T T.800, B.12.1.5).
    """
    ycc = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)[:, :, (0, 2, 1)]
    planes = [ycc[:, :, 0], ycc[::down, ::across, 1], ycc[::down, ::across, 2]]
    parts = [parted(np.ascontiguousarray(plane)) for plane in planes]
    made = b"\xff\x4f"
    for marker, body in parts[0][0]:
        changed = body
        if marker == SIZE:
            area = struct.pack(">8I", WIDTH, HEIGHT, 0, 0, WIDTH, HEIGHT, 0, 0)
            steps = bytes([7, 1, 1, 7, across, down, 7, across, down])
            changed = body[:2] + area + b"\0\3" + steps
        elif marker == CODING:
            changed = body[:1] + b"\4" + body[2:]
        if marker != COMMENT:
            made += marker + struct.pack(">H", len(changed) + 2) + changed
    packets = b"".join(packets for _, packets in parts)
    tile = struct.pack(">2sHHIBB", b"\xff\x90", 10, 0, len(packets) + 14, 0, 1)
    return made + tile + b"\xff\x93" + packets + b"\xff\xd9"


def parted(plane: Pixels) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """The main header's segments and the packets of one component."""
    stream = imagecodecs.jpeg2k_encode(
        plane, level=0, codecformat="j2k", reversible=True, mct=False, resolutions=4
    )
    segments: list[tuple[bytes, bytes]] = []
    at = 2
    while stream[at : at + 2] != b"\xff\x90":
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
        segments.append((stream[at : at + 2], stream[at + 4 : end]))
        at = end
    return segments, stream[at + 14 : -2]


@pytest.mark.parametrize("steps", [(1, 1), (2, 1), (2, 2)], ids=["444", "422", "420"])
@pytest.mark.parametrize("scale", [1, 2, 4])
def test_colours_are_made_once(steps: tuple[int, int], scale: int) -> None:
    picture = drawn()
    found = decoded_2000(stream_of(picture, *steps), WIDTH, HEIGHT, scale, ycc=True)
    assert found.shape == (HEIGHT // scale, WIDTH // scale, 3)
    inside = found[16 // scale :: 32 // scale, 16 // scale :: 32 // scale]
    wanted = picture[16::32, 16::32]
    assert np.abs(inside.astype(int) - wanted).max() <= 12


def test_a_header_without_its_components_is_damaged() -> None:
    stream = stream_of(drawn(), 2, 1)
    at = stream.index(SIZE)
    with pytest.raises(SlideDamaged):
        decoded_2000(stream[: at + 48], WIDTH, HEIGHT, 1, ycc=True)
