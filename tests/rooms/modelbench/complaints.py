"""Invented complaints for tests of small models, without anything but NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

WORDS = {0: "发热咳嗽", 1: "骨折外伤", 2: "复查血糖"}


def sentences(count: int, seed: int = 1) -> tuple[list[str], Any]:
    """Invented complaints of three kinds."""
    chance = np.random.default_rng(seed)
    labels = chance.integers(3, size=count)
    fill = "的了是我有在不这"
    texts = [
        "".join(chance.choice(list(WORDS[int(label)] * 2 + fill), 8)) + str(at)
        for at, label in enumerate(labels)
    ]
    return texts, labels
