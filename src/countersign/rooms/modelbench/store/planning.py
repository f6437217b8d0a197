"""Reads the data sheets of hardware, the shapes of models and the published measurements."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from countersign.rooms.modelbench.domain.planner import (
    Architecture,
    Attention,
    Hardware,
    Link,
    Measurement,
    Shape,
)

FOLDER = Path(__file__).parent.parent / "planner"
GIBIBYTE, GIGA, TERA = 2**30, 1e9, 1e12


@cache
def hardware() -> Mapping[str, Hardware]:
    """Every card by its key."""
    return {row["key"]: _card(row) for row in _read("hardware")}


@cache
def architectures() -> Mapping[str, Architecture]:
    """Every model's shape by its key."""
    return {row["key"]: _shape(row) for row in _read("architectures", "architecture")}


@cache
def published() -> tuple[Measurement, ...]:
    """Measurements of others, each with its source."""
    return tuple(
        Measurement(
            label=row["label"],
            model=row["model"],
            quantisation=row["quantisation"],
            hardware=row["hardware"],
            cards=row["cards"],
            shape=Shape(row["prompt"], row["output"]),
            first_token=row["first_token_ms"] / 1000 if "first_token_ms" in row else None,
            per_token=row["per_token_ms"] / 1000,
            origin="published",
            source=row["source"],
            fitted=row.get("fitted", False),
        )
        for row in _read("measured")
    )


def _card(row: dict[str, Any]) -> Hardware:
    return Hardware(
        key=row["key"],
        label=row["label"],
        memory=row["memory"] * GIBIBYTE,
        bandwidth=row["bandwidth"] * GIGA,
        flops={name: value * TERA for name, value in row["flops"].items()},
        link=Link(row["link"]),
        link_bandwidth=row["link_bandwidth"] * GIGA,
        watts=row["watts"],
        in_server=row["in_server"],
        source=row["source"],
        checked=row["checked"],
        disputed=row.get("disputed", False),
    )


def _shape(row: dict[str, Any]) -> Architecture:
    given: dict[str, Any] = {
        **row,
        "params": row["params"] * GIGA,
        "active": row["active"] * GIGA,
        "expert_params": row.get("expert_params", 0.0) * 1e6,
        "attention": Attention(row.get("attention", "gqa")),
    }
    return Architecture(**given)


def _read(file: str, table: str = "") -> list[dict[str, Any]]:
    said = tomllib.loads((FOLDER / f"{file}.toml").read_text(encoding="utf-8"))
    return said[table or file]
