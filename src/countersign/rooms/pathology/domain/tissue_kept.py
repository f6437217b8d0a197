"""The raster of tissue as it is kept with a result, so that infiltration can be counted again."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import Any

import numpy as np

from .tissue import Cells, Floats
from .tissue_grid import Grid, Mask

STEP = 1 / 64
"""Optical density of haematoxylin in which the raster is kept; nothing above 255 steps."""

WHOLE = 200
"""Steps of the share of a cell."""


def kept_of(cells: Cells) -> dict[str, Any]:
    """JSON of a raster: its place, its tissue as bits and its haematoxylin as bytes."""
    grid = cells.grid
    made: dict[str, Any] = {
        "grid": [grid.x, grid.y, grid.cell, grid.rows, grid.columns, grid.mpp],
        "tissue": _text(np.packbits(cells.tissue).tobytes()),
    }
    if cells.haematoxylin is not None:
        steps = np.clip(np.round(cells.haematoxylin / STEP), 0, 255).astype(np.uint8)
        made["haematoxylin"] = _text(steps.tobytes())
    if cells.looked is not None and cells.dark is not None:
        made["looked"] = _text(np.packbits(cells.looked).tobytes())
        made["dark"] = _text(np.round(cells.dark * WHOLE).astype(np.uint8).tobytes())
    return made


def cells_from(kept: dict[str, Any]) -> Cells:
    """The raster again. Raises ValueError, KeyError, TypeError where it is not one."""
    x, y, cell, rows, columns, mpp = kept["grid"]
    grid = Grid(float(x), float(y), float(cell), int(rows), int(columns), float(mpp))
    many = grid.rows * grid.columns

    def mask(name: str) -> Mask:
        bits = np.frombuffer(_bytes(kept[name]), np.uint8)
        return np.unpackbits(bits, count=many).astype(bool).reshape(grid.rows, grid.columns)

    def shares(name: str, step: float) -> Floats:
        steps = np.frombuffer(_bytes(kept[name]), np.uint8).reshape(grid.rows, grid.columns)
        return steps.astype(np.float32) * np.float32(step)

    haematoxylin = shares("haematoxylin", STEP) if "haematoxylin" in kept else None
    if "looked" not in kept:
        return Cells(grid, mask("tissue"), haematoxylin)
    return Cells(grid, mask("tissue"), haematoxylin, mask("looked"), shares("dark", 1 / WHOLE))


def _text(raw: bytes) -> str:
    return b64encode(zlib.compress(raw, 6)).decode()


def _bytes(text: str) -> bytes:
    return zlib.decompress(b64decode(text))
