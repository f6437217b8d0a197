"""The figures of an H&E slide: how many nuclei, of what kind, how dense, and what limits that."""

from __future__ import annotations

from typing import Any

import numpy as np

from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType

FEW = 500
"""Nuclei below which shares are not to be relied on."""

COARSE = 0.6
"""Micrometres of a pixel above which nuclei are too coarse to be typed."""

APART = 0.25
"""Two ways of counting differ by more than this share: they disagree."""


def figures_of(nuclei: Nuclei, tissue_mm2: float) -> dict[str, Any]:
    """Counts by kind, nuclei a mm² of tissue, mean area in µm², share of tumour nuclei (None
    without nuclei)."""
    total = len(nuclei)
    counts = np.bincount(nuclei.type, minlength=len(NucleusType))
    return {
        "nuclei": total,
        "by_type": {kind.name.lower(): int(counts[kind]) for kind in NucleusType},
        "tissue_mm2": round(tissue_mm2, 3),
        "per_mm2": round(total / tissue_mm2, 1) if tissue_mm2 > 0 else None,
        "mean_area_um2": round(float(nuclei.area.mean(dtype=np.float64)), 1) if total else None,
        "tumour_share": round(float((nuclei.tumour >= 0.5).mean()), 4) if total else None,
    }


def limits_of(
    total: int, mpp: float, *, trained: bool, sees_tumour: bool, stain_known: bool
) -> tuple[dict[str, Any], ...]:
    """Codes of what limits the answer, with their values.

    ``types-by-rule``: kinds of cells by size and shape alone. ``tumour-not-learnt``: the model
    never saw a nucleus that was called a tumour's.
    """
    found: list[dict[str, Any]] = []
    if total < FEW:
        found.append({"code": "few-nuclei", "nuclei": total, "least": FEW})
    if mpp > COARSE:
        found.append({"code": "coarse-pixels", "mpp": round(mpp, 3), "most": COARSE})
    if not stain_known:
        found.append({"code": "stain-out-of-range"})
    if not trained:
        found.append({"code": "types-by-rule"})
    elif not sees_tumour:
        found.append({"code": "tumour-not-learnt"})
    return tuple(found)


def compared(method: str, ours: int, second: int, tiles: int) -> dict[str, Any]:
    """Two counts over the same tiles: the ratio of the smaller to the larger, and whether they
    disagree."""
    ratio = min(ours, second) / max(ours, second) if max(ours, second) else 1.0
    return {
        "method": method,
        "tiles": tiles,
        "nuclei": ours,
        "second": second,
        "ratio": round(ratio, 3),
        "disagree": ratio < 1 - APART,
    }
