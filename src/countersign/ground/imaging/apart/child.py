"""The process that decodes slides for those who look: little memory, no network, no writing."""

from __future__ import annotations

import json
import os
import resource
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from countersign.ground.imaging.errors import SlideDamaged, SlideError
from countersign.ground.imaging.opening import open_slide, prepare
from countersign.ground.imaging.slide import Associated, Pixels, Slide
from countersign.ground.imaging.tiles.opened import OpenedSlides

OPEN = 16
"""Slides that one such process keeps open."""

QUESTION = 1 << 16
"""The most bytes of a question."""

_FORBIDDEN = ("socket.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.remove",
              "os.rename", "os.rmdir", "os.mkdir", "shutil.", "subprocess.")  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main(descriptor: int, memory: int) -> None:
    """Answers what comes by ``descriptor`` until its other end is closed; ``memory`` in bytes."""
    prepare()
    limit(memory)
    sys.addaudithook(refuse)
    cv2.setNumThreads(1)
    opened = OpenedSlides(open_slide, OPEN)
    with Connection(descriptor) as peer:
        peer.send_bytes(b"ready")
        while True:
            try:
                asked = json.loads(peer.recv_bytes(QUESTION))
            except (EOFError, OSError):
                return
            said, pixels = answer(opened, asked)
            peer.send_bytes(json.dumps(said).encode())
            if pixels is not None:
                peer.send_bytes(np.ascontiguousarray(pixels).reshape(-1).data)


def answer(opened: OpenedSlides, asked: dict[str, Any]) -> tuple[dict[str, Any], Pixels | None]:
    """What is sent back: words as JSON, and pixels behind them where those were asked for."""
    try:
        with opened.reading(Path(asked["path"])) as reading:
            slide, what = reading.slide, asked["what"]
            if what == "slide":
                return described(slide), None
            if what == "picture":
                pixels = slide.associated(Associated(asked["which"]))
            else:
                x, y, width, height = asked["box"]
                pixels = slide.region(x, y, width, height, asked["downsample"])
    except SlideError as why:
        return {"error": why.code, "details": why.details}, None
    except MemoryError:
        return _damaged("memory"), None
    except Exception:  # noqa: BLE001 - whatever a hostile file makes a library raise
        return _damaged("unexpected"), None
    if pixels is None:
        return {"shape": None}, None
    return {"shape": list(pixels.shape)}, pixels


def described(slide: Slide) -> dict[str, Any]:
    """What a slide says of itself."""
    return {
        "format": slide.format,
        "levels": [
            [one.width, one.height, one.downsample, one.tile_width, one.tile_height]
            for one in slide.levels
        ],
        "mpp": None if slide.mpp is None else list(slide.mpp),
        "properties": dict(slide.properties),
    }


def limit(memory: int) -> None:
    """No files are written, no core is dumped, memory ends somewhere. Time is the asker's."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 1024),
    ):
        resource.setrlimit(what, (most, most))


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Whatever a file makes a library try in Python: no connection, no program, nothing written."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)
    if event == "open":
        flags = arguments[2]
        if isinstance(flags, int) and flags & _WRITING:
            raise PermissionError(event)


def _damaged(reason: str) -> dict[str, Any]:
    return {"error": SlideDamaged.code, "details": {"reason": reason}}
