"""Opens the control charts over a year of 3,000 slides a day, beside summing all slides at once."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from benchmarks.measured import Measured
from countersign.ground.db import WHOLE, Database, DbRole, EmbeddedPostgres, migrate

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from building import Building  # noqa: E402 - lies with the tests
from rooms.pathology.pathologist import Session  # noqa: E402

DAYS, SLIDES, SCANNERS = 365, 3_000, 6
ROUNDS = 6
PAGES = {
    "a quarter, everything (the page as it opens)": "?days=90",
    "a year, everything": "?days=365",
    "a year, one scanner and stain": "?days=365&scanner=Scanner+3&stain=he",
    "a week, everything": "?days=7",
}
TABLES = ("quality", "quality_day", "quality_changed")


def measure(_data: Path | None) -> Measured:
    """Through the application: sign-in, rights, rows, rules, receipt and the drawn page."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        migrate(server.conninfo, b"benchmark")
        database = Database(server.conninfo, b"benchmark")
        building = Building(database, Path(folder) / "home")
        filled = _seconds(lambda: _fill(server.conninfo))
        settled = _seconds(lambda: building.floor.slides.charting.settle(DAYS * SCANNERS * 2))
        _arrive(server.conninfo, DAYS - 1)  # the newest day is not summed yet: the worst case
        session = Session(building, "pathologist")
        waits = {
            name: _waits(lambda query=query: session.get(f"/pathology/control{query}"))
            for name, query in PAGES.items()
        }
        sheet = _waits(lambda: session.get("/pathology/control.csv?days=365"))
        read = _waits(building.floor.slides.charting.days)
        peer = min(_seconds(lambda: _peer(database)) for _ in range(2))
        (covered, sizes) = building.floor.slides.charting.covered(), _sizes(server.conninfo)
        building.close()
        database.close()
        server.stop()
    rows: list[tuple[object, ...]] = [(name, *_both(each)) for name, each in waits.items()]
    rows += [
        ("a year as CSV", *_both(sheet)),
        ("of this, the rows of all days", *_both(read)),
        ("peer: all slides summed whenever it opens", peer * 1000, "", ""),
        ("summing the whole year, once", settled * 1000, "", ""),
    ]
    rows += [(f"on disk, MB: slides.{name}", size, "", "") for name, size in sizes.items()]
    first, year = list(waits.values())[:2]
    return Measured(
        ("page", "p50 ms", "p95 ms", "processor ms"),
        rows,
        {
            "slides": covered.slides,
            "p50_ms": round(_both(first)[0]),
            "p95_ms": round(_both(first)[1]),
            "cpu_ms": round(_both(first)[2]),
            "year_p50_ms": round(_both(year)[0]),
            "year_p95_ms": round(_both(year)[1]),
            "year_cpu_ms": round(_both(year)[2]),
            "peer_ms": round(peer * 1000),
            "mb": round(sum(sizes.values()), 1),
        },
        (
            f"{DAYS} days of {SLIDES:,} slides from {SCANNERS} scanners, two stains: "
            f"{SCANNERS * 2 * 7} charts; written in {filled:.0f} s",
            f"{ROUNDS} openings of each page by one reader, no other load of the application; the "
            "newest day's 3,000 slides are summed at each, as until the worker settles them",
            "processor: of the application without PostgreSQL; on a busy machine the truer figure",
            "sizes with their indexes; slides themselves and their results are not in them",
        ),
    )


def _fill(owner: str) -> None:
    """All days but the newest, in bulk: their triggers would take a quarter of an hour."""
    with psycopg.connect(owner, autocommit=True) as connection:
        for trigger in ("placed", "noted"):
            connection.execute(f"alter table slides.quality disable trigger {trigger}")
        connection.execute("set session_replication_role = replica")
        connection.execute(_BULK, {"first": 0, "last": (DAYS - 1) * SLIDES - 1})
        connection.execute(
            "insert into slides.quality_changed (day, scanner, stain)"
            " select distinct day, scanner, stain from slides.quality"
        )
        for trigger in ("placed", "noted"):
            connection.execute(f"alter table slides.quality enable always trigger {trigger}")
        connection.execute("vacuum analyze slides.quality, slides.quality_changed")


