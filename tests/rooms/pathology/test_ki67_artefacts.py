"""Pen, folds and blur on Ki-67 slides are outlined where they were drawn, and brown is neither."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countersign.ground.imaging.generated.demonstration import Wanted
from countersign.ground.imaging.generated.demonstration import drawn as island
from countersign.rooms.pathology.domain.artefact import Ink
from countersign.rooms.pathology.domain.measured import Nuclei, Plan
from countersign.rooms.pathology.domain.tissue_grid import Grid, raster
from countersign.rooms.pathology.inference import ki67_artefacts
from countersign.rooms.pathology.inference.ki67 import Ki67
from rooms.pathology.drawn import PENS
from rooms.pathology.he_slide import PictureSlide

Picture = NDArray[np.uint8]
WIDE, HIGH, MPP = 2560, 1920, 0.5
ENDS = (700, 600), (1800, 1250)


@pytest.fixture(scope="module", params=[0.08, 0.6])
def clean(request: pytest.FixtureRequest) -> Picture:
    """A Ki-67 slide with few and with many brown nuclei, on glass."""
    return island(Wanted("x", "ki67", request.param), 1, (WIDE, HIGH)).pixels


def planned(picture: Picture) -> Plan:
    return Ki67().plan(PictureSlide(picture, MPP))


def overlap(plan: Plan, kind: str, true: Picture) -> tuple[float, float]:
    """The share of what was drawn that is outlined, and of the outlined what was drawn; at 8 µm."""
    grid = Grid(0.0, 0.0, 16.0, HIGH // 16, WIDE // 16, MPP)
    size = grid.columns, grid.rows
    here = cv2.resize(true * np.uint8(255), size, interpolation=cv2.INTER_AREA) > 127
    found = raster([one for one in plan.artefacts if one.kind == kind], grid)
    both = float(np.count_nonzero(found & here))
    return both / max(1, np.count_nonzero(here)), both / max(1, np.count_nonzero(found))


def line(thick: int) -> Picture:
    return np.asarray(cv2.line(np.zeros((HIGH, WIDE), np.uint8), *ENDS, 1, thick), np.uint8)


@pytest.mark.parametrize("most", [ki67_artefacts.MOST, 6000])
def test_clean_brown_tissue_is_neither_pen_nor_fold(
    clean: Picture, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(ki67_artefacts, "MOST", most)  # a large slide is looked at coarsely
    plan = planned(clean)
    assert [one.kind for one in plan.artefacts if one.kind != "blur"] == []
    assert plan.kept["pen"] == plan.kept["fold"] == 0


@pytest.mark.parametrize("pen", sorted(PENS))
def test_a_pen_is_outlined_by_its_colour_and_said(clean: Picture, pen: str) -> None:
    drawn = cv2.line(clean.copy(), *ENDS, PENS[pen], 240)
    analysis, slide = Ki67(), PictureSlide(np.asarray(drawn, np.uint8), MPP)
    plan = analysis.plan(slide)
    marks = [one for one in plan.artefacts if one.kind != "blur"]
    assert {(one.kind, one.name) for one in marks} == {("pen", Ink(pen).value)}
    assert min(overlap(plan, "pen", line(240))) > 0.85 and plan.kept["pen"] > 0.05
    found = analysis.finish(slide, plan, Nuclei.none())
    assert found.figures["quality"]["pen"] == plan.kept["pen"]
    assert "pen-or-fold" in {one["code"] for one in found.limits}


@pytest.mark.parametrize("through", [0.65, 0.82])
def test_black_ink_through_which_tissue_shows_is_outlined(clean: Picture, through: float) -> None:
    share = cv2.GaussianBlur(line(300).astype(np.float32), (0, 0), 6)[..., None] * through
    inked = clean * (1 - share) + np.asarray(PENS["black"], np.float32) * share
    plan = planned(np.asarray(inked.round(), np.uint8))
    marks = {(one.kind, one.name) for one in plan.artefacts if one.kind != "blur"}
    assert marks == {("pen", "black")}
    assert min(overlap(plan, "pen", line(300))) > 0.8 and plan.kept["pen"] > 0.05


def test_a_fold_denser_than_the_tumour_is_outlined(clean: Picture) -> None:
    band = line(180)
    thrice = clean.astype(np.float32) ** 3 / 242.0**2
    folded = np.where(band[..., None] > 0, thrice, clean).round().clip(0, 255).astype(np.uint8)
    plan = planned(folded)
    assert [one.kind for one in plan.artefacts if one.kind == "pen"] == []
    outlined, right = overlap(plan, "fold", band & (clean.mean(2) < 235))
    # What lies in pale stroma is missed; an edge of a pixel is a tenth of the band.
    assert outlined > 0.35 and right > 0.75
    assert plan.kept["fold"] > 0.01


def test_places_out_of_focus_are_outlined(clean: Picture) -> None:
    soft = np.asarray(cv2.GaussianBlur(clean, (0, 0), 6), np.uint8)
    plan = planned(soft)
    squares = [one for one in plan.artefacts if one.kind == "blur"]
    assert len(squares) == round(plan.kept["blurred"] * len(plan.kept["places"])) > 0
    assert [one.kind for one in planned(clean).artefacts].count("blur") < len(squares)
