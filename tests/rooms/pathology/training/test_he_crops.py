"""A hospital's folder of labelled pictures is read, and crops of it stay true to their labels."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from countersign.rooms.pathology.domain.he_maps import FINER
from countersign.rooms.pathology.domain.measured import NucleusType
from countersign.rooms.pathology.inference.he_network import halved
from countersign.rooms.pathology.training import he_crops
from countersign.rooms.pathology.training.he_crops import CROP, crop, read, stained
from rooms.pathology.he_slide import Drawn, drawn


def folder_of(cells: Drawn, folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    for name in ("whole", "plain", "points", "unknown"):
        cv2.imwrite(str(folder / "images" / f"{name}.png"), cells.image[:, :, ::-1])
    labels = cells.labels.astype(np.uint16)
    cv2.imwrite(str(folder / "labels" / "whole_instances.png"), labels)
    cv2.imwrite(
        str(folder / "labels" / "plain_foreground.png"), (labels > 0).astype(np.uint8) * 255
    )
    rows = ["field,x,y,type"]
    for (x, y), kind in zip(cells.points, cells.kinds, strict=True):
        rows.append(f"points,{x},{y},{NucleusType(int(kind)).name.lower()}")
    with gzip.open(folder / "nuclei.csv.gz", "wt", encoding="utf-8") as opened:
        opened.write("\n".join(rows))
    return folder


@pytest.fixture(scope="module")
def cells() -> Drawn:
    return drawn(400, 8, mpp=0.5, cells=30)


def test_all_three_sorts_of_labels_are_read(cells: Drawn, tmp_path: Path) -> None:
    fields = {one.name: one for one in read(folder_of(cells, tmp_path / "set"), 0.5)}
    assert sorted(fields) == ["plain", "points", "whole"]
    whole, plain, points = fields["whole"], fields["plain"], fields["points"]
    assert whole.instances is not None
    assert plain.foreground is not None
    assert points.points is not None
    assert points.types is not None
    assert (whole.instances == cells.labels).all()
    assert (plain.foreground == (cells.labels > 0)).all()
    assert (points.points == cells.points).all()
    assert (points.types == cells.kinds).all()
    assert whole.image.shape == (FINER * 400, FINER * 400, 3)
    assert np.abs(halved(whole.image).astype(int) - cells.image).mean() < 2


def test_an_exact_crop_has_the_very_pixels_of_the_labels(cells: Drawn, tmp_path: Path) -> None:
    (whole,) = [one for one in read(folder_of(cells, tmp_path / "set"), 0.5) if one.name == "whole"]
    fine = np.kron(cells.labels.astype(np.uint8), np.ones((FINER, FINER), np.uint8))
    marked = replace(whole, image=np.repeat(fine[..., None], 3, axis=2))
    plain = {tuple(one) for one in marked.image.reshape(-1, 3)}
    for seed in range(8):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(he_crops, "stained", lambda image, _: image)
            image, known = crop([marked], np.random.default_rng(seed), exact=1.0)
        assert {tuple(one) for one in image.reshape(-1, 3)} <= plain
        inside = known.foreground_known > 0
        for corner in (image[::FINER, ::FINER], image[FINER - 1 :: FINER, FINER - 1 :: FINER]):
            assert ((corner[..., 0] > 0) == (known.foreground > 0))[inside].all()


def test_another_pixel_size_is_scaled(cells: Drawn, tmp_path: Path) -> None:
    fields = {one.name: one for one in read(folder_of(cells, tmp_path / "set"), 0.25)}
    assert fields["whole"].image.shape == (FINER * 200, FINER * 200, 3)
    assert fields["whole"].instances is not None
    assert fields["whole"].instances.shape == (200, 200)
    assert fields["points"].points is not None
    assert fields["points"].points == pytest.approx(cells.points / 2)


def test_a_crop_keeps_picture_and_label_together(cells: Drawn, tmp_path: Path) -> None:
    fields = read(folder_of(cells, tmp_path / "set"), 0.5)
    chance = np.random.default_rng(3)
    for _ in range(8):
        image, truth = crop([one for one in fields if one.name == "whole"], chance)
        assert image.shape == (FINER * CROP, FINER * CROP, 3)
        image = halved(image)
        inside = truth.foreground > 0
        outside = (truth.foreground_known > 0) & ~inside
        assert image[inside].mean() < image[outside].mean() - 20
        rows, columns = np.nonzero(truth.way_known[0] if truth.way_known.ndim == 3 else inside)
        assert np.abs(truth.way[:, rows, columns]).max(initial=0) < 4


def test_points_move_with_the_picture(cells: Drawn, tmp_path: Path) -> None:
    fields = [one for one in read(folder_of(cells, tmp_path / "set"), 0.5) if one.name == "points"]
    chance = np.random.default_rng(4)
    seen = 0
    for _ in range(6):
        image, truth = crop(fields, chance)
        tops = truth.centre > 0.95
        seen += int(tops.sum())
        known = truth.foreground_known
        assert not known.any()
        if tops.any():
            assert halved(image)[tops].mean() < image.mean() - 20
    assert seen > 10


def test_the_same_seed_gives_the_same_crop(cells: Drawn, tmp_path: Path) -> None:
    fields = read(folder_of(cells, tmp_path / "set"), 0.5)
    first, truth = crop(fields, np.random.default_rng(5))
    again, other = crop(fields, np.random.default_rng(5))
    assert (first == again).all()
    assert (truth.centre == other.centre).all()


def test_another_laboratory_stains_otherwise_but_not_beyond_recognition(cells: Drawn) -> None:
    chance = np.random.default_rng(6)
    means = [stained(cells.image, chance).mean((0, 1)) for _ in range(12)]
    assert np.std(means, axis=0).min() > 2
    assert np.abs(np.mean(means, axis=0) - cells.image.mean((0, 1))).max() < 40