def _arrive(owner: str, day: int) -> None:
    """A day's slides, signed, with figures that scatter as real ones do; as if just measured."""
    given = {"day": day, "first": day * SLIDES, "last": (day + 1) * SLIDES - 1}
    with psycopg.connect(owner) as connection:
        for statement in (_SLIDES, _DESCRIBED, _STANDING, _QUALITY):
            connection.execute(statement, given)


def _peer(database: Database) -> None:
    database.pool(DbRole.ROOM).within(WHOLE).rows(
        "select day, scanner, stain, count(*),"
        " percentile_cont(array[0.1, 0.5, 0.9]) within group (order by white),"
        ' percentile_cont(array[0.1, 0.5, 0.9]) within group (order by "cast"),'
        " percentile_cont(array[0.1, 0.5, 0.9]) within group (order by angle),"
        " percentile_cont(array[0.1, 0.5, 0.9]) within group (order by haematoxylin),"
        " percentile_cont(array[0.1, 0.5, 0.9]) within group (order by second),"
        " percentile_cont(array[0.1, 0.5, 0.9]) within group (order by focus),"
        " percentile_cont(array[0.1, 0.5, 0.9]) within group (order by artefacts)"
        " from slides.quality where counts group by day, scanner, stain"
    )


def _sizes(owner: str) -> dict[str, float]:
    with psycopg.connect(owner) as connection:
        found = {
            name: connection.execute(
                "select pg_total_relation_size(%s::regclass)", (f"slides.{name}",)
            ).fetchone()
            for name in TABLES
        }
    return {name: row[0] / 1e6 for name, row in found.items() if row}


def _waits(work: Callable[[], object]) -> list[tuple[float, float]]:
    """Of each round the time that passed, and the processor's without PostgreSQL's."""
    work()
    found: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        before = time.process_time()
        passed = _seconds(work)
        found.append((passed, time.process_time() - before))
    return found


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _both(waits: list[tuple[float, float]]) -> tuple[float, float, float]:
    """p50 and p95 of the time that passed and p50 of the processor's, in milliseconds."""
    passed, spent = (sorted(column) for column in zip(*waits, strict=True))
    p95 = passed[round(0.95 * (len(passed) - 1))]
    return statistics.median(passed) * 1000, p95 * 1000, statistics.median(spent) * 1000


_NUMBERS = "from generate_series(%(first)s::bigint, %(last)s::bigint) n"
_NAME = "md5(n::text)::uuid::text"
_STAIN = "case when n %% 4 = 0 then 'ki67' else 'he' end"
_SCANNER = f"'Scanner ' || 1 + n / 4 %% {SCANNERS}"
_SLIDES = f"""
insert into slides.slide (id, sha256, bytes, layout, suffix, kept, how, actor, at)
select {_NAME}, sha256(n::text::bytea), 900000000, 'file', 'svs', false, 'folder', 'bench',
    timestamptz '2025-11-27 08:00+08' + make_interval(days => %(day)s, secs => n %% 3000)
{_NUMBERS}
"""
_DESCRIBED = f"""
insert into slides.described (slide, format, width, height, levels, scanner)
select {_NAME}, 'svs', 80000, 60000, 4, {_SCANNER} {_NUMBERS}
"""
_STANDING = f"""
insert into slides.standing (slide, number, state, code, step, changed_at, patient, stain, matched)
select {_NAME}, n, 'signed', '', 5, now(), 'p1', {_STAIN}, 1 {_NUMBERS}
"""
_ABOUT = "(1 + 0.05 * (random() + random() + random() - 1.5))"
_FIGURES = f"""
241 * {_ABOUT}, 6 * {_ABOUT}, 38 * {_ABOUT}, 0.62 * {_ABOUT}, 0.4 * {_ABOUT}, 0.35 * {_ABOUT},
    0.03 * {_ABOUT}, 0.02 * {_ABOUT}, 120 * {_ABOUT}
"""
_COLUMNS = 'white, "cast", angle, haematoxylin, second, focus, artefacts, blur, tissue_mm2'
_QUALITY = f"insert into slides.quality (slide, {_COLUMNS}) select {_NAME}, {_FIGURES} {_NUMBERS}"
_BULK = f"""
insert into slides.quality (slide, day, scanner, stain, counts, {_COLUMNS})
select {_NAME}, date '2025-11-27' + (n / {SLIDES})::integer, {_SCANNER}, {_STAIN}, true, {_FIGURES}
{_NUMBERS}
"""
