"""Ki-67 on a whole slide: planned on the tissue, measured nucleus by nucleus, summed up."""

from __future__ import annotations

from math import log2
from pathlib import Path
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Slide
from countersign.rooms.pathology.domain import ki67, ki67_plan, stain
from countersign.rooms.pathology.domain.hotspot import Spot, spots
from countersign.rooms.pathology.domain.hscore import GRADES
from countersign.rooms.pathology.domain.kernel import Found, detect
from countersign.rooms.pathology.domain.kernel_scratch import Scratch
from countersign.rooms.pathology.domain.ki67_scale import Scale, scale_of
from countersign.rooms.pathology.domain.ki67_second import opinion, sharpness
from countersign.rooms.pathology.domain.measured import (
    Findings,
    Nuclei,
    NucleusType,
    Plan,
    Tile,
)
from countersign.rooms.pathology.domain.tumour import features

from . import versions
from .errors import Unmeasurable
from .ki67_artefacts import blurred, seen
from .ki67_model import MODEL, digest, load

OVERVIEW = 8.0
"""µm a pixel of the overview, or nearly so."""

COARSEST = 1.3
"""µm of a slide's own pixels beyond which nuclei cannot be told apart."""

MARGIN = 32.0
"""µm read around a rectangle: background reaches 26, neighbours 20, half a nucleus 10."""

PATCHES, PATCH = 12, 256.0
"""How many places, of how many µm a side, show the stains, the focus and the second opinion."""

BLURRED, BLURRED_RESIZED = 0.16, 0.15
"""Sharpness on the working grid, of one micrometre, below which a place is out of focus; where
pixels were resized to it, which takes so much of the finest detail (decision 0109)."""

SPOILT = 0.01
"""Share of the tissue under ink or in folds from which an answer says so."""

APART = 0.05
"""Difference between two methods' indices that is called disagreement, where it is also more than
a quarter of the larger."""


