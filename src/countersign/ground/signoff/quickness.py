"""How quickly the calls of other systems were answered, counted by spans of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psycopg.rows import DictRow

SPANS: Final = (50, 100, 200, 300, 400, 500, 750, 1000, 2000, 5000, 600_000)
"""Milliseconds; a call counts for the first that is not shorter."""


@dataclass(frozen=True, slots=True)
class Quickness:
    """How one system's calls were answered since a day. ``p95`` is an upper bound in
    milliseconds; ``incomplete`` calls had a source missing, ``refused`` were not answered.
    """

    client: str
    calls: int
    incomplete: int
    refused: int
    p95: int | None


def quickness(client: str, rows: Sequence[DictRow]) -> Quickness:
    """Of the rows of one client in ``signoff.card_call``, summed over days and services."""
    answered = sorted((row for row in rows if row["milliseconds"]), key=_span)
    calls, below, p95 = sum(row["calls"] for row in answered), 0, None
    for row in answered:
        below += row["calls"]
        if p95 is None and below >= 0.95 * calls:
            p95 = row["milliseconds"]
    refused = sum(row["calls"] for row in rows if not row["milliseconds"])
    return Quickness(client, calls, sum(row["incomplete"] for row in answered), refused, p95)


def _span(row: DictRow) -> int:
    return row["milliseconds"]
