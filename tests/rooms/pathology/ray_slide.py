"""A slide goes through its job on two Ray nodes, one killed at work, and on local processes."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from building import IMPORTER, Building
from countersign.ground.db import WHOLE, Database
from countersign.ground.imaging import generated
from countersign.ground.jobs import LocalPool, Pace, RayCompute
from countersign.ground.shell import Floor
from countersign.rooms.pathology.inference.computing import nuclei_of
from countersign.rooms.pathology.inference.registry import ki67
from countersign.rooms.pathology.jobs import SLIDE, handlers
from countersign.rooms.pathology.service import PATHOLOGY, analysing
from ray_cluster import node, nodes_at_work, two_nodes, where
from rooms.pathology.conftest import ACCESSION, STAFF, specimen

SIDE = 8192
"""Pixels of the drawn slide, half a micrometre each."""

HURRY = Pace(poll=0.1, restart=0.1)


class Watched:
    """The cluster, and which node measured each group of tiles. The other node is killed once it
    has begun one; the first node waits for that, so that the end always comes at work."""

    def __init__(self, ray: RayCompute, kill: Callable[[], None], begun: Path) -> None:
        self._begun = begun
        self._ray = ray
        self._kill = kill
        self.measured: list[str] = []
        self.killed: int | None = None

    def map(self, function: Any, items: Iterable[Any], chunk: int = 1) -> Iterator[Any]:
        pairs = ((function, item, node(), self._begun) for item in items)
        for number, (at, result) in enumerate(self._ray.map(placed, pairs, chunk)):
            if function is nuclei_of:
                self.measured.append(at)
                if self.killed is None and self._begun.exists():
                    self.killed = number
                    self._kill()
            yield result

    def alone(self, function: Any, item: Any) -> Any:
        return next(self.map(function, [item]))


def placed(given: tuple[Callable[[Any], Any], Any, str, Path]) -> tuple[str, Any]:
    """What a function makes of an item, and on which node it did."""
    function, item, first, begun = given
    if function is nuclei_of and node() != first:
        begun.touch()
    end = time.monotonic() + 60
    while function is nuclei_of and not begun.exists() and time.monotonic() < end:
        time.sleep(0.02)
    return node(), function(item)


def prepared(number: int) -> tuple[int, str]:
    """As ``where``, once the node has loaded what it takes to measure."""
    ki67()
    return where(number)


def worked(floor: Floor, slide: str) -> dict[str, Any]:
    """The worker of the house does the slide's job; what is then known of the result."""
    stop = threading.Event()
    work = {SLIDE: handlers(floor)[SLIDE]}
    thread = threading.Thread(target=floor.jobs.run_worker, args=(work, stop, (), HURRY))
    thread.start()
    while floor.slides.keeping.one(WHOLE, slide).state in ("queued", "running"):
        stop.wait(0.2)
    stop.set()
    thread.join()
    run = floor.slides.running.latest(WHOLE, slide)
    assert run is not None
    return {
        "state": floor.slides.keeping.one(WHOLE, slide).state,
        "nuclei": run.nuclei,
        "bits": [run.nuclei_sha256, run.findings_sha256],
        "tiles": run.advance and run.advance.total,
    }


def main(folder: Path, conninfo: str, secret: bytes) -> None:
    """Writes one JSON object to ``folder``/said.json."""
    path, said = folder / "slide.tif", {}
    analysing.GROUP = 1  # so that a small slide has many groups
    drawn = generated.draw_ihc(7, 1024, 1024, 0.5, 0.3, wrap=True)
    generated.write_tiff(generated.Repeated(drawn, SIDE, SIDE, 0.5, 7), path)
    with two_nodes() as nodes:
        building = Building(
            Database(conninfo, secret, pool_size=4),
            folder / "house",
            staff=STAFF,
            ray=nodes.address,
        )
        floor, ray = building.floor, building.floor.compute
        assert isinstance(ray, RayCompute)
        floor.chart.receive(IMPORTER, specimen("p1", ACCESSION), source="test", keep_ids=True)
        hints = {"accession": ACCESSION, "stain": "ki67"}
        slide = floor.slides.intake.receive_files([path], "command", PATHOLOGY, hints=hints).slide
        said["nodes"] = nodes_at_work(ray, prepared)
        watched = Watched(ray, nodes.kill, folder / "begun")
        said["ray"] = worked(replace(floor, compute=watched), slide)
        said["killed"], said["measured"] = watched.killed, watched.measured
        said["head"] = node()
        ray.close()
    pool = LocalPool(1)
    floor.slides.keeping.move(PATHOLOGY, slide, "queued")
    said["local"] = worked(replace(floor, compute=pool), slide)
    pool.close()
    building.close()
    (folder / "said.json").write_text(json.dumps(said))


if __name__ == "__main__":
    from rooms.pathology.ray_slide import main as importable  # so that nodes find it by its name

    importable(Path(sys.argv[1]), sys.argv[2], sys.argv[3].encode())
