"""Pictures of two scanners in one folder are each read by their own pixels."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from countersign.rooms.pathology.domain.he_maps import FINER, MPP
from countersign.rooms.pathology.training.he_fields import read_each


def folder_of(folder: Path) -> Path:
    """Three pictures of 120 pixels a side, each with a nucleus at (60, 30)."""
    (folder / "images").mkdir(parents=True)
    for name in ("c", "b", "a"):
        cv2.imwrite(str(folder / "images" / f"{name}.png"), np.full((120, 120, 3), 200, np.uint8))
    rows = [f"{name},60,30,stromal" for name in "abc"]
    (folder / "nuclei.csv").write_text("\n".join(["field,x,y,type", *rows]))
    (folder / "set.json").write_text(json.dumps({"mpp": 0.5}))
    return folder


def test_without_a_table_all_are_of_the_folders_scale(tmp_path: Path) -> None:
    fields = read_each(folder_of(tmp_path / "set"), 0.25)
    assert [one.name for one in fields] == ["a", "b", "c"]
    assert all(one.image.shape[0] == FINER * round(120 * 0.25 / MPP) for one in fields)


def test_a_table_says_the_scale_of_each(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "set")
    (folder / "fields.csv").write_text("field,patient,grade,mpp\na,p,,0.25\nb,q,,0.2208\nc,r,,\n")
    fields = read_each(folder, 0.5)
    assert [one.name for one in fields] == ["a", "b", "c"]
    for one, mpp in zip(fields, (0.25, 0.2208, 0.5), strict=True):
        assert one.image.shape[0] == FINER * round(120 * mpp / MPP)
        assert one.points is not None
        assert np.allclose(one.points, [[60 * mpp / MPP, 30 * mpp / MPP]], atol=1e-3)
