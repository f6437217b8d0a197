"""The compute port on a real Ray cluster of two nodes, with no way out of its network."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from countersign.ground.jobs import RayCompute
from countersign.ground.jobs.ray_compute import ComputeAway
from ray_cluster import run_apart


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("ray")
    run_apart(Path(__file__).with_name("ray_program.py"), str(folder))
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
