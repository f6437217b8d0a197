"""A Ray cluster of two nodes in a network without a way out; prints what became of each trial."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ray.cluster_utils import Cluster

from countersign.ground.egress import GUARD
from countersign.ground.jobs import ComputeLost, RayCompute
from countersign.kit.errors import CountersignError

MEMORY = 80_000_000


class Refused(CountersignError):
    code = "test.refused"
    status = 422
    message = "Number {number} is refused."


def refuse(number: int) -> int:
    if number == 3:
        raise Refused(number=number)
    return number


def where(number: int) -> tuple[int, str]:
    import ray

    time.sleep(0.05)
    return number, ray.get_runtime_context().get_node_id()


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
    node = {"object_store_memory": MEMORY, "num_cpus": 1, "node_ip_address": "127.0.0.1"}
    temporary = tempfile.mkdtemp(prefix="cs-ray-")
    cluster: Any = Cluster(
        initialize_head=True,
        head_node_args={**node, "include_dashboard": False, "temp_dir": temporary},
    )
    second = cluster.add_node(**node)
    refused: list[str] = []
    GUARD.listen(lambda place, module: refused.append(f"{module} {place}"))
    GUARD.arm()
    compute = RayCompute(cluster.address)
    said: dict[str, Any] = {}
    said["ordered"] = [
        list(compute.map(math.factorial, range(40), chunk)) == list(map(math.factorial, range(40)))
        for chunk in (1, 7, 1000)
    ]
    said["nodes"] = _nodes(compute)
    said["error"] = _error(compute)
    said["drawn"] = _drawn(compute)
    said["out"] = list(compute.map(out, [9]))[0]
    try:
        list(compute.map(os._exit, [1]))
        said["killed"] = "nothing"
    except ComputeLost as problem:
        said["killed"] = problem.code
    said["after"] = list(compute.map(math.sqrt, [16.0]))
    timer = threading.Timer(0.3, lambda: cluster.remove_node(second, allow_graceful=False))
    timer.start()
    numbers = [number for number, _ in compute.map(where, range(60))]
    timer.join()
    said["node_killed"] = numbers == list(range(60))
    said["left"] = len({node_id for _, node_id in compute.map(where, range(6))})
    said["refused"] = refused
    compute.close()
    cluster.shutdown()
    (folder / "said.json").write_text(json.dumps(said))


def _nodes(compute: RayCompute) -> int:
    """How many nodes have computed: a busy machine is slow to start a node's first process."""
    seen: set[str] = set()
    for _ in range(100):
        seen |= {node for _, node in compute.map(where, range(8))}
        if len(seen) == 2:
            break
    return len(seen)


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
