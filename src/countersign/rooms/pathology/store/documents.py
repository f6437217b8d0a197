"""Findings, plans and regions as JSON that gives every number back as it was."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from countersign.rooms.pathology.domain.measured import Findings, Plan, Region, Ring, Tile


def findings_json(findings: Findings) -> bytes:
    """UTF-8, keys sorted; the same findings give the same bytes."""
    return _written(
        {
            "figures": findings.figures,
            "regions": [region_json(one) for one in findings.regions],
            "limits": list(findings.limits),
            "second": findings.second,
        }
    )


def findings_from(raw: bytes) -> Findings:
    """What ``findings_json`` wrote."""
    said = json.loads(raw)
    return Findings(
        said["figures"],
        tuple(region_from(one) for one in said["regions"]),
        tuple(said["limits"]),
        said["second"],
    )


def plan_json(plan: Plan) -> bytes:
    """UTF-8, keys sorted."""
    return _written(
        {
            "analysis": plan.analysis,
            "version": plan.version,
            "mpp": plan.mpp,
            "tiles": [
                [one.number, one.x, one.y, one.width, one.height, one.margin] for one in plan.tiles
            ],
            "tissue": [region_json(one) for one in plan.tissue],
            "artefacts": [region_json(one) for one in plan.artefacts],
            "kept": plan.kept,
        }
    )


def plan_from(raw: bytes) -> Plan:
    """What ``plan_json`` wrote."""
    said = json.loads(raw)
    return Plan(
        said["analysis"],
        said["version"],
        said["mpp"],
        tuple(Tile(*one) for one in said["tiles"]),
        tuple(region_from(one) for one in said["tissue"]),
        tuple(region_from(one) for one in said["artefacts"]),
        said["kept"],
    )


def region_json(region: Region) -> dict[str, Any]:
    """Points as [x, y] in level-0 pixels."""
    return {
        "kind": region.kind,
        "name": region.name,
        "drawn_by": region.drawn_by,
        "outline": _points(region.outline),
        "holes": [_points(one) for one in region.holes],
    }


def region_from(said: dict[str, Any]) -> Region:
    """What ``region_json`` made, or what a page sent."""
    return Region(
        str(said["kind"]),
        _ring(said["outline"]),
        tuple(_ring(one) for one in said.get("holes", ())),
        str(said.get("name", "")),
        said.get("drawn_by"),
    )


def _points(ring: Ring) -> list[list[float]]:
    return np.asarray(ring.points, np.float32).astype(float).tolist()


def _ring(points: Any) -> Ring:
    return Ring(np.asarray(points, np.float32).reshape(-1, 2))


def _written(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()
