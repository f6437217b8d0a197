"""A slide goes from file to result, goes on after any kill, and gives the same bits always."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.slide_toy import Newer, Toy, open_toy, picture
from countersign.ground.db import WHOLE
from countersign.ground.jobs import ComputeLost, Interrupted, JobContext, LocalPool, NotNow
from countersign.ground.ledger import EventKind
from countersign.ground.slides import NothingMeasured, part_name
from countersign.rooms.pathology.domain.measured import Nuclei
from countersign.rooms.pathology.inference.registry import Registry
from countersign.rooms.pathology.service import PATHOLOGY, Analysing, Results

from .conftest import ACCESSION, REGISTRY, Laboratory

WIDE = {"width": 320, "height": 128}


class Through:
    """A compute port whose results pass through a test's hands."""

    def __init__(self, pool: Any, each: Callable[[int], None]) -> None:
        self._pool = pool
        self._each = each

    def map(self, function: Any, items: Iterable[Any], chunk: int = 1) -> Iterator[Any]:
        for number, result in enumerate(self._pool.map(function, items, chunk)):
            self._each(number)
            yield result

    def alone(self, function: Any, item: Any) -> Any:
        return self._pool.alone(function, item)


def answer(laboratory: Laboratory, slide: str) -> tuple[str, str, int]:
    run = Results(laboratory.building.floor, REGISTRY).run_of(slide)
    assert run.nuclei_sha256 and run.findings_sha256 and run.nuclei is not None
    return run.nuclei_sha256, run.findings_sha256, run.nuclei


def expected(seed: int, **size: int) -> tuple[str, str, int]:
    """The same in this process, tile by tile."""
    from countersign.rooms.pathology.store import (
        findings_json,
        nuclei_parquet,
        plan_from,
        plan_json,
    )

    path = Path(os.environ["PYTEST_TOY"])  # noqa: TID251 - set by the test that asks
    path.write_bytes(picture(seed, **size))
    slide, toy = open_toy(path), Toy()
    plan = plan_from(plan_json(toy.plan(slide)))
    nuclei = Nuclei.joined([toy.measure(slide, plan, tile) for tile in plan.tiles])
    findings = toy.finish(slide, plan, nuclei)
    return (
        sha256(nuclei_parquet(nuclei)).hexdigest(),
        sha256(findings_json(findings)).hexdigest(),
        len(nuclei),
    )


@pytest.fixture(autouse=True)
def toy_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTEST_TOY", str(tmp_path / "toy.png"))


