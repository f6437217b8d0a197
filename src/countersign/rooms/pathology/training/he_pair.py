"""Two networks that learn alike, one of them for twice as long, and look at a tile in turn."""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from countersign.rooms.pathology.training import he_eight, he_network
from countersign.rooms.pathology.training.efforts import MORE, Effort
from countersign.rooms.pathology.training.he_crops import Field
from countersign.rooms.pathology.training.he_network import Graph, Weights


def learnt(
    fields: Sequence[Field],
    weighted: Sequence[Field],
    seed: int,
    efforts: Sequence[Effort],
    tell: Callable[[int, int, float], None],
    start: Weights | None,
) -> list[tuple[Graph, dict[str, Any]]]:
    """A network for each of ``efforts``, from ``weighted`` (some of ``fields`` more often), and
    what its card says of its rounding."""
    found: list[tuple[Graph, dict[str, Any]]] = []
    for one in efforts:
        model = he_network.learn(weighted, seed, one, tell, start)
        if all(field.instances is None and field.foreground is None for field in fields):
            he_network.draw_no_outlines(model)
        raw = he_network.graph(model)
        eight, said = he_eight.rounded(raw, fields, seed)
        found.append((Graph(raw, eight), {"steps": one.steps, **said}))
    return found


def efforts(asked: Effort, looks: int) -> list[Effort]:
    """Of one network where it looks once, else of both."""
    return [asked] if looks == 1 else [asked, replace(asked, steps=MORE * asked.steps)]
