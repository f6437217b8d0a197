"""Tiles for viewers: how many a core-second gives beside OpenSlide, and how long 20 people wait."""

from __future__ import annotations

import io
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import openslide
import psutil
from openslide.deepzoom import DeepZoomGenerator

from benchmarks.measured import Measured
from benchmarks.tile_viewers import VIEWERS, crowd
from countersign.ground.imaging import Readers, TileService, open_slide
from countersign.ground.imaging.generated import Repeated, draw_ihc, write_tiff
from countersign.ground.imaging.tiles.service import QUALITY

WIDTH, HEIGHT, TISSUE, FIELD = 20_480, 15_360, 0.5, 2048
TILES, ROUNDS = 600, 3
Place = tuple[int, int, int]


def measure(_data: Path | None) -> Measured:
    """A generated slide of 20,480 × 15,360 pixels, JPEG tiles of 256, levels 1, 4, 16, 64."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        path = Path(folder) / "slide.tif"
        field = draw_ihc(1, FIELD, FIELD, 0.25, 0.3, wrap=True)
        write_tiff(Repeated(field, WIDTH, HEIGHT, TISSUE, 1), path)
        rows, figures = throughput(path)
        calm = crowd(path, analysis=False)
        busy = crowd(path, analysis=True)
    figures["p95_ms"] = round(busy.quantile(0.95), 1)
    figures["p95_calm_ms"] = round(calm.quantile(0.95), 1)
    for name, seen in (("calm", calm), ("while an analysis runs", busy)):
        rows.append(
            (
                f"{VIEWERS} viewers, {name}",
                seen.rate,
                "",
                seen.quantile(0.5),
                seen.quantile(0.95),
                seen.quantile(0.99),
                seen.analysed,
            )
        )
    return Measured(
        columns=("what", "tiles/s", "peer, tiles/core-s", "p50 ms", "p95 ms", "p99 ms", "Mpx/s"),
        rows=rows,
        figures=figures,
        notes=(
            "first rows: tiles a second of one core's processor time, the same places for both, "
            "nothing kept of what was made; the peer is OpenSlide's DeepZoomGenerator with tiles "
            f"of 256 without overlap and Pillow's JPEG of quality {QUALITY}",
            "tiles that are made are decoded by processes apart, as in the product; their "
            "processor time counts as ours (it is told in hundredths of a second)",
            "a mixed walk asks for every halving alike; the file stores every second one, so that "
            "half of the levels are handed on and half are made",
            "viewers: one server process, HTTP/1.1, 6 connections each, a view about every second, "
            "no sign-in, rights or TLS; a wait is from the request to the last byte of a tile",
            "the analysis: two processes of nice 10 that decode tiles at a quarter of the scale, "
            "separate two stains and look for spots (Mpx/s are those of the stored slide); server, "
            "viewers and analysis share the machine",
        ),
    )


def throughput(path: Path) -> tuple[list[tuple[object, ...]], dict[str, float]]:
    """Rows and figures of the tiles that a core-second gives."""
    readers = Readers()
    service = TileService(readers.open, kept=0)
    ladder = service.description(path)["levels"]
    stored = {round(level.downsample) for level in open_slide(path).levels}
    peer = Peer(path, len(ladder))
    kinds = {
        "a mixed walk": list(range(len(ladder))),
        "stored tiles, handed on": [
            n for n, level in enumerate(ladder) if level["downsample"] in stored
        ],
        "tiles made between the levels": [
            n for n, level in enumerate(ladder) if level["downsample"] not in stored
        ],
    }
    rows: list[tuple[object, ...]] = []
    figures: dict[str, float] = {}
    for number, (name, levels) in enumerate(kinds.items()):
        places = _places(random.Random(number), ladder, levels)
        ours, theirs = _together(places, lambda *at: service.tile(path, *at), peer.tile)
        rows.append((name, ours, theirs, "", "", "", ""))
        if number == 0:
            figures = {
                "ratio_openslide": round(ours / theirs, 1),
                "tiles_per_core_s": round(ours),
                "openslide_tiles_per_core_s": round(theirs),
            }
        elif number == 2:
            figures["ratio_made"] = round(ours / theirs, 1)
    service.close()
    readers.close()
    return rows, figures


class Peer:
    """Tiles as a server on OpenSlide makes them."""

    def __init__(self, path: Path, levels: int) -> None:
        slide = openslide.OpenSlide(path)
        self._tiles = DeepZoomGenerator(slide, tile_size=256, overlap=0, limit_bounds=False)
        self._skipped = self._tiles.level_count - levels

    def tile(self, level: int, column: int, row: int) -> bytes:
        out = io.BytesIO()
        picture = self._tiles.get_tile(level + self._skipped, (column, row))
        picture.save(out, "JPEG", quality=QUALITY)
        return out.getvalue()


def _places(chance: random.Random, ladder: list[dict[str, int]], levels: list[int]) -> list[Place]:
    """As many of each level; whole tiles and those at the edge as they come."""
    found: list[Place] = []
    for number in range(TILES):
        level = levels[number % len(levels)]
        said = ladder[level]
        found.append((level, chance.randrange(said["columns"]), chance.randrange(said["rows"])))
    return found


def _together(
    places: list[Place], ours: Callable[..., bytes], theirs: Callable[..., bytes]
) -> tuple[float, float]:
    """Tiles a core-second of each; the two take turns."""
    spent = [0.0, 0.0]
    for round_ in range(ROUNDS + 1):
        for which, tile in enumerate((ours, theirs)):
            started = _processor()
            for place in places:
                tile(*place)
            if round_:  # the first warms caches
                spent[which] += _processor() - started
    return tuple(ROUNDS * len(places) / one for one in spent)  # type: ignore[return-value]


def _processor() -> float:
    """Seconds of this process and of those that decode for it."""
    times = [one.cpu_times() for one in psutil.Process().children()]
    return time.process_time() + sum(one.user + one.system for one in times)
