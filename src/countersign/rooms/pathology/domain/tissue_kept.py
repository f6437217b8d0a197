"""The raster of tissue as it is kept with a result, so that infiltration can be counted again."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import Any

import numpy as np

from .tissue import Cells
from .tissue_grid import Grid

STEP = 1 / 64
"""Optical density of haematoxylin in which the raster is kept; nothing above 255 steps."""


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
    return made


def cells_from(kept: dict[str, Any]) -> Cells:
    """The raster again. Raises ValueError, KeyError, TypeError where it is not one."""
    x, y, cell, rows, columns, mpp = kept["grid"]
    grid = Grid(float(x), float(y), float(cell), int(rows), int(columns), float(mpp))
    many = grid.rows * grid.columns
    bits = np.frombuffer(_bytes(kept["tissue"]), np.uint8)
    tissue = np.unpackbits(bits, count=many).astype(bool).reshape(grid.rows, grid.columns)
    if "haematoxylin" not in kept:
        return Cells(grid, tissue)
    steps = np.frombuffer(_bytes(kept["haematoxylin"]), np.uint8).reshape(tissue.shape)
    return Cells(grid, tissue, steps.astype(np.float32) * np.float32(STEP))


def _text(raw: bytes) -> str:
    return b64encode(zlib.compress(raw, 6)).decode()


def _bytes(text: str) -> bytes:
    return zlib.decompress(b64decode(text))
