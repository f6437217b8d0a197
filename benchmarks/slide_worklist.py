"""How soon the worklist of a hundred thousand and of a million slides is there, by filter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from benchmarks.chart_page import PASSWORD, _session
from benchmarks.installation import Installation, free_port, running_house
from benchmarks.load import Outcome, request, saturate
from benchmarks.measured import Measured
from benchmarks.slide_worklist_stage import fill, furnish, sought
from countersign.app.house import open_house
from countersign.app.settings import from_environment

SIZES = (100_000, 1_000_000)
SECONDS = 4.0
SOMEBODY = 377


def measure(data: Path | None, sizes: tuple[int, ...] = SIZES) -> Measured:
    """One person's requests, one after the other, over HTTP to a whole installation."""
    del data
    rows: list[tuple[object, ...]] = []
    figures: dict[str, float] = {}
    with running_house(_begin, DEMONSTRATION="no", PORT=str(free_port())) as house:
        people = _people(house)
        held = 0
        for size in sizes:
            with open_house(from_environment(house.environment)) as opened:
                fill(opened, size - held, held)
            held = size
            for name, path in _pages(size).items():
                outcome = _asked(house, people["reader"], path)
                rows.append(_row(size, name, outcome))
                figures |= _figures(size, name, outcome)
            outcome = _asked(house, people["narrow"], "/pathology")
            rows.append(_row(size, "somebody who sees 2 %", outcome))
            figures |= _figures(size, "narrow", outcome)
    return Measured(
        ("slides", "page", "p50 ms", "p95 ms", "pages", "failures"),
        rows,
        figures,
        (
            "A page has 100 rows, names and numbers opened from their sealed boxes, under one "
            "receipt; one person asks for page after page.",
            "Rows were copied into the database: no file lies behind them, so that the look at "
            "the quality of a slide that was measured (once for each process) is left out.",
            "There are 500 patients: each has 200 or 2,000 slides, far more than a person has.",
        ),
    )


def _begin(environment: dict[str, str]) -> Mapping[str, str]:
    with open_house(from_environment(environment), upgrade=True) as house:
        furnish(house)
    return {}


def _people(house: Installation) -> dict[str, str]:
    """Their cookies, signed in while the house is empty."""
    for name, department in (("reader", "pathology"), ("narrow", "small")):
        house.command(
            "add", "person", name, "--name", name, "--role", "pathologist",
            "--department", department,
            "--licence", "pathologist:2020-01-01:2099-12-31", "--password", PASSWORD,
        )  # fmt: skip
    return {name: _session(house, name) for name in ("reader", "narrow")}


def _pages(size: int) -> dict[str, str]:
    who = sought(SOMEBODY)
    return {
        "all": "/pathology",
        "older": f"/pathology?before={size // 2}",
        "hand": "/pathology?view=hand",
        "waiting": "/pathology?view=waiting",
        "draft": "/pathology?view=draft",
        "signed": "/pathology?view=signed",
        "stain": "/pathology?stain=pdl1",
        "signed_stain": "/pathology?view=signed&stain=pdl1",
        "by_name": f"/pathology?q={quote(who.name)}",
        "by_accession": f"/pathology?q={quote(who.accession)}",
    }


def _asked(house: Installation, cookie: str, path: str) -> Outcome:
    headers = {"Cookie": cookie, "Accept": "text/html", "Accept-Language": "en"}
    message = [request(path, headers)]
    saturate(house.port, message, 1, 1.0)
    return saturate(house.port, message, 1, SECONDS)


def _row(size: int, name: str, outcome: Outcome) -> tuple[object, ...]:
    p50, p95 = (1000 * outcome.percentile(share) for share in (0.5, 0.95))
    return size, name, p50, p95, len(outcome.seconds), outcome.failures


def _figures(size: int, name: str, outcome: Outcome) -> dict[str, float]:
    short = f"{size // 1000}k_{name}"
    return {f"{short}_p95_ms": round(1000 * outcome.percentile(0.95), 1)}
