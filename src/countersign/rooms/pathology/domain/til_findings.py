"""Everything said of tumour infiltration on one slide, from nuclei, tissue and regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.front import (
    WIDTH,
    Front,
    front_regions,
    invasive_front,
)
from countersign.rooms.pathology.domain.measured import Findings, Nuclei, NucleusType, Region
from countersign.rooms.pathology.domain.til import StromalTils, density, stroma_of, stromal_tils
from countersign.rooms.pathology.domain.tissue import (
    Cells,
    Classing,
    TissueClass,
    tissue_classes,
    tumour_mask,
    tumour_regions,
)
from countersign.rooms.pathology.domain.tissue_grid import Mask, outlines, raster

LEAST_STROMA_MM2 = 0.5
LEAST_CELLS = 50
APART = 10.0
"""Points of a hundred between the two methods beyond which they disagree: the step in which
pathologists commonly round the figure (Salgado et al. 2015: nearest 5 to 10 %)."""

UNTYPED = 0.2
"""Share of untyped nuclei beyond which the figure is called uncertain."""


@dataclass(frozen=True, slots=True)
class Infiltration:
    """The findings with what the viewer shows beside them: ``classes`` uint8 (rows, columns) of
    the cells' grid, with what is left out; the masks of the front without it; and the two forms of
    the TIL figure."""

    findings: Findings
    classes: NDArray[np.uint8]
    front: Front
    tils: StromalTils


def infiltration(
    nuclei: Nuclei,
    cells: Cells,
    drawn: Sequence[Region] = (),
    artefacts: Sequence[Region] = (),
    classing: Classing | None = None,
    width: float = WIDTH,
) -> Infiltration:
    """Recomputed whole whenever a region is redrawn or a nucleus flipped.

    ``drawn`` are the pathologist's regions; where there is one of kind ``tumour``, it replaces the
    program's outline of the tumour, and those ``excluded`` are left out. Others are notes. What is
    left out counts in no figure of tumour, stroma, necrosis and front and is not outlined as any
    of them, but the front is found as if it were not: its edge is no border of the tumour.
    """
    grid = cells.grid
    classes = tissue_classes(nuclei, cells, classing)
    by_hand = [one for one in drawn if one.kind == "tumour"]
    left_out = raster([*artefacts, *(one for one in drawn if one.kind == "excluded")], grid)
    inside = raster(by_hand, grid) & cells.tissue if by_hand else tumour_mask(classes, grid)
    regions = tuple(by_hand) if by_hand else tumour_regions(classes, grid)
    front = invasive_front(inside, cells.tissue, grid, width).without(left_out)
    inside &= ~left_out
    counted = np.where(left_out, np.uint8(TissueClass.BACKGROUND), classes)
    tils = stromal_tils(nuclei, stroma_of(counted, inside), cells)
    figures = _figures(nuclei, cells, counted, inside, front, tils)
    findings = Findings(
        figures=figures,
        regions=(*regions, *_areas(counted, inside, cells), *front_regions(front, grid)),
        limits=_limits(nuclei, figures, tils, drawn=bool(by_hand)),
        second=_second(tils),
    )
    return Infiltration(findings, classes, front, tils)


def _figures(
    nuclei: Nuclei,
    cells: Cells,
    classes: NDArray[np.uint8],
    inside: Mask,
    front: Front,
    tils: StromalTils,
) -> dict[str, Any]:
    grid = cells.grid
    area = {one: float((classes == one).sum()) * grid.cell_mm2 for one in TissueClass}
    nests = inside & (classes == TissueClass.TUMOUR)
    known = bool(inside.any())  # nothing was counted where there is no tumour
    return {
        "til_percent": _round(tils.percent),
        "til_low": _round(tils.low),
        "til_high": _round(tils.high),
        "til_cells": tils.cells if known else None,
        "stroma_mm2": round(tils.stroma_mm2, 3) if known else None,
        "tumour_mm2": round(float(inside.sum()) * grid.cell_mm2, 3),
        "tissue_mm2": round(float(cells.tissue.sum()) * grid.cell_mm2, 3),
        "necrosis_mm2": round(area[TissueClass.NECROSIS], 3),
        "front_width_um": front.width,
        "density_centre": _round(density(nuclei, front.centre, grid)),
        "density_inner_front": _round(density(nuclei, front.inner, grid)),
        "density_outer_front": _round(density(nuclei, front.outer, grid)),
        "density_nests": _round(density(nuclei, nests, grid)),
    }


def _areas(classes: NDArray[np.uint8], inside: Mask, cells: Cells) -> tuple[Region, ...]:
    """Stroma inside the tumour, and necrosis."""
    stroma = outlines(inside & (classes == TissueClass.STROMA), cells.grid, "stroma", 0.005)
    dead = outlines(classes == TissueClass.NECROSIS, cells.grid, "necrosis", 0.005)
    return (*stroma, *dead)


def _limits(
    nuclei: Nuclei, figures: dict[str, Any], tils: StromalTils, *, drawn: bool
) -> tuple[dict[str, Any], ...]:
    found: list[dict[str, Any]] = [{"code": "til-not-validated"}]
    if figures["tumour_mm2"] == 0:
        found.append({"code": "no-tumour-region"})
    elif not drawn:
        found.append({"code": "region-by-program"})
    if tils.stroma_mm2 < LEAST_STROMA_MM2:
        found.append({"code": "little-stroma", "mm2": round(tils.stroma_mm2, 3)})
    if tils.cells < LEAST_CELLS:
        found.append({"code": "few-inflammatory-cells", "cells": tils.cells})
    untyped = float((nuclei.type == NucleusType.UNTYPED).mean()) if len(nuclei) else 0.0
    if untyped > UNTYPED:
        found.append({"code": "untyped-nuclei", "share": round(untyped, 3)})
    second = tils.second
    if second is not None and disagree(tils):
        said = {"first": _round(second.ours), "second": _round(second.percent)}
        found.append({"code": "methods-disagree", **said})
    if second is not None:
        found.append({"code": "second-til-in-part", "mm2": round(second.mm2, 2)})
    elif tils.percent is not None:
        found.append({"code": "no-second-til"})
    return tuple(found)


def _second(tils: StromalTils) -> dict[str, Any]:
    """What ``til_second`` says, beside the first method on the same stroma."""
    one = tils.second
    return {
        "method": "small round dark spots in red light",
        "til_percent": None if one is None else _round(one.percent),
        "til_ours": None if one is None else _round(one.ours),
        "til_mm2": 0.0 if one is None else round(one.mm2, 3),
    }


def disagree(tils: StromalTils) -> bool:
    """Whether the two opinions on the same stroma lie further apart than pathologists round."""
    return tils.second is not None and abs(tils.second.ours - tils.second.percent) > APART


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