def test_a_slide_is_looked_at_matched_and_measured(laboratory: Laboratory, tmp_path: Path) -> None:
    floor = laboratory.building.floor
    slide = laboratory.add(f"{ACCESSION}_A1_Ki-67.png", picture(1), tmp_path)
    one = laboratory.work(slide)
    assert (one.state, one.patient, one.stain, one.matched) == ("ready", "p1", "ki67", 1)
    assert one.described is not None
    assert (one.described.width, one.described.mpp) == (96, (0.5, 0.5))
    match = floor.slides.keeping.match(WHOLE, slide)
    assert match is not None
    assert (match.how, match.accession, match.block) == ("name", ACCESSION, "A1")
    assert match.specimen == "Specimen/sp-p1"
    assert answer(laboratory, slide) == expected(1)
    results = Results(floor, REGISTRY)
    nuclei, findings = results.nuclei_of(slide), results.findings_of(slide)
    assert len(nuclei) == findings.figures["count"] > 0
    assert nuclei.type.dtype == np.uint8
    assert nuclei.stain.dtype == np.float32
    kinds = [event.kind for event in laboratory.building.events(f"slide:{slide}")]
    assert kinds == [EventKind.SLIDE_ARRIVED, EventKind.SLIDE_MATCHED, EventKind.SLIDE_MEASURED]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_same_bits_whatever_the_number_of_processes(
    laboratory: Laboratory, tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    pool = LocalPool(workers)
    try:
        floor = replace(laboratory.building.floor, compute=pool)
        slide = laboratory.add(
            "w.png", picture(70 + workers, **WIDE), tmp_path, accession=ACCESSION, stain="he"
        )
        Analysing(floor, REGISTRY).work(JobContext(1, "pathology.slide"), slide)
    finally:
        pool.close()
    assert answer(laboratory, slide) == expected(70 + workers, **WIDE)


@pytest.mark.usefixtures("at_once")
def test_a_job_that_ends_anywhere_goes_on_from_there(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    from dataclasses import replace

    class Ended(BaseException):
        """As a kill would: nothing of the house hears of it."""

    floor = laboratory.building.floor
    slide = laboratory.add("k.png", picture(5, **WIDE), tmp_path, accession=ACCESSION, stain="ki67")
    measured: list[int] = []

    def end_after(count: int) -> Callable[[int], None]:
        def each(number: int) -> None:
            measured.append(number)
            if len(measured) > count:
                raise Ended

        return each

    for count in (1, 2, 7, 8, 12):
        measured.clear()
        through = replace(floor, compute=Through(floor.compute, end_after(count)))
        with pytest.raises(Ended):
            Analysing(through, REGISTRY).work(JobContext(1, "t"), slide)
        assert laboratory.one(slide).state == "running"
    run = floor.slides.running.latest(WHOLE, slide)
    assert run is not None
    kept = floor.slides.running.parts(run)
    assert len(kept) > 20
    measured.clear()
    through = replace(floor, compute=Through(floor.compute, measured.append))
    Analysing(through, REGISTRY).work(JobContext(1, "t"), slide)
    assert laboratory.one(slide).state == "ready"
    assert len(measured) < 20, "what was durable is measured again"
    assert answer(laboratory, slide) == expected(5, **WIDE)
    assert floor.slides.running.parts(run) == []


@pytest.mark.usefixtures("at_once")
def test_killed_computing_processes_change_nothing(laboratory: Laboratory, tmp_path: Path) -> None:
    from dataclasses import replace

    floor, pool = laboratory.building.floor, LocalPool(2)
    deaths = iter((3, 11))

    def each(number: int) -> None:
        if number == next_death[0]:
            next_death[0] = next(deaths, -1)
            for process in (pool._executor._processes or {}).values():  # type: ignore[union-attr]
                process.kill()

    next_death = [next(deaths)]
    slide = laboratory.add("c.png", picture(6, **WIDE), tmp_path, accession=ACCESSION, stain="ki67")
    try:
        through = replace(floor, compute=Through(pool, each))
        Analysing(through, REGISTRY).work(JobContext(1, "t"), slide)
    finally:
        pool.close()
    assert next_death == [-1]
    assert laboratory.one(slide).state == "ready"
    assert answer(laboratory, slide) == expected(6, **WIDE)


def test_a_file_that_ends_its_reader_is_damaged_and_stops_nobody(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    hostile = laboratory.add("h.png", b"KILL the reader", tmp_path, accession=ACCESSION)
    one = laboratory.work(hostile)
    assert (one.state, one.code) == ("damaged", "pathology.ends_its_reader")
    broken = laboratory.add("b.png", picture(8)[:50], tmp_path, accession=ACCESSION)
    one = laboratory.work(broken)
    assert (one.state, one.code) == ("damaged", "imaging.damaged")
    empty = laboratory.add("e.png", b"", tmp_path)
    assert laboratory.work(empty).state == "damaged"
    laboratory.ready(9, tmp_path)


def test_a_slide_whose_neighbours_end_the_shared_process_is_measured_alone(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    from dataclasses import replace

    class Crowded:
        """A shared process that somebody else's slide ends every time."""

        def __init__(self, pool: Any) -> None:
            self._pool = pool

        def map(self, function: Any, items: Iterable[Any], chunk: int = 1) -> Iterator[Any]:
            raise ComputeLost
            yield

        def alone(self, function: Any, item: Any) -> Any:
            return next(self._pool.map(function, [item]))

    floor = laboratory.building.floor
    slide = laboratory.add("i.png", picture(15, **WIDE), tmp_path, accession=ACCESSION, stain="he")
    Analysing(replace(floor, compute=Crowded(floor.compute)), REGISTRY).work(
        JobContext(1, "t"), slide
    )
    assert laboratory.one(slide).state == "ready"
    assert answer(laboratory, slide) == expected(15, **WIDE)


def test_what_cannot_be_measured_is_scanned_again(laboratory: Laboratory, tmp_path: Path) -> None:
    import cv2

    white = np.full((64, 64, 3), 255, np.uint8)
    raw = cv2.imencode(".png", white)[1].tobytes()
    slide = laboratory.add("white.png", raw, tmp_path, accession=ACCESSION, stain="he")
    one = laboratory.work(slide)
    assert (one.state, one.code) == ("rescan", "no-tissue")
    laboratory.building.floor.slides.keeping.move(PATHOLOGY, slide, "queued")
    assert laboratory.work(slide).state == "rescan"


def test_nothing_runs_while_ai_is_stopped(laboratory: Laboratory, tmp_path: Path) -> None:
    floor = laboratory.building.floor
    slide = laboratory.add("s.png", picture(10), tmp_path, accession=ACCESSION, stain="he")
    admin = laboratory.building.who("admin")
    floor.switch.stop(admin)
    try:
        with pytest.raises(NotNow):
            laboratory.work(slide)
        assert laboratory.one(slide).state == "queued"
    finally:
        floor.switch.resume(admin, "the test has seen it wait")
    assert laboratory.work(slide).state == "ready"


@pytest.mark.usefixtures("at_once")
def test_set_aside_ends_a_measurement_and_stopping_keeps_it(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    from dataclasses import replace

    floor = laboratory.building.floor
    slide = laboratory.add(
        "a.png", picture(11, **WIDE), tmp_path, accession=ACCESSION, stain="ki67"
    )
    asked = [False]

    def stop(number: int) -> None:
        asked[0] = number == 3

    context = JobContext(1, "t", asked_to_stop=lambda: asked[0])
    through = replace(floor, compute=Through(floor.compute, stop))
    with pytest.raises(Interrupted):
        Analysing(through, REGISTRY).work(context, slide)
    run = floor.slides.running.latest(WHOLE, slide)
    assert run is not None
    assert run.outcome is None
    assert floor.slides.running.parts(run)

    def aside(number: int) -> None:
        if number == 3:
            floor.slides.keeping.move(PATHOLOGY, slide, "set-aside", "by-hand")

    through = replace(floor, compute=Through(floor.compute, aside))
    Analysing(through, REGISTRY).work(JobContext(1, "t"), slide)
    assert laboratory.one(slide).state == "set-aside"
    run = floor.slides.running.latest(WHOLE, slide)
    assert run is not None
    assert run.outcome == "cancelled"
    with pytest.raises(NothingMeasured):
        Results(floor, REGISTRY).nuclei_of(slide)
    floor.slides.keeping.move(PATHOLOGY, slide, "queued")
    assert laboratory.work(slide).state == "ready"


def test_another_version_begins_anew(laboratory: Laboratory, tmp_path: Path) -> None:
    floor = laboratory.building.floor
    slide = laboratory.ready(12, tmp_path)
    first = answer(laboratory, slide)
    floor.slides.keeping.move(PATHOLOGY, slide, "queued")
    Analysing(floor, Registry({"ki67": Newer}, open_toy)).work(JobContext(1, "t"), slide)
    assert Results(floor, REGISTRY).run_of(slide).version == "2.0.0"
    assert answer(laboratory, slide)[1] == first[1]


def test_results_lie_encrypted(laboratory: Laboratory, tmp_path: Path) -> None:
    slide = laboratory.ready(13, tmp_path)
    root = laboratory.building.house.settings.slides / "results" / slide
    files = [path for path in root.rglob("*") if path.is_file()]
    assert sorted(path.name.split(".")[0] for path in files) == ["findings", "nuclei", "plan"]
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        raw = path.read_bytes()
        assert b"PAR1" not in raw
        assert b"figures" not in raw


def test_a_lost_process_that_never_gets_on_fails_the_slide(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    from dataclasses import replace

    class Dying:
        def __init__(self, pool: Any) -> None:
            self._pool = pool

        def map(self, function: Any, items: Iterable[Any], chunk: int = 1) -> Iterator[Any]:
            if function.__name__ == "nuclei_of":
                raise ComputeLost
            yield from self._pool.map(function, items, chunk)

        def alone(self, function: Any, item: Any) -> Any:
            return next(self.map(function, [item]))

    floor = laboratory.building.floor
    slide = laboratory.add("d.png", picture(14), tmp_path, accession=ACCESSION, stain="he")
    Analysing(replace(floor, compute=Dying(floor.compute)), REGISTRY).work(
        JobContext(1, "t"), slide
    )
    one = laboratory.one(slide)
    assert (one.state, one.code) == ("failed", "jobs.compute-lost")
    assert part_name(3) == "part-000003"
    assert math.isfinite(one.bytes)
