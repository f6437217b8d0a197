"""The days of the charts are those of all slides that count, in whatever order they came to be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from building import PATIENT, Building
from countersign.ground.db import WHOLE, Database, DbRole, naming
from countersign.ground.identity import Principal
from countersign.ground.slides import CHARTED, Described, Figures, Match, Slides, WrongSlideState

BY = Principal.system("pathology")
PLACES = [(day, scanner) for day in (date(2026, 3, 2), date(2026, 3, 3)) for scanner in ("A", "")]
STAINS = ("he", "ki67")
ON_CHARTS = ("ready", "draft", "signed", "rescan")


@dataclass
class Department:
    """A house, its slides, and what ought to be on the charts."""

    building: Building
    folder: Path
    slides: list[str] = field(default_factory=list[str])
    told: dict[str, tuple[date, str]] = field(default_factory=dict[str, tuple[date, str]])
    known: dict[str, tuple[str, Figures]] = field(default_factory=dict[str, tuple[str, Figures]])

    @property
    def floor(self) -> Slides:
        return self.building.floor.slides

    def come(self, day: date, scanner: str) -> str:
        """A slide that arrived on a day, an hour after midnight as the hospital counts."""
        path = self.folder / f"{len(self.slides)}.png"
        path.write_bytes(str(path).encode())
        slide = self.floor.intake.receive_files([path], "command", BY).slide
        at = datetime(day.year, day.month, day.day, 17, tzinfo=UTC) - timedelta(days=1)
        with psycopg.connect(self.building.database.owner_conninfo) as owner:
            owner.execute("alter table slides.slide disable trigger append_only")
            owner.execute("update slides.slide set at = %s where id = %s", (at, slide))
            owner.execute("alter table slides.slide enable always trigger append_only")
        self.floor.keeping.describe(slide, Described("tiff", 9, 9, 1, None, scanner), "", ())
        self.floor.keeping.give(BY, slide, Match(PATIENT, "he", "hand"), queue=False)
        self.slides.append(slide)
        self.told[slide] = (day, scanner or "–")
        return slide

    def measure(self, slide: str, figures: Figures) -> None:
        """As the worker does, again where it was measured before."""
        one = self.floor.keeping.one(WHOLE, slide)
        if one.state != "queued":
            self.floor.keeping.move(BY, slide, "queued")
        run = self.floor.running.begin(BY, slide, "toy", "1")
        assert run is not None
        assert self.floor.running.finish(BY, run, b"", b"", 0, figures)
        self.known[slide] = (one.stain or "", figures)

    def move(self, slide: str, state: str) -> None:
        """What the moves do not permit is left."""
        with suppress(WrongSlideState):
            self.floor.keeping.move(BY, slide, state)  # type: ignore[arg-type]

    def restain(self, slide: str, stain: str) -> None:
        """Somebody says that it was stained otherwise."""
        self.floor.keeping.give(BY, slide, Match(PATIENT, stain, "hand"), queue=False)

    def expected(self) -> dict[tuple[date, str, str], dict[str, list[float]]]:
        """The values of all slides that count, by day, scanner and stain, all anew."""
        found: dict[tuple[date, str, str], dict[str, list[float]]] = {}
        for slide, (stain, figures) in self.known.items():
            one = self.floor.keeping.one(WHOLE, slide)
            if one.state not in ON_CHARTS or one.stain != stain:
                continue
            values = found.setdefault((*self.told[slide], stain), {"slides": []})
            values["slides"].append(1)
            for name in CHARTED:
                if name in figures:
                    values.setdefault(name, []).append(figures[name])
        return found

    def check(self) -> None:
        days = self.floor.charting.days()
        expected = self.expected()
        assert {(one.day, one.scanner, one.stain) for one in days} == set(expected)
        for one in days:
            values = expected[one.day, one.scanner, one.stain]
            assert one.slides == len(values.pop("slides"))
            assert set(one.spreads) == set(values)
            for name, spread in one.spreads.items():
                assert spread.slides == len(values[name])
                parts = (spread.low, spread.middle, spread.high)
                assert parts == pytest.approx(np.percentile(values[name], (10, 50, 90)), rel=1e-5)


@pytest.fixture(scope="module")
def department(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Department]:
    home = tmp_path_factory.mktemp("house")
    made = Department(Building(module_database, home), home)
    for day, scanner in PLACES * 2:
        made.come(day, scanner)
    yield made
    made.building.close()


def test_nothing_is_there_before_a_slide_is_measured(department: Department) -> None:
    said = department.floor.charting.covered()
    assert (said.first, said.slides, said.scanners, said.waiting) == (None, 0, (), 0)


FIGURES = st.dictionaries(st.sampled_from(CHARTED), st.floats(0, 300, width=32), max_size=7)
WHICH = st.integers(0, 2 * len(PLACES) - 1)
ACTS = st.one_of(
    st.tuples(st.just("measure"), WHICH, FIGURES),
    st.tuples(st.just("move"), WHICH, st.sampled_from(["set-aside", "rescan", "queued", "draft"])),
    st.tuples(st.just("restain"), WHICH, st.sampled_from(STAINS)),
    st.tuples(st.just("settle"), st.integers(1, 3), st.none()),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ACTS, max_size=12))
def test_the_days_are_those_of_all_slides(department: Department, acts: list[tuple]) -> None:
    """Measured, again, taken away, stained otherwise; settled or not: every time the same."""
    for act, which, what in acts:
        if act == "settle":
            department.floor.charting.settle(which)
            continue
        slide = department.slides[which]
        state = department.floor.keeping.one(WHOLE, slide).state
        if act == "restain" and state not in ("running", "draft", "signed"):
            department.restain(slide, what)
        elif act == "move":
            department.move(slide, what)
        elif act == "measure" and state != "draft":
            department.measure(slide, what)
        department.check()
    while department.floor.charting.settle(2):
        pass
    department.check()
    (left,) = department.building.rows("select count(*) as n from slides.quality_changed")
    assert left["n"] == 0


def test_many_measure_at_once_and_none_is_lost(department: Department) -> None:
    """Two write while a third settles over and over."""
    new = [department.come(date(2026, 3, 9), "B") for _ in range(12)]
    ended = threading.Event()

    def settling() -> None:
        while not ended.is_set():
            department.floor.charting.settle(5)

    def measuring(own: list[str]) -> None:
        for at, slide in enumerate(own):
            department.measure(slide, {"focus": float(at)})

    threads = [threading.Thread(target=measuring, args=(new[at::2],)) for at in range(2)]
    third = threading.Thread(target=settling)
    for one in (third, *threads):
        one.start()
    for one in threads:
        one.join()
    ended.set()
    third.join()
    department.check()
    department.floor.charting.settle(100)
    department.check()


def test_what_is_not_a_day_s_is_refused(department: Department) -> None:
    """The room writes figures of a slide; day, scanner, stain and sums are the database's."""
    pool = department.building.database.pool(DbRole.ROOM)
    slide = department.come(date(2026, 3, 4), "A")
    department.measure(slide, {"white": 240.0})
    for attempt in (
        "update slides.quality set day = '2020-01-01'",
        "update slides.quality set counts = true",
        "update slides.quality_day set slides = 9",
        "insert into slides.quality_day values ('2020-01-01', 'A', 'he', 1, '{}', '{}')",
        "delete from slides.quality",
        "delete from slides.quality_changed",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            pool.within(WHOLE).transaction() as connection,
        ):
            connection.execute(attempt)  # type: ignore[arg-type]
    some = department.floor.charting.some
    assert some(WHOLE, [slide])[slide]["white"] == 240.0
    assert some(naming([PATIENT]), [slide]) and not some(naming(["p2"]), [slide])


def test_the_days_are_for_what_sees_the_whole_house(department: Department) -> None:
    """One patient's slides say nothing of a department, and no scope means nothing at all."""
    pool = department.building.database.pool(DbRole.ROOM)
    assert pool.within(WHOLE).rows("select from slides.quality_days")
    for scoped in (pool, pool.within(naming([PATIENT]))):
        for table in ("quality_day", "quality_changed", "quality_days", "quality_taken"):
            assert scoped.rows(f"select from slides.{table}") == []  # type: ignore[arg-type]
    assert pool.rows("select from slides.quality") == []
    for role in set(DbRole) - {DbRole.ROOM}:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            department.building.database.pool(role).within(WHOLE).rows(
                "select from slides.quality_days"
            )
