"""How well a network finds and types the nuclei of pictures that it did not learn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.he_grouping import grouped, kinds_at
from countersign.rooms.pathology.domain.he_maps import MPP
from countersign.rooms.pathology.domain.nuclei_scores import (
    RADIUS,
    Counts,
    aggregated_jaccard,
    counted,
    matched,
)
from countersign.rooms.pathology.inference.he_network import HeNetwork
from countersign.rooms.pathology.training.he_crops import Field


def measured(network: HeNetwork, fields: Sequence[Field]) -> dict[str, Any]:
    """``aji`` (mean over pictures with outlines, at MPP), ``f1`` of points within RADIUS pixels
    at MPP, ``accuracy`` of the types of found nuclei that have one, and ``accuracy_at_truth``
    where the type is read at the true centre. A figure is missing where its truth is."""
    indices: list[float] = []
    counts = Counts(0, 0, 0)
    typed: list[NDArray[np.bool_]] = []
    at_truth: list[NDArray[np.bool_]] = []
    for one in fields:
        maps = network.maps(one.image)
        found = grouped(maps, network.grouping)
        if one.instances is not None:
            indices.append(aggregated_jaccard(one.instances, found.labels))
        if one.points is None or one.types is None:
            continue
        pairs = matched(one.points, found.centres, RADIUS)
        counts = counts + counted(pairs, len(found.centres))
        known = one.types > 0
        met = known & (pairs >= 0)
        typed.append(found.types[pairs[met]].argmax(1) + 1 == one.types[met])
        said = kinds_at(maps, one.points[known]).argmax(1) + 1
        at_truth.append(said == one.types[known])
    out: dict[str, Any] = {"pictures": len(fields), "mpp": MPP}
    if indices:
        out["aji"] = round(float(np.mean(indices)), 4)
    if typed:
        out["f1"] = round(counts.f1, 4)
        out["precision"], out["recall"] = round(counts.precision, 4), round(counts.recall, 4)
        if (right := np.concatenate(typed)).size:
            out["accuracy"] = round(float(right.mean()), 4)
            out["accuracy_at_truth"] = round(float(np.concatenate(at_truth).mean()), 4)
    return out
