"""A hospital's folder is read as it says, refused where it contradicts itself, split by patient."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from countersign.rooms.pathology.training.gland_fields import labelled, parts_by_patient


def folder(at: Path, lines: list[str], size: tuple[int, int] = (60, 80)) -> Path:
    (at / "images").mkdir()
    (at / "masks").mkdir()
    for name in ("a", "b"):
        picture = np.zeros((*size, 3), np.uint8)
        picture[..., 2] = 200
        cv2.imwrite(str(at / "images" / f"{name}.png"), picture)
        mask = np.zeros(size, np.uint8)
        mask[:30] = 255
        cv2.imwrite(str(at / "masks" / f"{name}.png"), mask)
    (at / "fields.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return at


def test_fields_are_read_in_red_green_blue(tmp_path: Path) -> None:
    lines = ["field,patient,grade", "a,p1,benign", "b,p2,malignant"]
    first, second = labelled(folder(tmp_path, lines))
    assert (first.name, first.patient, first.malignant) == ("a", "p1", False)
    assert second.malignant
    assert first.pixels[0, 0].tolist() == [200, 0, 0]
    assert first.glands.sum() == 30 * 80


def test_another_pixel_size_is_brought_to_that_of_the_network(tmp_path: Path) -> None:
    lines = ["field,patient,grade,mpp", "a,p1,benign,0.62", "b,p1,benign,"]
    first, second = labelled(folder(tmp_path, lines))
    assert first.pixels.shape == (30, 40, 3)
    assert second.pixels.shape == (60, 80, 3)


@pytest.mark.parametrize("line", ["../a,p1,benign", "a,p1,doubtful"])
def test_a_line_that_cannot_be_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"fields\.csv"):
        labelled(folder(tmp_path, ["field,patient,grade", line]))


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    at = folder(tmp_path, ["field,patient,grade", "a,p1,benign"])
    cv2.imwrite(str(at / "masks" / "a.png"), np.zeros((10, 10), np.uint8))
    with pytest.raises(ValueError, match="masks/a"):
        labelled(at)


def test_a_picture_that_is_missing_is_named(tmp_path: Path) -> None:
    at = folder(tmp_path, ["field,patient,grade", "c,p1,benign"])
    with pytest.raises(FileNotFoundError, match="images/c"):
        labelled(at)


@given(some.lists(some.sampled_from("abcdefgh"), min_size=1, max_size=60), some.integers(1, 5))
def test_every_patient_is_in_one_part_alone(patients: list[str], parts: int) -> None:
    found = parts_by_patient(patients, parts)
    assert len(found) == parts
    assert sorted(one for part in found for one in part) == sorted(set(patients))
    assert found == parts_by_patient(list(reversed(patients)), parts)
