"""The compute port on a real Ray cluster of two nodes, with no way out of its network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from countersign.ground.jobs import RayCompute
from countersign.ground.jobs.ray_compute import ComputeAway

HERE = Path(__file__).parent
NO_WAY_OUT = ("unshare", "--user", "--map-root-user", "--net", "sh", "-c")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("ray")
    program = [sys.executable, str(HERE / "ray_program.py"), str(folder)]
    environment = {
        **os.environ,  # noqa: TID251 - a program of its own is started
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": os.pathsep.join([str(HERE), *filter(None, sys.path)]),
    }
    alone = ['ip link set lo up && exec "$@"', "sh", *program]
    permitted = subprocess.run([*NO_WAY_OUT, "true"], capture_output=True, check=False)
    command = program if permitted.returncode else [*NO_WAY_OUT, *alone]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads((folder / "said.json").read_text())
    return found


def test_results_are_in_the_order_of_the_items_and_from_both_nodes(said: dict[str, Any]) -> None:
    assert said["ordered"] == [True, True, True]
    assert said["nodes"] == 2


def test_the_first_error_comes_back_as_it_was(said: dict[str, Any]) -> None:
    assert said["error"] == [[0, 1, 2], "test.refused", {"number": 3}]


def test_items_are_drawn_only_as_they_are_needed(said: dict[str, Any]) -> None:
    assert said["drawn"] <= 2 * 2 + 3 + 1


def test_a_batch_that_ends_its_processes_is_lost_and_the_next_is_computed(
    said: dict[str, Any],
) -> None:
    assert said["killed"] == "jobs.compute-lost"
    assert said["after"] == [4.0]


def test_a_node_that_dies_changes_nothing(said: dict[str, Any]) -> None:
    assert said["node_killed"] is True
    assert said["left"] == 1


def test_nothing_leaves(said: dict[str, Any]) -> None:
    """Neither this side nor a process that computes; Ray itself found no network to go to."""
    assert said["out"] == "egress.hook_refused"
    assert said["refused"] == []


def test_without_a_cluster_work_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ComputeAway, match="goes on by itself"):
        list(RayCompute("127.0.0.1:1").map(abs, [1]))
