"""The analysis on a drawn slide: tissue alone is measured, the index comes out, limits are said."""

from __future__ import annotations

import json

import numpy as np
import pytest

from countersign.rooms.pathology.domain.measured import Nuclei
from countersign.rooms.pathology.domain.tumour import FEATURES
from countersign.rooms.pathology.inference.errors import Unmeasurable
from countersign.rooms.pathology.inference.ki67 import Ki67
from countersign.rooms.pathology.inference.ki67_model import load, save
from countersign.rooms.pathology.training.tumour import Lesson, train
from rooms.pathology.ihc import Painted, drawn

SLIDE = drawn(1800, 1500, 0.3, seed=7, tissue=300)


def test_a_slide_gives_its_index_and_says_its_limits() -> None:
    slide, analysis = Painted(SLIDE.pixels, SLIDE.mpp), Ki67()
    plan = analysis.plan(slide)
    assert json.loads(json.dumps(plan.kept)) == plan.kept
    parts = [analysis.measure(slide, plan, tile) for tile in plan.tiles]
    nuclei = Nuclei.joined(parts)
    assert abs(len(nuclei) - len(SLIDE.x)) < 0.04 * len(SLIDE.x)
    assert abs((nuclei.stain >= 0.12).mean() - SLIDE.positive.mean()) < 0.02
    for tile, part in zip(plan.tiles, parts, strict=True):
        assert ((part.x >= tile.x) & (part.x < tile.x + tile.width)).all()
        assert ((part.y >= tile.y) & (part.y < tile.y + tile.height)).all()
    findings = analysis.finish(slide, plan, nuclei)
    assert json.dumps(findings.figures) and json.dumps(findings.second)
    assert findings.figures["tumour_nuclei"] + findings.figures["other_nuclei"] == len(nuclei)
    assert "non-tumour-nuclei" in [one["code"] for one in findings.limits]
    assert abs(findings.second["index"] - findings.second["ours"]) < 0.1


def test_the_same_slide_gives_the_same_nuclei_bit_for_bit() -> None:
    slide = Painted(SLIDE.pixels, SLIDE.mpp)
    one, other = Ki67(), Ki67()
    plan = one.plan(slide)
    assert other.plan(slide).kept == plan.kept
    for tile in reversed(plan.tiles):
        first, second = one.measure(slide, plan, tile), other.measure(slide, plan, tile)
        assert first.x.tobytes() == second.x.tobytes()
        assert first.tumour.tobytes() == second.tumour.tobytes()


def test_what_cannot_be_measured_says_why() -> None:
    blank = np.full((600, 600, 3), 240, np.uint8)
    for slide, reason in (
        (Painted(blank, 0.5), "no-tissue"),
        (Painted(SLIDE.pixels, None), "no-pixel-size"),
        (Painted(SLIDE.pixels, 4.0), "pixel-size"),
    ):
        with pytest.raises(Unmeasurable) as caught:
            Ki67().plan(slide)
        assert caught.value.details["reason"] == reason


def test_training_learns_what_tells_them_apart_and_is_kept(tmp_path) -> None:
    chance = np.random.default_rng(3)
    rows = chance.normal(0, 1, (3000, len(FEATURES))).astype(np.float32)
    tumour = (rows[:, 0] + rows[:, 7] > 0.3) ^ (rows[:, 3] > 1.2)
    trees = train(rows[:2000], tumour[:2000], Lesson(trees=40))
    assert ((trees.chances(rows[2000:]) >= 0.5) == tumour[2000:]).mean() > 0.85
    save(tmp_path / "own.npz", trees)
    again = load(tmp_path / "own.npz")
    assert again.chances(rows).tobytes() == trees.chances(rows).tobytes()
    assert Ki67(tmp_path / "own.npz").version != Ki67().version
    with pytest.raises(ValueError):
        train(rows, np.ones(len(rows), np.bool_))
