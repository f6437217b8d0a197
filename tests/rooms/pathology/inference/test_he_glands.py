"""Glands of a drawn slide are outlined, however much bare glass lies beside them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from countersign.ground.imaging.generated.demonstration import Wanted, drawn
from countersign.rooms.pathology.domain.measured import Plan, Region
from countersign.rooms.pathology.domain.tissue_grid import area_mm2
from countersign.rooms.pathology.inference import he_glands
from countersign.rooms.pathology.inference.he import HE
from countersign.rooms.pathology.inference.he_glands import glands_on
from rooms.pathology.he_slide import PictureSlide

SIZE = (1400, 1050)


def looked_at(glass: int) -> tuple[PictureSlide, Plan]:
    """The same tissue with ``glass`` more pixels of nothing on two sides."""
    pixels = drawn(Wanted("S1", "he", 0.4), 2029, SIZE).pixels
    bare = tuple(int(one) for one in pixels[2, 2])
    wide = cv2.copyMakeBorder(pixels, 0, glass, 0, glass, cv2.BORDER_CONSTANT, value=bare)
    slide = PictureSlide(np.asarray(wide, np.uint8), 0.5)
    return slide, HE().plan(slide)


def covered(regions: tuple[Region, ...]) -> np.ndarray:
    found = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    for one in regions:
        cv2.fillPoly(found, [one.outline.points.round().astype(np.int32)], 1)
    return found > 0


def test_they_lie_where_they_were_drawn_whatever_lies_beside() -> None:
    truth = drawn(Wanted("S1", "he", 0.4), 2029, SIZE).glands > 0
    areas: list[float] = []
    for glass in (0, 1600):
        slide, plan = looked_at(glass)
        found = glands_on(slide, plan, ())
        ours = covered(found.regions)
        dice = 2 * (ours & truth).sum() / (ours.sum() + truth.sum())
        assert dice > 0.75, glass
        assert found.figures(0.5)["glands"] == len(found.regions) > 1
        assert [one["code"] for one in found.limits()] == ["glands-not-validated"]
        areas.append(area_mm2(found.regions, 0.5))
    assert areas[1] == pytest.approx(areas[0], rel=0.1)


def test_what_there_is_no_time_for_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(he_glands, "MOST_MM2", 0.0)
    slide, plan = looked_at(0)
    found = glands_on(slide, replace(plan), ())
    assert found.glands == () and found.left_out > 0
    assert [one["code"] for one in found.limits()] == ["glands-in-part"]
