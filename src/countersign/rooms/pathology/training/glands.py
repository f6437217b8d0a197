"""Learns to outline glands from a hospital's own folder; nothing learnt so leaves the hospital."""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from countersign.rooms.pathology.domain.gland import gland_mask, malignancy
from countersign.rooms.pathology.domain.gland_pixels import MPP, prepared
from countersign.rooms.pathology.training.gland_fields import (
    Labelled,
    labelled,
    parts_by_patient,
)
from countersign.rooms.pathology.training.gland_network import (
    BENIGN,
    MALIGNANT,
    STEPS,
    Field,
    Practised,
    graph,
    learn,
    outlined,
)

PARTS = 4

Progress = Callable[[str, float], None]


def train(
    source: Path,
    out: Path,
    progress: Progress | None = None,
    steps: int = STEPS,
    seed: int = 1,
    also: Sequence[Path] = (),
) -> dict[str, Any]:
    """Learns from ``source`` (see ``labelled``) and writes ``out/glands.npz`` and ``card.json``.

    It goes on from an eye that has seen photographs (``lite0``). One part of the patients in
    four is held back first and measured on; then the network that is written learns from all of
    them. Both learn from the folders of ``also`` besides. ``progress`` is told what is done and
    its share in [0, 1]. Returns the card: fields, patients, dice and grade_accuracy of the part
    held back, digest.
    """
    fields = labelled(source)
    held = set(parts_by_patient([one.patient for one in fields], PARTS)[0])
    kept = [one for one in fields if one.patient not in held]
    if not kept:
        raise ValueError("fields.csv: at least two patients are needed")
    besides = fields_of([one for folder in also for one in labelled(folder)])
    tell = progress or (lambda _what, _share: None)
    torch.manual_seed(seed)
    start = Practised()
    tried = learn(
        [*fields_of(kept), *besides],
        seed,
        steps,
        lambda at, of: tell("comparing", 0.5 * at / of),
        start,
    )
    measured = measure(tried, [one for one in fields if one.patient in held])
    final = learn(
        [*fields_of(fields), *besides],
        seed,
        steps,
        lambda at, of: tell("learning", 0.5 + 0.5 * at / of),
        start,
    )
    raw = graph(final)
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / "glands.npz", graph=np.frombuffer(raw, np.uint8))
    card = {
        "model": "glands",
        "fields": len(fields),
        "patients": len({one.patient for one in fields}),
        "held_back_patients": len(held),
        "steps": steps,
        "seed": seed,
        "mpp": MPP,
        **measured,
        "digest": hashlib.sha256(raw).hexdigest(),
    }
    (out / "card.json").write_text(json.dumps(card, indent=2) + "\n", "utf-8")
    return card


def fields_of(fields: Sequence[Labelled]) -> list[Field]:
    """What the network learns from."""
    return [
        Field(
            prepared(one.pixels),
            (one.glands * (MALIGNANT if one.malignant else BENIGN)).astype(np.uint8),
            one.patient,
        )
        for one in fields
    ]


def measure(model: nn.Module, fields: Sequence[Labelled]) -> dict[str, float]:
    """Mean Dice of the pixels by field, and the share of fields whose grade is right."""
    dice: list[float] = []
    right: list[bool] = []
    for one in fields:
        gland, sick = outlined(model, prepared(one.pixels))
        mask = gland_mask(gland, MPP)
        both = int((mask & one.glands).sum())
        dice.append(2 * both / max(1, int(mask.sum()) + int(one.glands.sum())))
        right.append(((malignancy(mask, gland, sick) or 0.0) >= 0.5) == one.malignant)
    return {
        "dice": round(float(np.mean(dice)), 4),
        "grade_accuracy": round(float(np.mean(right)), 4),
    }
