"""The second opinion on stromal TILs: spots of drawn slides, found without the first's nuclei."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from countersign.ground.imaging.generated.demonstration import Wanted, drawn
from countersign.rooms.pathology.domain import til_second
from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType, Region, Ring
from countersign.rooms.pathology.domain.til import occupied
from countersign.rooms.pathology.domain.til_findings import infiltration
from countersign.rooms.pathology.domain.tissue import Cells
from countersign.rooms.pathology.domain.tissue_grid import grid_over
from countersign.rooms.pathology.domain.tissue_kept import cells_from
from countersign.rooms.pathology.inference.he import HE
from countersign.rooms.pathology.inference.he_second import looked_at
from rooms.pathology.he_slide import PictureSlide

FIELD = drawn(Wanted("S1", "he", 0.45), 2029, (2000, 1500))
SLIDE = PictureSlide(FIELD.pixels, 0.5)


def test_it_finds_lymphocytes_and_hardly_a_tumour_cell_or_fibroblast() -> None:
    red = til_second.dark_in_red(FIELD.pixels, 240.0)
    found = til_second.lymphocytes(red, til_second.span([red]), 0.5)
    places = np.stack([FIELD.cells.x, FIELD.cells.y], axis=1)

    def share(kind: NucleusType) -> float:
        own = places[FIELD.cells.kind == kind]
        far = np.hypot(*(own[:, None] - found[None]).transpose(2, 0, 1)).min(axis=1)
        return float((far * 0.5 < 2.0).mean())

    assert share(NucleusType.INFLAMMATORY) > 0.7
    assert share(NucleusType.STROMAL) < 0.25 and share(NucleusType.TUMOUR) < 0.1


def test_it_covers_about_what_the_truth_covers_and_asks_no_nucleus() -> None:
    grid = grid_over(2000, 1500, 0.5, 32.0)
    tissue = np.ones((grid.rows, grid.columns), np.bool_)
    seen = looked_at(SLIDE, Nuclei.none(), Cells(grid, tissue), 240.0)
    assert seen.looked is not None and seen.dark is not None
    lymphocytes = FIELD.cells.kind == NucleusType.INFLAMMATORY
    x, y = (one[lymphocytes].astype(np.float32) for one in (FIELD.cells.x, FIELD.cells.y))
    truth = occupied(x, y, seen.looked, grid)
    held = seen.looked & (truth.sum() > 0)
    assert seen.dark[held].mean() == pytest.approx(truth[held].mean(), abs=0.06)
    assert np.corrcoef(seen.dark[held], truth[held])[0, 1] > 0.4


def test_first_nuclei_typed_wrongly_raise_the_alarm() -> None:
    analysis = HE()
    plan = analysis.plan(SLIDE)
    nuclei = Nuclei.joined([analysis.measure(SLIDE, plan, tile) for tile in plan.tiles])
    finished = analysis.finish(SLIDE, plan, nuclei)
    cells = cells_from(finished.figures["cells"])
    assert cells.looked is not None and cells.looked.any()
    wrong = nuclei.type.copy()
    wrong[wrong == NucleusType.STROMAL] = NucleusType.INFLAMMATORY
    whole = Region(
        "tumour", Ring(np.array([[0, 0], [2000, 0], [2000, 1500], [0, 1500]], np.float32))
    )
    right, misled = (
        infiltration(one, cells, [whole]).findings for one in (nuclei, replace(nuclei, type=wrong))
    )
    assert right.second["til_percent"] == misled.second["til_percent"] > 0
    assert "methods-disagree" not in {one["code"] for one in right.limits}
    assert "methods-disagree" in {one["code"] for one in misled.limits}
