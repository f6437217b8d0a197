"""What a measurement hands back, and how it is printed: a table, then one JSON object."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO
from unicodedata import east_asian_width

Figure = float | int | str | bool | None


class Unmeasurable(Exception):
    """Why nothing could be measured, in a sentence that says what to do."""


@dataclass(frozen=True)
class Measured:
    """``rows`` for people, under ``columns``; ``figures`` for machines, by their agreed names.

    ``notes`` say what the figures leave out. The peers of a figure are rows of the same run.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    figures: Mapping[str, Figure]
    notes: Sequence[str] = field(default=())


def report(name: str, measured: Measured, out: TextIO) -> None:
    """Prints the table, the notes, the machine and, last, the figures as one line of JSON."""
    rows = [[_text(cell) for cell in row] for row in (measured.columns, *measured.rows)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = zip(row, widths, strict=True)
        padded = (_pad(cell, width, at) for at, (cell, width) in enumerate(cells))
        print("  ".join(padded).rstrip(), file=out)
        if number == 0:
            print("  ".join("─" * width for width in widths), file=out)
    for note in measured.notes:
        print(f"· {note}", file=out)
    print(f"· {_machine()}", file=out)
    print(json.dumps({"name": name, **measured.figures}, ensure_ascii=False), file=out)


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.machine()}, {cores} cores, Python {platform.python_version()}"


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:,.3g}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _pad(text: str, width: int, column: int) -> str:
    """The first column stands left, the others right."""
    gap = " " * (width - _width(text))
    return text + gap if column == 0 else gap + text
