"""Each nucleus is measured, typed by rule, and kept in the tile to which it belongs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from countersign.rooms.pathology.domain.he_figures import compared, figures_of, limits_of
from countersign.rooms.pathology.domain.he_nuclei import columns_of, shapes, typed_by_rule
from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType, Tile
from countersign.rooms.pathology.domain.nuclei_types import kinds_of


def ellipse(long: int, short: int, turn: float = 0) -> np.ndarray:
    labels = np.zeros((100, 100), np.int32)
    cv2.ellipse(labels, (50, 40), (long, short), turn, 0, 360, 3, -1)
    return labels


@pytest.mark.parametrize("turn", [0.0, 35.0, 90.0])
def test_a_shape_is_measured_however_it_lies(turn: float) -> None:
    labels = ellipse(24, 8, turn)
    dark = np.full((100, 100), 0.5, np.float32)
    seen = shapes(labels, dark, 2 * dark)
    assert seen.number.tolist() == [3]
    assert (seen.x[0], seen.y[0]) == pytest.approx((50, 40), abs=0.3)
    assert seen.long[0] == pytest.approx(3, rel=0.1)
    assert seen.pixels[0] == (labels == 3).sum()
    assert (seen.haematoxylin[0], seen.eosin[0]) == pytest.approx((0.5, 1.0))


def test_a_single_pixel_is_as_long_as_wide() -> None:
    labels = np.zeros((3, 3), np.int32)
    labels[1, 1] = 1
    seen = shapes(labels, np.ones((3, 3), np.float32), np.ones((3, 3), np.float32))
    assert seen.long[0] == pytest.approx(1)


def test_an_empty_picture_has_no_rows() -> None:
    nothing = np.zeros((3, 3), np.float32)
    assert len(shapes(nothing.astype(np.int32), nothing, nothing).x) == 0


def test_rules_go_by_size_and_length() -> None:
    area = np.array([30, 90, 50, 90], np.float32)
    long = np.array([1.1, 1.2, 1.2, 3.0], np.float32)
    kinds, tumour = typed_by_rule(area, long)
    assert kinds.tolist() == [
        NucleusType.INFLAMMATORY,
        NucleusType.TUMOUR,
        NucleusType.EPITHELIAL,
        NucleusType.STROMAL,
    ]
    assert tumour[1] > 0.9
    assert tumour[[0, 3]].tolist() == [0, 0]


def test_an_unsure_network_leaves_a_nucleus_untyped() -> None:
    kinds, tumour = kinds_of(np.array([[0.2] * 5, [0.9, 0.1, 0, 0, 0]], np.float32))
    assert kinds.tolist() == [NucleusType.UNTYPED, NucleusType.TUMOUR]
    assert tumour.tolist() == pytest.approx([0.2, 0.9])
    assert len(kinds_of(np.zeros((0, 5), np.float32))[0]) == 0


def test_a_nucleus_on_the_border_of_two_tiles_belongs_to_one() -> None:
    labels = np.zeros((64, 64), np.int32)
    labels[30:34, 30:34] = 1
    dark = np.ones((64, 64), np.float32)
    seen = shapes(labels, dark, dark)
    one = np.ones(1, np.uint8), np.ones(1, np.float32), np.ones(1, np.float32)
    left = columns_of(seen, *one, Tile(0, 100, 100, 32, 32, 0), 0.5, 1.0)
    right = columns_of(seen, *one, Tile(1, 132, 132, 32, 32, 32), 0.5, 1.0)
    assert len(left) == 0
    assert (right.x[0], right.y[0]) == (132, 132)
    assert right.area[0] == pytest.approx(16 * 0.25)


def of(kinds: list[NucleusType]) -> Nuclei:
    ones = np.ones(len(kinds), np.float32)
    tumour = np.array([kind == NucleusType.TUMOUR for kind in kinds], np.float32)
    return Nuclei(ones, ones, 50 * ones, ones, ones, tumour, np.array(kinds, np.uint8), ones)


def test_figures_count_by_kind_and_by_area() -> None:
    found = figures_of(of([NucleusType.TUMOUR] * 3 + [NucleusType.STROMAL]), 2.0)
    assert found["nuclei"] == 4
    assert found["by_type"]["tumour"] == 3
    assert found["per_mm2"] == 2.0
    assert found["tumour_share"] == 0.75
    empty = figures_of(Nuclei.none(), 0.0)
    assert (empty["nuclei"], empty["per_mm2"], empty["tumour_share"]) == (0, None, None)


def test_limits_are_said() -> None:
    def codes(total: int, mpp: float, **known: bool) -> set[str]:
        return {str(one["code"]) for one in limits_of(total, mpp, **known)}

    assert codes(9, 0.9, trained=False, sees_tumour=False, stain_known=False) == {
        "few-nuclei",
        "coarse-pixels",
        "stain-out-of-range",
        "types-by-rule",
    }
    assert codes(900, 0.25, trained=True, sees_tumour=False, stain_known=True) == {
        "tumour-not-learnt"
    }
    assert codes(900, 0.25, trained=True, sees_tumour=True, stain_known=True) == set()


@pytest.mark.parametrize(
    ("ours", "second", "disagree"), [(100, 90, False), (100, 70, True), (0, 0, False), (0, 5, True)]
)
def test_two_counts_disagree_beyond_a_quarter(ours: int, second: int, disagree: bool) -> None:
    assert compared("blobs", ours, second, 1)["disagree"] is disagree
