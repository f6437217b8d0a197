"""Reads the times at which requests came on a day of the hospital."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

FOLDER = Path(__file__).parent.parent / "arrivals"
SHIPPED = "outpatient-day-invented.csv"
LARGEST = 4 * 1024 * 1024
MOST = 200_000


class BadArrivals(CountersignError):
    code = "study.bad_arrivals"
    status = 422
    message = (
        "The arrival times cannot be used: {problem}. Write a column “seconds” with rising seconds "
        "of the day."
    )


def arrival_times(raw: bytes) -> tuple[float, ...]:
    """Seconds from the first arrival, rising. ``raw`` is CSV with a column ``seconds``.

    Raises BadArrivals.
    """
    if len(raw) > LARGEST:
        raise BadArrivals(problem="the file is too large")
    try:
        lines = [line for line in raw.decode("utf-8-sig").splitlines() if not line.startswith("#")]
        times = [float(row["seconds"]) for row in csv.DictReader(io.StringIO("\n".join(lines)))]
    except (UnicodeDecodeError, KeyError, TypeError, ValueError, csv.Error):
        raise BadArrivals(problem="a line holds no number") from None
    if not 2 <= len(times) <= MOST:
        raise BadArrivals(
            problem=Words(f"there must be 2 to {MOST} of them", f"须有 2 至 {MOST} 个")
        )
    if not all(0 <= time <= 7 * 86400 for time in times) or times != sorted(times):
        raise BadArrivals(problem="they do not rise within a week")
    return tuple(time - times[0] for time in times)


def shipped_arrivals(name: str, folder: Path | None = None) -> tuple[float, ...]:
    """Arrival times of a file by its plain name: the hospital's, or ours. Raises BadArrivals."""
    for place in (folder / "arrivals" if folder else None, FOLDER):
        if place is not None and (place / name).is_file():
            return arrival_times((place / name).read_bytes())
    raise BadArrivals(problem=Words(f"there is no file {name}", f"没有文件 {name}"))
