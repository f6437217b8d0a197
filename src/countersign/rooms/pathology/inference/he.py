"""Nuclei on H&E slides: found without training, or by a network that the hospital registered."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Slide
from countersign.rooms.pathology.domain import he_basins, he_figures, he_nuclei, he_overview
from countersign.rooms.pathology.domain.he_blobs import blobs
from countersign.rooms.pathology.domain.he_grouping import grouped, with_discs
from countersign.rooms.pathology.domain.he_maps import FINER, MPP
from countersign.rooms.pathology.domain.he_stain import Stain, estimate, separated
from countersign.rooms.pathology.domain.measured import (
    Findings,
    Nuclei,
    NucleusType,
    Plan,
    Tile,
)
from countersign.rooms.pathology.domain.nuclei_types import kinds_of
from countersign.rooms.pathology.domain.til_findings import infiltration
from countersign.rooms.pathology.domain.tissue_kept import cells_from, kept_of
from countersign.rooms.pathology.inference import versions
from countersign.rooms.pathology.inference.errors import Unmeasurable
from countersign.rooms.pathology.inference.he_glands import glands_on, network_of
from countersign.rooms.pathology.inference.he_network import OtherNetwork, halved, opened
from countersign.rooms.pathology.inference.he_second import looked_at
from countersign.rooms.pathology.inference.tissue import Stained, tissue_plan

Picture = NDArray[np.uint8]

SIDE, MARGIN = 512.0, 24.0
"""Micrometres of a tile and of what is read round it."""

OVERVIEW = 8.0
"""Micrometres of a pixel of the overview."""

SAMPLES, SECOND = 12, 6
"""Tiles from which the stain is estimated, and tiles that a second method counts."""

SPOILT = 0.01
"""Share of the tissue under ink, in folds or out of focus from which an answer says so."""

PARTS = 2
"""A network looks at tiles of a side so many times smaller: it sees finer, and needs memory."""


class HE:
    """The analysis ``he``. ``model`` is the file of a trained network for nuclei; None: without
    training. ``glands`` is that of a network for glands; None: what came with the software."""

    name = "he"

    def __init__(self, model: Path | None = None, glands: Path | None = None) -> None:
        """Raises BadNetwork, ValueError where a file holds no such network."""
        self._model = model
        self._parts = 1 if model is None else PARTS
        self._digest = "" if model is None else opened(model).digest
        self._kinds: list[str] = [] if model is None else opened(model).card["types"]
        self._glands = None if glands is None else network_of(glands)
        self._outlined_by = "" if glands is None else sha256(glands.read_bytes()).hexdigest()

    @property
    def version(self) -> str:
        """Of the method; ``+`` and twelve digits of the network for nuclei, an ``r`` before them
        where it learnt no kinds, ``+g`` and those of the one for glands, where the hospital
        trained them."""
        nuclei = f"+{'' if self._kinds else 'r'}{self._digest[:12]}" if self._digest else ""
        glands = f"+g{self._outlined_by[:12]}" if self._outlined_by else ""
        return f"{versions.HE}{nuclei}{glands}"

    def plan(self, slide: Slide) -> Plan:
        """Tissue, tiles and stain. Raises SlideDamaged, Unmeasurable."""
        if slide.mpp is None:
            raise Unmeasurable(reason="no-pixel-size")
        mpp = (slide.mpp[0] + slide.mpp[1]) / 2
        width, height = slide.levels[0].width, slide.levels[0].height
        downsample = max(1.0, OVERVIEW / mpp)
        overview = slide.region(0, 0, width, height, downsample)
        stain = estimate(overview)
        mask = he_overview.tissue_of(overview, stain.white, mpp * downsample)
        side, margin = max(1, round(SIDE / self._parts / mpp)), round(MARGIN / mpp)
        tiles = he_overview.tiled(mask, downsample, (width, height), side, margin)
        if not tiles:
            raise Unmeasurable(reason="no-tissue")
        stain, contrast = self._stained(slide, stain, _spread(tiles, SAMPLES * self._parts**2), mpp)
        return Plan(
            analysis=self.name,
            version=self.version,
            mpp=mpp,
            tiles=tiles,
            tissue=he_overview.outlined(mask, downsample),
            artefacts=(),
            kept={
                "white": list(stain.white),
                "vectors": [list(row) for row in stain.vectors],
                "estimated": stain.estimated,
                "contrast": contrast,
                "tissue_mm2": float(mask.sum()) * (mpp * downsample / 1000) ** 2,
                "network": self._digest,
            },
        )

    def measure(self, slide: Slide, plan: Plan, tile: Tile) -> Nuclei:
        """The nuclei of one tile. Raises SlideDamaged, BadNetwork, OtherNetwork."""
        if plan.kept["network"] != self._digest:
            raise OtherNetwork
        step = _step(plan.mpp)
        if self._model is None:
            image = _read(slide, tile, tile.margin, step)
            haematoxylin, eosin = separated(image, _stain(plan))
            labels = he_basins.nuclei(haematoxylin, plan.kept["contrast"])
            seen = he_nuclei.shapes(labels, haematoxylin, eosin)
            kinds, tumour = _by_rule(seen, plan.mpp * step)
            score = np.clip(seen.haematoxylin / (2 * plan.kept["contrast"]), 0, 1)
            return he_nuclei.columns_of(seen, kinds, tumour, score, tile, plan.mpp * step, step)
        network = opened(self._model)
        fine = _read(slide, tile, tile.margin, step / FINER, cv2.INTER_CUBIC)
        haematoxylin, eosin = separated(halved(fine), _stain(plan))
        found = with_discs(grouped(network.maps(fine), network.grouping))
        seen = he_nuclei.shapes(found.labels, haematoxylin, eosin)
        rows = seen.number - 1
        if self._kinds:
            kinds, tumour = kinds_of(found.types[rows])
        else:  # it draws kinds all the same, any
            kinds, tumour = _by_rule(seen, plan.mpp * step)
        score = found.scores[rows]
        return he_nuclei.columns_of(seen, kinds, tumour, score, tile, plan.mpp * step, step)

    def finish(self, slide: Slide, plan: Plan, nuclei: Nuclei) -> Findings:
        """Counts, infiltration, artefacts; how many nuclei a second method counts. Raises
        SlideDamaged."""
        first, second = (tuple(row) for row in plan.kept["vectors"])
        seen = tissue_plan(slide, plan.mpp, Stained(first, second), tuple(plan.kept["white"]))
        # What is kept is coarser; both counts, this one and any later one, rest on the same.
        raster = kept_of(looked_at(slide, nuclei, seen.cells, float(plan.kept["white"][0])))
        cells = cells_from(raster)
        said = infiltration(nuclei, cells, (), seen.artefacts.regions).findings
        limits = he_figures.limits_of(
            len(nuclei),
            plan.mpp,
            trained=bool(self._kinds),
            sees_tumour=NucleusType.TUMOUR.name.lower() in self._kinds,
            stain_known=plan.kept["estimated"],
        )
        counted = he_figures.figures_of(nuclei, plan.kept["tissue_mm2"])
        tumour = [one for one in said.regions if one.kind == "tumour"]
        own = self._glands is not None
        glands = glands_on(slide, plan, tumour, self._glands, own=own)
        counted |= glands.figures(plan.mpp)
        return Findings(
            figures={**said.figures, **counted, "quality": seen.kept(), "cells": raster},
            regions=(*said.regions, *seen.artefacts.regions, *glands.regions),
            limits=(*limits, *_spoilt(seen.artefacts.share), *said.limits, *glands.limits()),
            second={**said.second, "nuclei": self._second(slide, plan, nuclei)},
        )

    def _second(self, slide: Slide, plan: Plan, nuclei: Nuclei) -> dict[str, object]:
        tiles = _spread(plan.tiles, SECOND * self._parts**2)
        step = _step(plan.mpp)
        ours = others = 0
        for tile in tiles:
            image = _read(slide, tile, 0, step)
            haematoxylin, _ = separated(image, _stain(plan))
            others += len(blobs(haematoxylin, plan.kept["contrast"]))
            ours += int(
                (
                    (nuclei.x >= tile.x)
                    & (nuclei.x < tile.x + tile.width)
                    & (nuclei.y >= tile.y)
                    & (nuclei.y < tile.y + tile.height)
                ).sum()
            )
        return he_figures.compared("blobs", ours, others, len(tiles))

    def _stained(
        self, slide: Slide, rough: Stain, tiles: list[Tile], mpp: float
    ) -> tuple[Stain, float]:
        """The stain and the contrast of haematoxylin, from sampled tiles at full sharpness."""
        pictures = [_read(slide, tile, 0, _step(mpp)) for tile in tiles]
        pixels = np.concatenate([one.reshape(-1, 3) for one in pictures])[None, ::3]
        stain = estimate(pixels, rough.white)
        dense = separated(pixels, stain)
        stained = dense[0] + dense[1] > he_overview.FAINT
        return stain, he_basins.contrast_of(dense[0], stained)


def _spread(tiles: tuple[Tile, ...], most: int) -> list[Tile]:
    """At most so many of them, evenly apart."""
    if len(tiles) <= most:
        return list(tiles)
    return [tiles[(2 * number + 1) * len(tiles) // (2 * most)] for number in range(most)]


def _spoilt(share: float) -> tuple[dict[str, object], ...]:
    """The limit that artefacts were left out, where they are enough of the tissue."""
    return ({"code": "artefacts"},) if share >= SPOILT else ()


def _step(mpp: float) -> float:
    """Level-0 pixels of a pixel of the picture that is measured: as near to MPP as is needed."""
    step = MPP / mpp
    return 1.0 if 0.85 < step < 1.15 else step


def _by_rule(seen: he_nuclei.Shapes, mpp: float) -> tuple[NDArray[np.uint8], he_nuclei.Plane]:
    return he_nuclei.typed_by_rule(seen.pixels * np.float32(mpp**2), seen.long)


def _read(
    slide: Slide, tile: Tile, margin: int, step: float, way: int = cv2.INTER_LINEAR
) -> Picture:
    """RGB of a tile and its margin, ``step`` level-0 pixels a pixel; enlarged by
    ``way`` where it is less than one."""
    width, height = tile.width + 2 * margin, tile.height + 2 * margin
    image = slide.region(tile.x - margin, tile.y - margin, width, height, max(1.0, step))
    if step >= 1:
        return image
    size = (round(width / step), round(height / step))
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)


def _stain(plan: Plan) -> Stain:
    first, second = (tuple(row) for row in plan.kept["vectors"])
    return Stain(tuple(plan.kept["white"]), (first, second), plan.kept["estimated"])
