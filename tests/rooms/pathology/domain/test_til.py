"""The share of stroma that lymphocytes occupy, and what a second method says of it."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType, Region, Ring
from countersign.rooms.pathology.domain.til import (
    density,
    density_maps,
    stroma_of,
    stromal_tils,
)
from countersign.rooms.pathology.domain.til_findings import disagree, infiltration
from countersign.rooms.pathology.domain.tissue import Cells, TissueClass
from countersign.rooms.pathology.domain.tissue_grid import grid_over, raster
from countersign.rooms.pathology.domain.tissue_kept import cells_from, kept_of
from rooms.pathology.domain.invented import nuclei, scattered

GRID = grid_over(8000, 6000, 0.5, 32.0)
EVERYWHERE = np.ones((GRID.rows, GRID.columns), np.bool_)
CELLS = Cells(GRID, EVERYWHERE)
LYMPHOCYTE = NucleusType.INFLAMMATORY


def square(left: float, top: float, side: float, kind: str = "tumour") -> Region:
    points = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
    return Region(kind, Ring(np.array(points, np.float32)), drawn_by="p1")


def test_half_the_stroma_packed_with_lymphocytes_is_about_half() -> None:
    """“80 % stromal TILs means that 80 % of the stromal area shows a dense mononuclear
    infiltrate” (Salgado et al. 2015): packed cells 9 µm apart over half of it."""
    step = 9 / 0.5
    x, y = np.meshgrid(np.arange(0, 4000, step), np.arange(0, 6000, step))
    found = stromal_tils(nuclei(x.ravel(), y.ravel(), LYMPHOCYTE), EVERYWHERE, CELLS)
    assert found.percent == pytest.approx(50, abs=3)
    assert found.stroma_mm2 == pytest.approx(12, rel=0.02)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 50 < found.high


def test_cells_far_apart_cover_what_single_cells_cover() -> None:
    found = stromal_tils(scattered(0, 0, 8000, 6000, 500, LYMPHOCYTE), EVERYWHERE, CELLS)
    assert found.percent is not None
    assert 2 < found.percent < 8


def test_only_mononuclear_cells_in_stroma_count() -> None:
    none = stromal_tils(scattered(0, 0, 8000, 6000, 5000, NucleusType.STROMAL), EVERYWHERE, CELLS)
    assert none.percent == 0
    left = EVERYWHERE.copy()
    left[:, : GRID.columns // 2] = False
    beside = scattered(0, 0, 3900, 6000, 5000, LYMPHOCYTE)
    assert stromal_tils(beside, left, CELLS).cells == 0


def test_no_stroma_gives_no_figure() -> None:
    found = stromal_tils(Nuclei.none(), np.zeros_like(EVERYWHERE), CELLS)
    assert (found.percent, found.low, found.second, found.stroma_mm2) == (None, None, None, 0.0)
    assert density(Nuclei.none(), np.zeros_like(EVERYWHERE), GRID) is None


def test_epithelium_necrosis_and_artefacts_are_no_stroma() -> None:
    classes = np.full((GRID.rows, GRID.columns), TissueClass.STROMA, np.uint8)
    classes[:10], classes[10:20] = TissueClass.TUMOUR, TissueClass.NECROSIS
    pen = np.zeros_like(EVERYWHERE)
    pen[20:30] = True
    assert stroma_of(classes, EVERYWHERE, pen).sum() == (GRID.rows - 30) * GRID.columns


def tumour() -> Nuclei:
    """A tumour of nests 160 µm wide with stroma of 160 µm between them, lymphocytes in it."""
    parts = [scattered(0, 0, 8000, 6000, 800, NucleusType.STROMAL)]
    for number, left in enumerate(range(2000, 5600, 640)):
        parts.append(scattered(left, 1600, left + 320, 4400, 7000, NucleusType.TUMOUR, seed=number))
        parts.append(
            scattered(left + 320, 1600, left + 640, 4400, 4000, LYMPHOCYTE, seed=99 + number)
        )
    return Nuclei.joined(parts)


def test_the_whole_slide_is_summed_up() -> None:
    made = infiltration(tumour(), Cells(GRID, EVERYWHERE))
    figures = made.findings.figures
    assert figures["tumour_mm2"] == pytest.approx(1.92 * 1.4, rel=0.2)
    assert 15 < figures["til_percent"] < 70
    assert figures["density_centre"] is not None or figures["density_inner_front"] > 1000
    assert figures["density_outer_front"] < figures["density_inner_front"]
    kinds = {one.kind for one in made.findings.regions}
    assert {"tumour", "stroma", "front"} <= kinds
    codes = {one["code"] for one in made.findings.limits}
    assert {"til-not-validated", "region-by-program"} <= codes
    assert "no-second-til" in codes and made.findings.second["til_percent"] is None


@pytest.mark.parametrize(("share", "apart"), [(0.0, True), (0.5, False)])
def test_the_second_opinion_is_not_the_firsts_nuclei(share: float, apart: bool) -> None:
    """Half of the stroma lies under what the first calls lymphocytes; the second saw ``share``,
    and looked at the left quarter alone."""
    step = 9 / 0.5
    x, y = np.meshgrid(np.arange(0, 4000, step), np.arange(0, 6000, step))
    looked = EVERYWHERE.copy()
    looked[:, GRID.columns // 4 :] = False
    seen = replace(CELLS, looked=looked, dark=np.full(looked.shape, 2 * share, np.float32))
    stroma = EVERYWHERE.copy()
    found = stromal_tils(nuclei(x.ravel(), y.ravel(), LYMPHOCYTE), stroma, seen)
    assert found.second is not None
    assert found.second.percent == pytest.approx(200 * share)
    assert found.second.ours == pytest.approx(100, abs=3) and found.percent == pytest.approx(
        50, abs=3
    )
    assert found.second.mm2 == pytest.approx(3, rel=0.03)
    assert disagree(found) is apart
    stroma[:, : GRID.columns // 4] = False
    assert stromal_tils(Nuclei.none(), stroma, seen).second is None


def test_a_disagreement_is_a_limit_and_follows_the_region() -> None:
    seen = replace(CELLS, looked=EVERYWHERE, dark=np.zeros(EVERYWHERE.shape, np.float32))
    made = infiltration(tumour(), cells_from(kept_of(seen)), [square(2000, 1600, 1000)]).findings
    said = {one["code"]: one for one in made.limits}
    assert said["methods-disagree"] == {
        "code": "methods-disagree",
        "first": made.figures["til_percent"],
        "second": 0.0,
    }
    assert made.second["til_ours"] == made.figures["til_percent"]
    assert 0 < said["second-til-in-part"]["mm2"] <= 0.25


def test_the_pathologists_region_is_above_the_programs() -> None:
    drawn = square(2000, 1600, 1000)
    made = infiltration(tumour(), Cells(GRID, EVERYWHERE), [drawn])
    assert made.findings.figures["tumour_mm2"] == pytest.approx(0.25, rel=0.1)
    assert made.findings.regions[0] is drawn
    assert "region-by-program" not in {one["code"] for one in made.findings.limits}


def test_what_is_excluded_by_hand_or_an_artefact_leaves_the_stroma() -> None:
    whole = infiltration(tumour(), Cells(GRID, EVERYWHERE)).tils
    without = infiltration(
        tumour(), Cells(GRID, EVERYWHERE), [square(0, 0, 3200, "excluded")], [square(0, 0, 10)]
    ).tils
    assert 0 < without.stroma_mm2 < whole.stroma_mm2


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_is_left_out_counts_in_no_figure_and_makes_no_front(by_hand: bool) -> None:
    """A square in the middle of the tumour, where lymphocytes and dead tissue lie as well."""
    blue = np.full(EVERYWHERE.shape, 0.5, np.float32)
    cells, every = Cells(GRID, EVERYWHERE, blue), tumour()
    hole = square(2960, 1600, 1280, "excluded" if by_hand else "fold")
    gone = (every.x > 3200) & (every.x < 4000) & (every.y > 1900) & (every.y < 2600)
    every = Nuclei(*(getattr(every, one.name)[~gone] for one in fields(Nuclei)))
    whole = infiltration(every, cells)
    without = infiltration(every, cells, *(([hole], ()) if by_hand else ((), [hole])))
    before, after = whole.findings.figures, without.findings.figures
    assert after["tumour_mm2"] == pytest.approx(before["tumour_mm2"] - 0.64**2, rel=0.05)
    assert before["necrosis_mm2"] > 0.02 and after["necrosis_mm2"] == 0
    kept = raster([one for one in without.findings.regions if one.kind != "tumour"], GRID)
    assert not (kept & raster([square(3100, 1740, 1000)], GRID)).any()
    for name in ("inner", "outer", "centre"):
        true = getattr(whole.front, name) & ~raster([hole], GRID)
        np.testing.assert_array_equal(getattr(without.front, name), true)


def test_lymphocytes_in_what_is_left_out_raise_no_density() -> None:
    """A crowd of them at the front, where somebody drew that it does not count."""
    crowd = scattered(2000, 1600, 2600, 2400, 20000, LYMPHOCYTE, seed=7)
    cells, every = Cells(GRID, EVERYWHERE), Nuclei.joined([tumour(), crowd])
    drawn = [square(2000, 1600, 3840), square(1900, 1500, 1000, "excluded")]
    plain = infiltration(every, cells, drawn[:1]).findings.figures
    without = infiltration(every, cells, drawn).findings.figures
    usual = infiltration(tumour(), cells, drawn[:1]).findings.figures
    for name in ("density_inner_front", "density_nests"):
        assert plain[name] > 1.3 * usual[name]
        assert without[name] == pytest.approx(usual[name], rel=0.15)


def test_a_slide_without_anything_says_so() -> None:
    made = infiltration(Nuclei.none(), Cells(GRID, EVERYWHERE))
    codes = {one["code"] for one in made.findings.limits}
    assert {"no-tumour-region", "little-stroma", "few-inflammatory-cells"} <= codes
    figures = made.findings.figures
    assert figures["til_percent"] is figures["til_cells"] is figures["stroma_mm2"] is None
    assert figures["tumour_mm2"] == 0


def test_untyped_nuclei_are_said() -> None:
    untyped = scattered(0, 0, 8000, 6000, 800, NucleusType.UNTYPED)
    codes = {one["code"] for one in infiltration(untyped, Cells(GRID, EVERYWHERE)).findings.limits}
    assert "untyped-nuclei" in codes


def test_density_maps_have_a_name_and_the_grid() -> None:
    maps = {one.name: one for one in density_maps(tumour(), Cells(GRID, EVERYWHERE))}
    assert set(maps) == {"nuclei", "tumour", "inflammatory"}
    assert maps["tumour"].values.shape == (GRID.rows, GRID.columns)
    assert maps["nuclei"].values.mean() > maps["tumour"].values.mean() > 0
