"""How much of a perfect hill is a centre, chosen by what a network draws of what it learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from countersign.rooms.pathology.domain.he_grouping import Grouping, centres, sigmoid
from countersign.rooms.pathology.domain.nuclei_scores import RADIUS, Counts, counted, matched
from countersign.rooms.pathology.inference.he_network import HeNetwork
from countersign.rooms.pathology.training.he_crops import Field

SHARES = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)

LOOKED_AT = 24
"""Pictures that are drawn for it."""


def chosen(network: HeNetwork, fields: Sequence[Field], seed: int) -> float:
    """The share of the best F1 of centres, within RADIUS pixels of the true ones, of several as
    good the lowest; that of ``Grouping`` where nuclei are outlined or nothing is known of them.

    Outlines hardly change with it, and what a network learnt of them it knows too well: there
    the highest share always seems the best.
    """
    known = [one for one in fields if one.instances is None and one.points is not None]
    if not known:
        return Grouping().centre
    chance = np.random.default_rng(seed)
    some = chance.choice(len(known), min(LOOKED_AT, len(known)), replace=False)
    looked = [known[int(number)] for number in some]
    hills = [sigmoid(network.maps(one.image)[1]) for one in looked]

    def good(share: float) -> float:
        way, counts = replace(network.grouping, centre=share), Counts(0, 0, 0)
        for one, hill in zip(looked, hills, strict=True):
            found, _ = centres(hill, way)
            if one.points is not None:
                pairs = matched(one.points, found, RADIUS)
                counts = counts + counted(pairs, len(found))
        return counts.f1

    return max(SHARES, key=good)
