"""A whole slide over a real Ray cluster of two nodes, one of which is killed while it measures."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import SECRET
from countersign.ground.db import Database
from ray_cluster import run_apart


def test_a_slide_on_two_nodes_of_which_one_dies_has_the_bits_of_local_processes(
    database: Database, tmp_path: Path
) -> None:
    program = Path(__file__).with_name("ray_slide.py")
    run_apart(program, str(tmp_path), database.owner_conninfo, SECRET.decode())
    said = json.loads((tmp_path / "said.json").read_text())
    assert said["nodes"] == 2
    assert said["ray"]["state"] == said["local"]["state"] == "ready"
    measured, killed = said["measured"], said["killed"]
    assert killed is not None and killed + 1 < len(measured)
    assert measured[-1] == said["head"]
    assert said["ray"]["nuclei"] > 10_000
    assert said["ray"] == said["local"]
