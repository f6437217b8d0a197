"""An H&E slide is planned, measured tile by tile in any order, and summed up."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from countersign.rooms.pathology.domain.measured import (
    Findings,
    Nuclei,
    NucleusType,
    Plan,
    Region,
    Ring,
)
from countersign.rooms.pathology.domain.nuclei_scores import counted, matched
from countersign.rooms.pathology.inference import Analysis
from countersign.rooms.pathology.inference.errors import Unmeasurable
from countersign.rooms.pathology.inference.he import HE, SPOILT
from countersign.rooms.pathology.inference.he_network import BadNetwork, OtherNetwork
from countersign.rooms.pathology.service.reporting import infiltrated
from rooms.pathology.drawn import inked, tissue
from rooms.pathology.he_slide import Drawn, PictureSlide, drawn


@pytest.fixture(scope="module")
def truth() -> Drawn:
    return drawn(1400, 3, cells=300)


@pytest.fixture(scope="module")
def slide(truth: Drawn) -> PictureSlide:
    return PictureSlide(truth.image, 0.5)


@pytest.fixture(scope="module")
def plan(slide: PictureSlide) -> Plan:
    return HE().plan(slide)


@pytest.fixture(scope="module")
def nuclei(slide: PictureSlide, plan: Plan) -> Nuclei:
    return measured(HE(), slide, plan)


def measured(analysis: Analysis, slide: PictureSlide, plan: Plan) -> Nuclei:
    return Nuclei.joined([analysis.measure(slide, plan, tile) for tile in plan.tiles])


def test_it_keeps_the_contract() -> None:
    analysis: Analysis = HE()
    assert analysis.name == "he"
    assert pickle.loads(pickle.dumps(analysis)).version == analysis.version  # noqa: S301


def test_the_plan_can_be_kept_as_json(plan: Plan) -> None:
    assert json.loads(json.dumps(plan.kept)) == plan.kept
    assert len(plan.tiles) == 4
    assert plan.kept["tissue_mm2"] == pytest.approx((1320 * 0.0005) ** 2, rel=0.1)


def test_nearly_every_drawn_nucleus_is_found_once(nuclei: Nuclei, truth: Drawn) -> None:
    places = np.stack([nuclei.x, nuclei.y], 1)
    counts = counted(matched(truth.points, places), len(places))
    assert counts.recall > 0.97
    assert counts.precision > 0.97


def test_kinds_and_areas_are_those_drawn(nuclei: Nuclei, truth: Drawn) -> None:
    pairs = matched(truth.points, np.stack([nuclei.x, nuclei.y], 1))
    met = pairs >= 0
    right = nuclei.type[pairs[met]] == truth.kinds[met]
    assert right.mean() > 0.9
    tumours = truth.kinds[met] == NucleusType.TUMOUR
    assert (nuclei.tumour[pairs[met]][tumours] >= 0.5).mean() > 0.9
    assert (nuclei.tumour[pairs[met]][~tumours] == 0).mean() > 0.9
    drawn_area = np.bincount(truth.labels.ravel())[1:][met][tumours] * 0.25
    ratio = nuclei.area[pairs[met]][tumours] / drawn_area
    assert 0.8 < np.median(ratio) < 1.25


def test_the_order_of_the_tiles_and_a_fresh_process_change_nothing(
    slide: PictureSlide, plan: Plan, nuclei: Nuclei
) -> None:
    again = {tile.number: HE().measure(slide, plan, tile) for tile in sorted(plan.tiles, key=hash)}
    joined = Nuclei.joined([again[tile.number] for tile in plan.tiles])
    assert joined.x.tobytes() == nuclei.x.tobytes()
    assert joined.score.tobytes() == nuclei.score.tobytes()
    assert joined.type.tobytes() == nuclei.type.tobytes()


def test_each_nucleus_belongs_to_the_tile_in_which_its_centre_lies(
    slide: PictureSlide, plan: Plan
) -> None:
    for tile in plan.tiles:
        found = HE().measure(slide, plan, tile)
        assert ((found.x >= tile.x) & (found.x < tile.x + tile.width)).all()
        assert ((found.y >= tile.y) & (found.y < tile.y + tile.height)).all()


@pytest.mark.parametrize("mpp", [0.25, 0.9])
def test_another_pixel_size_finds_the_same_cells(mpp: float) -> None:
    cells = drawn(round(400 / mpp), 5, mpp=mpp, cells=60, edge=round(16 / mpp))
    slide = PictureSlide(cells.image, mpp)
    plan = HE().plan(slide)
    nuclei = measured(HE(), slide, plan)
    places = np.stack([nuclei.x, nuclei.y], 1)
    counts = counted(matched(cells.points, places, 3 / mpp), len(places))
    assert counts.f1 > 0.9


def test_the_figures_say_their_limits(slide: PictureSlide, plan: Plan, nuclei: Nuclei) -> None:
    found = HE().finish(slide, plan, nuclei)
    assert found.figures["nuclei"] == len(nuclei)
    assert sum(found.figures["by_type"].values()) == len(nuclei)
    assert {limit["code"] for limit in found.limits} >= {"few-nuclei", "types-by-rule"}
    second = found.second["nuclei"]
    assert second["tiles"] == 4
    assert second["ratio"] > 0.8
    assert not second["disagree"]
    json.dumps([found.figures, found.limits, found.second])


def test_a_pen_that_is_left_out_is_said_and_survives_a_correction() -> None:
    """Nothing is said of a clean slide."""
    clean, said = tissue(1000, 1400), list[Findings]()
    for picture in (clean, inked(clean, "green", (400, 400), (1000, 600))):
        slide = PictureSlide(picture, 1.0)
        said.append(HE().finish(slide, HE().plan(slide), Nuclei.none()))
    assert "artefacts" not in {one["code"] for one in said[0].limits}
    assert said[1].figures["quality"]["pen"] > SPOILT
    corner = np.array([(300, 300), (700, 300), (700, 700), (300, 700)], np.float32)
    drawn_by_hand = Region("tumour", Ring(corner), drawn_by="p1")
    for found in (said[1], infiltrated(said[1], Nuclei.none(), (drawn_by_hand,))):
        assert [one["code"] for one in found.limits].count("artefacts") == 1


def test_without_a_pixel_size_nothing_is_measured(truth: Drawn) -> None:
    with pytest.raises(Unmeasurable, match="no-pixel-size"):
        HE().plan(PictureSlide(truth.image, None))


def test_bare_glass_has_no_tissue() -> None:
    with pytest.raises(Unmeasurable, match="no-tissue"):
        HE().plan(PictureSlide(np.full((600, 600, 3), 244, np.uint8), 0.5))


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "he.onnx"
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(BadNetwork):
        HE(file)


def test_a_plan_of_another_network_is_refused(slide: PictureSlide, plan: Plan) -> None:
    kept = {**plan.kept, "network": "0" * 64}
    other = Plan(plan.analysis, plan.version, plan.mpp, plan.tiles, (), (), kept)
    with pytest.raises(OtherNetwork):
        HE().measure(slide, other, plan.tiles[0])
