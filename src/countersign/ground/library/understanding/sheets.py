"""Reads spreadsheets: each sheet under a heading, each row a row; formulas give their values."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable
from datetime import date, datetime

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from . import normal
from .formats import macros
from .understood import Understood, Writing, finish
from .unreadable import NotUnderstood

CELLS, COLUMNS = 500_000, 200
"""Cells of a workbook and columns of a row that are read; an empty row counts as one cell."""


def read_xlsx(data: bytes) -> Understood:
    """Every sheet that is not hidden. Raises NotUnderstood."""
    notes = ["macros"] if macros(data) else []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that are not read
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        except InvalidFileException:
            raise NotUnderstood("broken") from None
        writing, left = Writing(), CELLS
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                notes += [] if "hidden" in notes else ["hidden"]
                continue
            writing.add("heading", normal.line(sheet.title), 1)
            left = _rows(sheet.iter_rows(max_col=COLUMNS, values_only=True), writing, left)
        book.close()
    return finish(writing, notes=notes + (["cut"] if left <= 0 else []))


def read_csv(text: str) -> Understood:
    """One table; the first line tells what parts its columns. Raises NotUnderstood."""
    csv.field_size_limit(1_000_000)
    first = text[:4096]
    mark = max(",;\t|", key=first.count)
    writing = Writing()
    rows = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=mark)
    left = _rows((one[:COLUMNS] for one in rows), writing, CELLS)
    return finish(writing, notes=["cut"] if left <= 0 else [])


def _rows(rows: Iterable[Iterable[object]], writing: Writing, left: int) -> int:
    """Writes rows until the cells are spent; returns how many are left."""
    for row in rows:
        if left <= 0:
            break
        cells = [_shown(value) for value in row]
        left -= max(1, len(cells))
        writing.add("row", normal.row(cells))
    return left


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        midnight = value.hour == value.minute == value.second == 0
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)
