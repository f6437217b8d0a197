"""A Ray cluster of two nodes in a network without a way out; prints what became of each trial."""

from __future__ import annotations

import json
import math
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from countersign.ground.egress import GUARD
from countersign.ground.jobs import ComputeLost, RayCompute
from countersign.kit.errors import CountersignError
from ray_cluster import Nodes, nodes_at_work, two_nodes, where


class Refused(CountersignError):
    code = "test.refused"
    status = 422
    message = "Number {number} is refused."


def refuse(number: int) -> int:
    if number == 3:
        raise Refused(number=number)
    return number


def out(number: int) -> str:
    """Whether a process that computes can reach anything."""
    import socket

    try:
        socket.create_connection(("127.0.0.1", number), timeout=1)
    except CountersignError as problem:
        return problem.code
    except OSError as problem:
        return type(problem).__name__
    return "reached"


def main(folder: Path) -> None:
    """Writes one JSON object to ``folder``/said.json."""
    with two_nodes() as nodes:
        said = _trials(nodes)
    (folder / "said.json").write_text(json.dumps(said))


def _trials(nodes: Nodes) -> dict[str, Any]:
    refused: list[str] = []
    GUARD.listen(lambda place, module: refused.append(f"{module} {place}"))
    GUARD.arm()
    compute = RayCompute(nodes.address)
    said: dict[str, Any] = {}
    said["ordered"] = [
        list(compute.map(math.factorial, range(40), chunk)) == list(map(math.factorial, range(40)))
        for chunk in (1, 7, 1000)
    ]
    said["nodes"] = nodes_at_work(compute)
    said["error"] = _error(compute)
    said["drawn"] = _drawn(compute)
    said["out"] = list(compute.map(out, [9]))[0]
    try:
        list(compute.map(os._exit, [1]))
        said["killed"] = "nothing"
    except ComputeLost as problem:
        said["killed"] = problem.code
    said["after"] = list(compute.map(math.sqrt, [16.0]))
    timer = threading.Timer(0.3, nodes.kill)
    timer.start()
    numbers = [number for number, _ in compute.map(where, range(60))]
    timer.join()
    said["node_killed"] = numbers == list(range(60))
    said["left"] = len({node_id for _, node_id in compute.map(where, range(6))})
    said["refused"] = refused
    compute.close()
    return said


def _error(compute: RayCompute) -> list[object]:
    results = compute.map(refuse, range(8))
    before = [next(results) for _ in range(3)]
    try:
        next(results)
    except Refused as problem:
        return [before, problem.code, problem.details]
    return [before, "nothing"]


def _drawn(compute: RayCompute) -> int:
    drawn = 0

    def endless() -> Iterator[int]:
        nonlocal drawn
        while True:
            drawn += 1
            yield drawn

    results = compute.map(math.sqrt, endless())
    [next(results) for _ in range(3)]
    results.close()  # type: ignore[attr-defined]
    return drawn


if __name__ == "__main__":
    main(Path(sys.argv[1]))
