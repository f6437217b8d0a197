"""A whole Ki-67 slide, 80,000 × 60,000 and a quarter tissue, from file to figures, two cores."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import simplejpeg

from benchmarks.measured import Measured
from countersign.ground import imaging
from countersign.ground.imaging import Slide
from countersign.rooms.pathology.domain.measured import Nuclei, Plan
from countersign.rooms.pathology.inference.ki67 import Ki67

SIZE, HALF, SMALL = (80_000, 60_000), (40_000, 30_000), (20_000, 15_000)
"""The smaller two have a quarter and a sixteenth of the area, for formats that decode slowly: the
straight line through both says what a slide costs once and what its area costs."""

ROUNDS = 3
"""Runs beside each other, ours and decoding alone in turn; of each the quickest counts."""

FIELD, MPP, SHARE, CORES = 4096, 0.25, 0.25, 2


NOTES = (
    "processor time of one process over all rectangles, halved over two cores: no other work on "
    "them, no encryption or storing of results",
    "decoding alone: each stored JPEG tile of the rectangles once, at a quarter scale",
    "best of three runs in turn; other formats: a line through a quarter and a sixteenth of the "
    "area, so that what a slide costs once counts once",
)

Row = tuple[str, float | None, float | None]
"""What was measured, its core-seconds, those of decoding alone."""


def measure(_data: Path | None) -> Measured:
    """Processor seconds of plan, rectangles and figures in one process, as two of them would."""
    from countersign.ground.imaging.generated import Repeated, draw_ihc, write_tiff

    cv2.setNumThreads(1)
    field = draw_ihc(5, FIELD, FIELD, MPP, 0.25, wrap=True)

    def sheet(size: tuple[int, int], *levels: int) -> Any:
        return Repeated(field, *size, SHARE, seed=3, downsamples=levels)

    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as place:
        plain = Path(place) / "plain.tif"
        write_tiff(sheet(SIZE, 1, 16, 64), plain)
        _run(plain)
        pairs = [(_run(plain), _decoded(plain)) for _ in range(ROUNDS)]
        warm, decoded = (min(one) for one in zip(*pairs, strict=True))
        _forget(plain)
        began = time.perf_counter()
        cold = _run(plain)
        waited = time.perf_counter() - began
        rows: list[Row] = [
            ("JPEG, no level between 1 and 16", warm, decoded),
            (f"the same from a cold cache ({waited:.1f} s on the clock)", cold, None),
            *_others(Path(place), sheet),
        ]
    return Measured(
        columns=("slide", "core-seconds", "slides a day, two cores", "decoding alone"),
        rows=[(name, _short(used), _a_day(used), _short(alone)) for name, used, alone in rows],
        figures={
            "per_day": round(86_400 * CORES / warm),
            "core_s": round(warm, 2),
            "decode_ratio": round(warm / decoded, 2),
        },
        notes=NOTES,
    )


def _others(folder: Path, sheet: Callable[..., Any]) -> list[Row]:
    """Other formats, from two smaller sizes."""
    found: list[Row] = []
    for name, write in _formats(folder, sheet).items():
        small, half = (_best(write(size)) for size in (SMALL, HALF))
        once, area = _line(small, half)
        said = f"{name} ({once:.2f} s once, {area:.2f} s for its area)"
        found.append((said, once + area, None))
    return found


def _formats(
    folder: Path, sheet: Callable[..., Any]
) -> dict[str, Callable[[tuple[int, int]], Path]]:
    """What writes a slide of a size, by format."""
    from countersign.ground.imaging.generated import Coding, write_dicom, write_tiff

    def svs(size: tuple[int, int]) -> Path:
        write_tiff(sheet(size, 1, 4, 16), folder / f"{size[0]}.svs", aperio=True)
        return folder / f"{size[0]}.svs"

    def wavelets(size: tuple[int, int]) -> Path:
        place = folder / f"wavelets {size[0]}.svs"
        write_tiff(sheet(size, 1, 4, 16), place, Coding.JPEG_2000, aperio=True)
        return place

    def bare_wavelets(size: tuple[int, int]) -> Path:
        write_tiff(sheet(size, 1, 16), folder / f"{size[0]}.tif", Coding.JPEG_2000)
        return folder / f"{size[0]}.tif"

    def dicom(size: tuple[int, int]) -> Path:
        place = folder / f"dicom {size[0]}"
        place.mkdir()
        return write_dicom(sheet(size, 1, 4, 16), place, 1)[0]

    return {
        "SVS with a level of a quarter": svs,
        "SVS of JPEG 2000 with a level of a quarter": wavelets,
        "JPEG 2000, no level between 1 and 16": bare_wavelets,
        "DICOM with a level of a quarter": dicom,
    }


def _best(path: Path) -> float:
    return min(_run(path) for _ in range(ROUNDS))


def _line(small: float, half: float) -> tuple[float, float]:
    """What a slide costs once and what the whole area costs, by the line through both sizes."""
    sixteenth = (half - small) / 3
    return small - sixteenth, 16 * sixteenth


def _short(seconds: float | None) -> str:
    return f"{seconds:.2f}" if seconds else "–"


def _a_day(used: float | None) -> str:
    return f"{86_400 * CORES / used:,.0f}" if used else "–"


def _run(path: Path) -> float:
    """Processor seconds from the file to the figures."""
    analysis = Ki67()
    began = time.process_time()
    slide = imaging.open_slide(path)
    plan = analysis.plan(slide)
    nuclei = Nuclei.joined([analysis.measure(slide, plan, tile) for tile in plan.tiles])
    analysis.finish(slide, plan, nuclei)
    slide.close()
    return time.process_time() - began


def _decoded(path: Path) -> float:
    slide = imaging.open_slide(path)
    wanted = _stored(slide, Ki67().plan(slide))
    began = time.process_time()
    for column, row in wanted:
        tile = slide.stored_tile(0, column, row)
        if tile:
            simplejpeg.decode_jpeg(tile, min_factor=4, min_width=64, min_height=64)
    used = time.process_time() - began
    slide.close()
    return used


def _stored(slide: Slide, plan: Plan) -> list[tuple[int, int]]:
    """Stored tiles that the rectangles touch, without their margins."""
    wide, high = slide.levels[0].tile_width, slide.levels[0].tile_height
    found = {
        (column, row)
        for tile in plan.tiles
        for row in range(tile.y // high, (tile.y + tile.height - 1) // high + 1)
        for column in range(tile.x // wide, (tile.x + tile.width - 1) // wide + 1)
    }
    return sorted(found, key=lambda one: (one[1], one[0]))


def _forget(path: Path) -> None:
    """Takes the file out of the system's cache."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
