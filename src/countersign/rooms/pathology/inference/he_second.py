"""Looks at some squares of an H&E slide for the second opinion on stromal TILs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from countersign.ground.imaging import Slide
from countersign.rooms.pathology.domain import til_second
from countersign.rooms.pathology.domain.measured import Nuclei
from countersign.rooms.pathology.domain.til import occupied, stroma_of
from countersign.rooms.pathology.domain.tissue import Cells, tissue_classes, tumour_mask
from countersign.rooms.pathology.domain.tissue_grid import Mask

Square = tuple[int, int]


def looked_at(slide: Slide, nuclei: Nuclei, cells: Cells, white: float) -> Cells:
    """The raster with what small round dark spots cover in the squares that were looked at.

    Where to look follows the first opinion: first where it found stroma inside the tumour. What is
    seen there does not. ``white`` is the red of bare glass. Raises SlideDamaged.
    """
    grid, side = cells.grid, til_second.SQUARE
    classes = tissue_classes(nuclei, cells)
    squares = _squares(stroma_of(classes, tumour_mask(classes, grid)), cells.tissue)
    um = max(til_second.MICROMETRES, grid.mpp)
    seen = np.zeros_like(cells.tissue)
    pictures: list[til_second.Floats] = []
    for row, column in squares:
        seen[row * side : (row + 1) * side, column * side : (column + 1) * side] = True
        left, top = (round(one * side * grid.cell) for one in (column, row))
        wide = round(side * grid.cell)
        pixels = slide.region(left, top, wide, wide, max(1.0, um / grid.mpp))
        pictures.append(til_second.dark_in_red(pixels, white))
    of = til_second.span(pictures)
    found: list[til_second.Floats] = [np.zeros((0, 2), np.float32)]
    for (row, column), red in zip(squares, pictures, strict=True):
        scale = round(side * grid.cell) / red.shape[1]
        corner = np.array([column, row], np.float32) * np.float32(side * grid.cell)
        spots = til_second.lymphocytes(red, of, grid.mpp * scale)
        found.append(((spots + np.float32(0.5)) * np.float32(scale) + corner).astype(np.float32))
    x, y = np.concatenate(found).astype(np.float32).T
    return replace(cells, looked=seen, dark=occupied(x, y, seen, grid))


def _squares(stroma: Mask, tissue: Mask) -> list[Square]:
    """Evenly spread: those with stroma of the tumour, then others with tissue."""
    side = til_second.SQUARE
    first, second = (
        [(int(row), int(column)) for row, column in np.argwhere(_sums(mask, side) >= least)]
        for mask, least in ((stroma, 4), (tissue, side * side // 2))
    )
    chosen = _spread(first, til_second.SQUARES)
    others = [one for one in second if one not in set(first)]
    return sorted([*chosen, *_spread(others, til_second.SQUARES - len(chosen))])


def _sums(mask: Mask, side: int) -> np.ndarray:
    rows, columns = mask.shape
    padded = np.pad(mask, ((0, -rows % side), (0, -columns % side)))
    shape = (padded.shape[0] // side, side, padded.shape[1] // side, side)
    return padded.reshape(shape).sum(axis=(1, 3))


def _spread(squares: list[Square], most: int) -> list[Square]:
    if len(squares) <= most:
        return squares
    return [squares[(2 * at + 1) * len(squares) // (2 * most)] for at in range(most)]
