"""A real Ray cluster of two nodes on this machine, and programs that are driven apart on it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from countersign.ground.jobs import RayCompute

MEMORY = 80_000_000
NO_WAY_OUT = (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net"))
"""Root keeps its own name where it may, so that it can still reach the sockets of databases."""


@dataclass(frozen=True)
class Nodes:
    """``kill`` ends the second node at once, with all that it computes."""

    address: str
    kill: Callable[[], None]


@contextmanager
def two_nodes() -> Iterator[Nodes]:
    """One core each. Only for a program of its own: ``run_apart``."""
    from ray.cluster_utils import Cluster

    node = {"object_store_memory": MEMORY, "num_cpus": 1, "node_ip_address": "127.0.0.1"}
    temporary = tempfile.mkdtemp(prefix="cs-ray-")
    # Ray notes a cluster's address in a folder that it does not make, where another's may stand.
    os.environ["RAY_TMPDIR"] = temporary  # noqa: TID251 - Ray reads it
    Path(temporary, "ray").mkdir()
    cluster: Any = Cluster(
        initialize_head=True,
        head_node_args={**node, "include_dashboard": False, "temp_dir": temporary},
    )
    second = cluster.add_node(**node)
    try:
        yield Nodes(cluster.address, lambda: cluster.remove_node(second, allow_graceful=False))
    finally:
        cluster.shutdown()


def run_apart(program: Path, *arguments: str) -> None:
    """Runs a program of the tests with nothing but the loopback, where that is permitted."""
    command = [sys.executable, str(program), *arguments]
    environment = {
        **os.environ,  # noqa: TID251 - a program of its own is started
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": os.pathsep.join([str(program.parent), *filter(None, sys.path)]),
    }
    for way in NO_WAY_OUT:
        if not subprocess.run([*way, "true"], capture_output=True, check=False).returncode:
            command = [*way, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]
            break
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def nodes_at_work(compute: RayCompute, ask: Callable[[int], tuple[int, str]] | None = None) -> int:
    """How many nodes have answered: a busy machine is slow to start a node's first process."""
    seen: set[str] = set()
    for _ in range(100):
        seen |= {node for _, node in compute.map(ask or where, range(8))}
        if len(seen) == 2:
            break
    return len(seen)


def where(number: int) -> tuple[int, str]:
    """The number, and the node that was asked."""
    import time

    time.sleep(0.05)
    return number, node()


def node() -> str:
    """The node that this process computes on."""
    import ray

    return ray.get_runtime_context().get_node_id()
