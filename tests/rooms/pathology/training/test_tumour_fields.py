"""Nuclei of labelled pictures are seen as service sees them, whatever the pixels."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Nuclei
from countersign.rooms.pathology.domain.tumour import FEATURES
from countersign.rooms.pathology.inference.ki67 import Ki67
from countersign.rooms.pathology.inference.ki67_model import MODEL, load
from countersign.rooms.pathology.training.learners import LEARNERS
from countersign.rooms.pathology.training.tumour_fields import rows
from rooms.pathology.ihc import Painted, drawn

Marks = list[tuple[float, float, str]]


def folder(at: Path, pixels: NDArray[np.uint8], mpp: float, marks: Marks) -> Path:
    """One labelled picture, laid out as docs/operate.md says."""
    (at / "images").mkdir(parents=True)
    cv2.imwrite(str(at / "images" / "one.png"), pixels[..., ::-1])
    with (at / "nuclei.csv").open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([("field", "x", "y", "type"), *(("one", *m) for m in marks)])
    (at / "set.json").write_text(json.dumps({"mpp": mpp}))
    return at


@pytest.mark.parametrize("mpp", [0.2208, 0.25, 0.325, 0.5])
def test_what_is_learnt_of_a_nucleus_is_what_service_measures(tmp_path: Path, mpp: float) -> None:
    side = round(384 / mpp / 64) * 64
    pixels = drawn(side, side, 0.3, seed=4, mpp=mpp, tissue=round(40 / mpp)).pixels
    slide, analysis = Painted(pixels, mpp), Ki67()
    plan = analysis.plan(slide)
    nuclei = Nuclei.joined([analysis.measure(slide, plan, tile) for tile in plan.tiles])
    marks: Marks = [(float(x), float(y), "tumour") for x, y in zip(nuclei.x, nuclei.y, strict=True)]
    features, labels = rows(folder(tmp_path / "set", pixels, mpp, marks), lambda said: None)
    assert len(marks) > 100 and len(features) == len(labels) == len(marks) and labels.all()
    area = features[:, FEATURES.index("area")]
    assert np.median(np.abs(area / nuclei.area - 1)) < 0.02
    assert np.median(np.abs(load(MODEL).chances(features) - nuclei.tumour)) < 0.02


def test_a_picture_of_any_size_without_a_nucleus_teaches_nothing(tmp_path: Path) -> None:
    white = np.full((101, 77, 3), 240, np.uint8)
    marks: Marks = [(5.0, 5.0, "tumour"), (9.0, 9.0, "untyped")]
    features, labels = rows(folder(tmp_path / "set", white, 0.25, marks), lambda said: None)
    assert features.shape == (0, len(FEATURES)) and labels.shape == (0,)


def test_each_picture_is_seen_by_the_size_of_its_own_pixels(tmp_path: Path) -> None:
    tissue = drawn(512, 512, 0.3, seed=4, mpp=0.25)
    pixels = tissue.pixels
    places = zip(tissue.x.tolist(), tissue.y.tolist(), strict=True)
    marks: Marks = [(x, y, "tumour") for x, y in places]
    known, _ = rows(folder(tmp_path / "known", pixels, 0.25, marks), lambda said: None)
    other = folder(tmp_path / "other", pixels, 0.5, marks)
    (other / "fields.csv").write_text("field,patient,grade,mpp\none,p,malignant,0.25\n")
    assert np.array_equal(rows(other, lambda said: None)[0], known) and len(known) > 10


def test_a_frozen_set_of_which_one_class_was_found_is_not_judged_on(tmp_path: Path) -> None:
    white = np.full((101, 77, 3), 240, np.uint8)
    source = folder(tmp_path / "set", white, 0.25, [(5.0, 5.0, "tumour"), (9.0, 9.0, "other")])
    with pytest.raises(ValueError, match="only one class"):
        LEARNERS["tumour"].judge(None, source)
