"""A server of tiles, a crowd that looks at a slide, and an analysis beside them."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from countersign.ground.imaging import Readers, TileService, open_slide

VIEWERS, CONNECTIONS = 20, 6
SECONDS, WARM = 25.0, 5.0
PAUSE = 1.0
"""Seconds between two views of a person, on average (exponential)."""

WIDE, HIGH = 1600, 900
"""Pixels of a viewer's window."""

NICE = 10
Levels = list[dict[str, int]]
Place = tuple[int, int, int]


@dataclass
class Waits:
    """Seconds that tiles took, tiles a second, and the megapixels a second of the analysis."""

    tiles: list[float] = field(default_factory=list[float])
    analysed: float = 0.0

    def quantile(self, share: float) -> float:
        """In milliseconds."""
        return sorted(self.tiles)[int(share * (len(self.tiles) - 1))] * 1000

    @property
    def rate(self) -> float:
        return len(self.tiles) / SECONDS


def crowd(path: Path, analysis: bool) -> Waits:
    """20 viewers for half a minute."""
    spawning = multiprocessing.get_context("spawn")
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    listening.close()
    server = spawning.Process(target=serve, args=(str(path), port), daemon=True)
    stop = spawning.Event()
    done = spawning.Array("d", 2)
    workers = [
        spawning.Process(target=analyse, args=(str(path), number, stop, done), daemon=True)
        for number in range(2 if analysis else 0)
    ]
    for process in (server, *workers):
        process.start()
    try:
        waits = asyncio.run(_look(port))
    finally:
        stop.set()
        for process in (server, *workers):
            process.terminate()
            process.join(10)
    waits.analysed = sum(done) / 1e6
    return waits


def serve(path: str, port: int) -> None:
    """One process with the tile service behind two routes."""
    cv2.setNumThreads(1)
    service = TileService(Readers().open)

    async def tile(request: Request) -> Response:
        level, column, row = (int(request.path_params[name]) for name in "zxy")
        body = await run_in_threadpool(service.tile, Path(path), level, column, row)
        return Response(body, media_type="image/jpeg")

    async def said(_request: Request) -> JSONResponse:
        return JSONResponse(service.description(Path(path)))

    app = Starlette(routes=[Route("/", said), Route("/{z:int}/{x:int}/{y:int}", tile)])
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=120,
    )


def analyse(path: str, number: int, stop: Any, done: Any) -> None:
    """Decodes, separates and looks for spots until told to stop; ``done`` is pixels a second."""
    os.nice(NICE)
    cv2.setNumThreads(1)
    slide = open_slide(Path(path))
    level = slide.levels[0]
    chance = random.Random(number)
    started, pixels, side = time.perf_counter(), 0, 2048
    while not stop.is_set():
        x, y = (chance.randrange(0, size - side, 256) for size in (level.width, level.height))
        tile = slide.region(x, y, side, side, 4.0)
        density = -np.log10((tile.astype(np.float32) + 1) / 256)
        blue = density @ np.array([1.9, -0.1, -0.6], np.float32)
        near, far = (cv2.GaussianBlur(blue, (0, 0), sigma) for sigma in (1.5, 4.0))
        spots = near - far
        cv2.connectedComponents((spots > spots.std()).astype(np.uint8))
        pixels += side * side
        done[number] = pixels / (time.perf_counter() - started)


async def _look(port: int) -> Waits:
    reader, writer = await _connected(port)
    levels: Levels = json.loads(await _got(reader, writer, "/"))["levels"]
    writer.close()
    waits = Waits()
    begin = time.perf_counter() + WARM
    async with asyncio.TaskGroup() as group:
        for number in range(VIEWERS):
            group.create_task(_viewer(port, levels, number, begin, waits))
    return waits


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(600):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
    raise RuntimeError("the server of tiles did not start")


async def _got(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> bytes:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 200"), head
    size = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
    return await reader.readexactly(size)


async def _viewer(port: int, levels: Levels, number: int, begin: float, waits: Waits) -> None:
    """Pans, zooms and jumps; a browser keeps what it has seen."""
    chance = random.Random(number)
    queue: asyncio.Queue[Place] = asyncio.Queue()
    seen: set[Place] = set()
    level, x, y = 0, 0.5, 0.5
    async with asyncio.TaskGroup() as group:
        fetching = [
            group.create_task(_fetch(port, queue, begin, waits)) for _ in range(CONNECTIONS)
        ]
        await asyncio.sleep(chance.random() * PAUSE)
        while time.perf_counter() < begin + SECONDS:
            for place in _view(levels, level, x, y):
                if place not in seen:
                    seen.add(place)
                    queue.put_nowait(place)
            await asyncio.sleep(chance.expovariate(1 / PAUSE))
            level, x, y = _moved(chance, levels, level, x, y)
        for task in fetching:
            task.cancel()


async def _fetch(port: int, queue: asyncio.Queue[Place], begin: float, waits: Waits) -> None:
    reader, writer = await _connected(port)
    try:
        while True:
            level, column, row = await queue.get()
            started = time.perf_counter()
            await _got(reader, writer, f"/{level}/{column}/{row}")
            if started >= begin:
                waits.tiles.append(time.perf_counter() - started)
    finally:
        writer.close()


def _view(levels: Levels, level: int, x: float, y: float) -> list[Place]:
    """The tiles under a window whose middle is at a share of the slide."""
    said = levels[level]
    left, top = x * said["width"] - WIDE / 2, y * said["height"] - HIGH / 2
    columns = range(int(left // said["tile_width"]), int((left + WIDE) // said["tile_width"]) + 1)
    rows = range(int(top // said["tile_height"]), int((top + HIGH) // said["tile_height"]) + 1)
    return [
        (level, column, row)
        for row in rows
        for column in columns
        if 0 <= column < said["columns"] and 0 <= row < said["rows"]
    ]


def _moved(
    chance: random.Random, levels: Levels, level: int, x: float, y: float
) -> tuple[int, float, float]:
    """Six times in ten a pan by up to half a window, three a zoom, else a jump."""
    kind = chance.random()
    if kind < 0.6:
        said = levels[level]
        x += chance.uniform(-0.5, 0.5) * WIDE / said["width"]
        y += chance.uniform(-0.5, 0.5) * HIGH / said["height"]
    elif kind < 0.9:
        level += 1 if chance.random() < 0.65 else -1
    else:
        x, y = chance.random(), chance.random()
    return min(max(level, 0), len(levels) - 1), min(max(x, 0), 1), min(max(y, 0), 1)
