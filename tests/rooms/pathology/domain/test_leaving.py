"""Regions and nuclei as others read them: QuPath's GeoJSON, and the viewer's columns."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from countersign.rooms.pathology.domain import geojson, report_words
from countersign.rooms.pathology.domain.columns import packed
from countersign.rooms.pathology.domain.measured import Nuclei, Region, Ring

from .test_ki67 import HOLE, SQUARE, nuclei, region


def collection(*regions: Region, cells: Nuclei | None = None, kinds: Any = None) -> Any:
    return json.loads(b"".join(geojson.written(regions, cells, kinds, (0.25, 0.5))))


def test_a_region_is_an_annotation_with_closed_rings() -> None:
    found = collection(region("tumour", SQUARE, HOLE))
    (feature,) = found["features"]
    assert found["type"] == "FeatureCollection"
    assert feature["properties"]["objectType"] == "annotation"
    assert feature["properties"]["classification"] == {"name": "Tumor", "color": [163, 19, 31]}
    assert feature["properties"]["isLocked"] is False  # a person drew it
    for ring in feature["geometry"]["coordinates"]:
        assert ring[0] == ring[-1] and len(ring) >= 4
    assert len(feature["geometry"]["coordinates"]) == 2


def test_a_nucleus_is_a_detection_of_its_own_area_and_class() -> None:
    cells = nuclei(1, 6)
    kinds = np.array([0, 1, 2, 3, 4, 5], np.uint8)
    features = collection(cells=cells, kinds=kinds)["features"]
    names = [one["properties"]["classification"]["name"] for one in features]
    assert names == ["Tumor: Negative", "Tumor: 1+", "Tumor: 2+", "Tumor: 3+", "Other", "Other"]
    for at, one in enumerate(features):
        assert one["properties"]["objectType"] == "detection"
        points = np.array(one["geometry"]["coordinates"][0]) * (0.25, 0.5)
        x, y = points[:-1].T
        shifted = np.roll(x, -1), np.roll(y, -1)
        area = abs(float((x * shifted[1] - shifted[0] * y).sum())) / 2
        assert area == pytest.approx(max(float(cells.area[at]), 1.0), rel=0.02, abs=0.05)
        said = {m["name"]: m["value"] for m in one["properties"]["measurements"]}
        assert said["Nucleus: DAB OD mean"] == pytest.approx(float(cells.stain[at]), abs=1e-4)
    typed = collection(cells=cells)["features"]
    assert {one["properties"]["classification"]["name"] for one in typed} <= {
        "Tumor",
        "Immune cells",
        "Stroma",
        "Epithelium",
        "Other",
    }


def test_nothing_at_all_is_still_a_collection() -> None:
    assert collection() == {"type": "FeatureCollection", "features": []}
    assert collection(Region("pen", Ring(np.zeros((0, 2), np.float32))))["features"]


@given(count=some.integers(0, 300), seed=some.integers(0, 99))
def test_columns_come_back_as_they_were(count: int, seed: int) -> None:
    cells = nuclei(seed, count)
    raw = b"".join(packed(cells))
    start = 8 + int.from_bytes(raw[4:8], "little")
    head = json.loads(raw[8:start])
    assert start % 4 == 0 and head["count"] == count
    for at, name in enumerate(("x", "y", "stain", "tumour", "area")):
        column = np.frombuffer(raw, "<f4", count, start + 4 * count * at)
        assert (column == getattr(cells, name)).all()
    assert (np.frombuffer(raw, np.uint8, count, start + 20 * count) == cells.type).all()


def test_every_limit_is_in_words_and_none_is_hidden() -> None:
    few = report_words.limit({"code": "few-tumour-cells", "cells": 120, "least": 500})
    assert "120" in few.en and "120" in few.zh
    assert "–" in report_words.limit({"code": "few-tumour-cells"}).en
    unknown = report_words.limit({"code": "brand-new", "value": 3})
    assert "brand-new" in unknown.en and "3" in unknown.zh
    for code in report_words.LIMITS:
        words = report_words.limit({"code": code})
        assert words.en and words.zh and "{" not in words.en + words.zh