class Ki67:
    """The analysis ``ki67``. ``model`` is the file of the classifier of nuclei."""

    name = "ki67"

    def __init__(self, model: Path = MODEL) -> None:
        """Raises ValueError where the model was made for other features."""
        self._trees = load(model)
        self._tables: dict[str, Any] = {}
        self.version = f"{versions.KI67}.{digest(model)}"

    def plan(self, slide: Slide) -> Plan:
        """White point and tissue on an overview, stains and focus in some places, rectangles."""
        mpp = _mpp(slide)
        base = slide.levels[0]
        scale = max(1.0, float(2 ** round(log2(OVERVIEW / mpp))))
        overview = slide.region(0, 0, base.width, base.height, scale)
        white = stain.white_point(overview[::4, ::4])
        mask = ki67_plan.tissue_of(overview, white, mpp * scale)
        if not mask.any():
            raise Unmeasurable(reason="no-tissue")
        side = max(1, round(PATCH / (mpp * scale)))
        places = [
            (round(x * scale) // 64 * 64, round(y * scale) // 64 * 64)
            for x, y in ki67_plan.spread(mask, PATCHES, side)
        ]
        working = scale_of(mpp)
        stains, sharp = _looked(slide, places, white, mpp, working)
        spoilt = seen(overview, mask, white, mpp, mpp * scale)
        least = BLURRED if working.as_read else BLURRED_RESIZED
        poor = [one < least for one in sharp]
        cell = _cell(base.tile_width, base.tile_height, mpp, working.corner)
        margin = -(-round(MARGIN / mpp) // working.corner) * working.corner
        grid = ki67_plan.Grid(cell, margin % cell, max(1, round(2048 / (cell * mpp))))
        return Plan(
            self.name,
            self.version,
            mpp,
            tuple(
                Tile(one.number, one.x, one.y, one.width, one.height, margin)
                for one in ki67_plan.tiles(mask, scale, (base.width, base.height), grid)
            ),
            ki67_plan.outlines(mask, scale),
            (*spoilt.regions, *blurred(places, poor, PATCH / mpp)),
            {
                "scale": list(working),
                "white": list(stains.white),
                "first": list(stains.first),
                "second": list(stains.second),
                "limits": list(stains.limits),
                "places": [list(one) for one in places],
                "blurred": round(sum(poor) / max(len(poor), 1), 3),
                "pen": round(spoilt.pen, 4),
                "fold": round(spoilt.fold, 4),
                "sharpness": round(float(np.median(sharp)), 4) if sharp else 0.0,
                "tissue_mm2": float(mask.sum()) * (mpp * scale) ** 2 / 1e6,
            },
        )

    def measure(self, slide: Slide, plan: Plan, tile: Tile) -> Nuclei:
        """The nuclei whose centres lie in ``tile``, each with its probability of being tumour."""
        working, margin = Scale(*plan.kept["scale"]), tile.margin
        left, top = tile.x - margin, tile.y - margin
        size = tile.width + 2 * margin, tile.height + 2 * margin
        rgb, um = _read(slide, (left, top), size, working), plan.mpp * working.step
        found = detect(rgb, self._table(plan), um, scratch=_scratch())
        tumour = self._trees.chances(features(found, um))
        return _nuclei(found, tumour, tile, (left, top), working.step, plan.mpp)

    def finish(self, slide: Slide, plan: Plan, nuclei: Nuclei) -> Findings:
        """Index of all tumour nuclei, hotspots, classes; a second method on some places."""
        counted = ki67.counted(nuclei, ki67.Rules(), ki67.Corrected(), plan.mpp)
        hot = spots(nuclei, counted.kinds, plan.mpp)
        second = _second(slide, plan, nuclei)
        figures: dict[str, Any] = {
            **ki67.said(counted.whole, counted.whole.interval),
            "threshold": GRADES[0],
            "grades": list(GRADES),
            "cutoff": ki67.CUTOFF,
            "nuclei": len(nuclei),
            "other_nuclei": int((counted.kinds == ki67.OTHER).sum()),
            "tissue_mm2": round(float(plan.kept["tissue_mm2"]), 3),
            "quality": _quality(plan, nuclei, counted.kinds),
            "hotspots": [_spot(one) for one in hot],
        }
        if hot:
            figures.update(ki67.said(hot[0].count, hot[0].interval, "hotspot_"))
        limits = [*plan.kept["limits"], *ki67.limits_of(counted)]
        if not hot:
            limits.append({"code": "no-hotspot", "least": ki67.FEWEST})
        if plan.kept["blurred"] > 0:
            limits.append({"code": "focus", "share": plan.kept["blurred"]})
        if plan.kept["pen"] + plan.kept["fold"] >= SPOILT:
            limits.append({"code": "pen-or-fold"})
        if second.get("disagrees"):
            said = {"first": second["ours"], "second": second["index"]}
            limits.append({"code": "methods-disagree", **said})
        regions = tuple(one.region for one in hot)
        return Findings(figures, regions, tuple(limits), second)

    def _table(self, plan: Plan) -> Any:
        kept = plan.kept
        key = repr((kept["white"], kept["first"], kept["second"]))
        if key not in self._tables:
            self._tables.clear()
            self._tables[key] = stain.table(_stains(plan))
        return self._tables[key]


_own = local()


def _scratch() -> Scratch:
    """Each thread's own memory for planes."""
    if not hasattr(_own, "scratch"):
        _own.scratch = Scratch()
    return _own.scratch


def _read(
    slide: Slide, corner: tuple[int, int], size: tuple[int, int], scale: Scale
) -> NDArray[np.uint8]:
    """The rectangle of ``size`` level-0 pixels, width and height, on the working grid."""
    wide, high = (scale.asked(one) for one in size)
    return scale.resized(slide.region(*corner, wide, high, float(scale.down)))


def _mpp(slide: Slide) -> float:
    if slide.mpp is None:
        raise Unmeasurable(reason="no-pixel-size")
    across, down = slide.mpp
    if not 0.05 < across <= COARSEST or not 0.9 < across / down < 1.1:
        raise Unmeasurable(reason="pixel-size")
    return across


def _cell(width: int, height: int, mpp: float, corner: int) -> int:
    """A cell's side: about 256 µm, made of whole stored tiles where these are square, and a
    multiple of ``corner`` level-0 pixels."""
    wanted = max(corner, round(256 / mpp) // corner * corner)
    if width == height and 0 < width <= 4096 and width % corner == 0:
        return max(1, round(wanted / width)) * width
    return wanted


def _stains(plan: Plan) -> stain.Stains:
    white, first, second = (plan.kept[name] for name in ("white", "first", "second"))
    return stain.Stains(tuple(white), tuple(first), tuple(second))


def _looked(
    slide: Slide, places: list[tuple[int, int]], white: stain.Vector, mpp: float, scale: Scale
) -> tuple[stain.Stains, list[float]]:
    """The stains of some places together, and how sharp each of them is."""
    side = round(PATCH / mpp / 64) * 64
    looked = [_read(slide, one, (side, side), scale) for one in places]
    sharp = [sharpness(one) for one in looked]
    stains = stain.estimated(
        np.concatenate([one[::2, ::2].reshape(-1, 3) for one in looked]), white
    )
    return stains, sharp


def _nuclei(
    found: Found,
    tumour: Any,
    tile: Tile,
    origin: tuple[int, int],
    scale: float,
    mpp: float,
) -> Nuclei:
    """Those whose centres lie in the tile, in level-0 pixels."""
    x = (found.column("x").astype(np.float64) + 0.5) * scale + origin[0] - 0.5
    y = (found.column("y").astype(np.float64) + 0.5) * scale + origin[1] - 0.5
    own = (x >= tile.x) & (x < tile.x + tile.width) & (y >= tile.y) & (y < tile.y + tile.height)
    rows = np.flatnonzero(own)
    contrast = found.column("contrast")[rows]
    is_tumour = tumour[rows] >= np.float32(ki67.CUTOFF)
    return Nuclei(
        x=x[rows].astype(np.float32),
        y=y[rows].astype(np.float32),
        area=(found.column("area")[rows] * np.float32((scale * mpp) ** 2)).astype(np.float32),
        stain=found.column("dab")[rows],
        haematoxylin=found.column("haematoxylin")[rows],
        tumour=tumour[rows],
        type=np.where(is_tumour, NucleusType.TUMOUR, NucleusType.OTHER).astype(np.uint8),
        score=np.clip(contrast / 80, 0, 1).astype(np.float32),
    )


def _spot(one: Spot) -> dict[str, Any]:
    x, y = one.centre or (None, None)
    return {"x": x, "y": y, "diameter_um": one.diameter, **ki67.said(one.count, one.interval)}


def _quality(plan: Plan, nuclei: Nuclei, kinds: NDArray[np.uint8]) -> dict[str, Any]:
    """What the control chart and the rules for another scan take of this slide."""
    pen, fold = plan.kept["pen"], plan.kept["fold"]
    spoilt = round(min(1.0, plan.kept["blurred"] + pen + fold), 4)
    values = {**_strength(nuclei, kinds), "artefacts": spoilt}
    return {"values": values, "pen": pen, "fold": fold}


def _strength(nuclei: Nuclei, kinds: NDArray[np.uint8]) -> dict[str, float]:
    """How strongly nuclei are stained, for the control chart: haematoxylin of the negative ones,
    DAB of the positive ones among the tumour's."""
    tumour = kinds < ki67.OTHER
    positive = tumour & (kinds > 0)
    columns = (
        ("haematoxylin", nuclei.haematoxylin[tumour & ~positive]),
        ("second", nuclei.stain[positive]),
    )
    return {name: round(float(one.mean()), 4) for name, one in columns if len(one)}


def _second(slide: Slide, plan: Plan, nuclei: Nuclei) -> dict[str, Any]:
    """What another method counts in the places that were looked at, beside the first there; both
    of all nuclei, tumour's or not."""
    side = round(PATCH / plan.mpp / 64) * 64
    scale = Scale(*plan.kept["scale"])
    white = tuple(plan.kept["white"])
    counts = np.zeros(4, np.int64)
    for x, y in plan.kept["places"]:
        rgb = _read(slide, (int(x), int(y)), (side, side), scale)
        said = opinion(rgb, white, plan.mpp * scale.step)
        here = (nuclei.x >= x) & (nuclei.x < x + side) & (nuclei.y >= y) & (nuclei.y < y + side)
        positive = int((nuclei.stain[here] >= np.float32(GRADES[0])).sum())
        counts += np.array([said.positive, said.total, positive, int(here.sum())])
    if not counts[1] or not counts[3]:
        return {"method": "local threshold and hue", "nuclei": int(counts[1])}
    index, ours = float(counts[0] / counts[1]), float(counts[2] / counts[3])
    apart = abs(index - ours)
    return {
        "method": "local threshold and hue",
        "of": "all nuclei in some places",
        "index": round(index, 4),
        "nuclei": int(counts[1]),
        "ours": round(ours, 4),
        "our_nuclei": int(counts[3]),
        "disagrees": bool(apart > APART and apart > 0.25 * max(index, ours)),
    }
