"""A study's figures as CSV and JSON; aggregates only, never a single answer."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict

from countersign.kit.json import JSON, encode
from countersign.rooms.modelbench.domain.study.reading import written

from .reading import Result, ResultRow
from .wording import advice

COLUMNS = (
    "configuration", "label", "model", "quantisation", "hardware", "cards", "set", "measure_value",
    "low", "high", "n", "unreadable", "failed", "capacity_requests_per_second",
    "capacity_output_tokens_per_second", "first_token_p95_seconds", "per_token_p95_seconds",
    "cost_per_1000_answers", "cost_per_million_output_tokens", "cost_per_1000_answers_at_capacity",
    "currency", "imported_loads",
)  # fmt: skip
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell must not begin that a person wrote: spreadsheets would run it."""


def as_csv(result: Result) -> str:
    """One line for each configuration and set."""
    written_to = io.StringIO()
    writer = csv.writer(written_to)
    writer.writerow(COLUMNS)
    for row in result.rows:
        for name, mark in row.sets.items() or [("", None)]:
            figures = (
                (mark.interval.value, mark.interval.low, mark.interval.high, mark.interval.n,
                 mark.unreadable, mark.failed)
                if mark
                else ("",) * 6
            )  # fmt: skip
            one = row.configuration
            said = (one.key, one.label, one.model, one.quantisation, one.hardware, one.cards, name)
            writer.writerow([*map(_harmless, said), *figures, *_speed(row), *_money(result, row)])
    return written_to.getvalue()


def as_json(result: Result) -> bytes:
    """The plan, every figure, the advice, and what was used (sets and prompts by hash)."""
    said: JSON = {
        "study": result.study.id,
        "state": result.study.state,
        "plan": written(result.plan),
        "sets": dict(result.found),
        "configurations": [_row(row) for row in result.rows],
        "recommendations": [
            {**asdict(one), "advice": advice(result, one).as_json()}
            for one in result.recommendations
        ],
        "prices": {
            **asdict(result.prices),
            "hardware": [asdict(one) for one in result.prices.hardware.values()],
            "version": result.price_version,
        },
        "imports": [
            {"tool": one.tool, "tool_version": one.tool_version, "file_sha256": one.file_sha256,
             "configuration": one.configuration}
            for one, _ in result.imports
        ],
    }  # fmt: skip
    return encode(said)


def _row(row: ResultRow) -> JSON:
    return {
        "key": row.configuration.key,
        "sets": {name: asdict(mark) for name, mark in row.sets.items()},
        "overall": asdict(row.overall) if row.overall else None,
        "steps": [asdict(step) for step in row.steps],
        "capacity": asdict(row.capacity) if row.capacity else None,
        "cost": {**asdict(row.cost), "parts": dict(row.cost.parts)} if row.cost else None,
        "on_frontier": row.best,
        "imported_loads": row.imported,
    }


def _speed(row: ResultRow) -> tuple[object, ...]:
    step = row.capacity.step if row.capacity else None
    if step is None:
        return ("",) * 4
    return step.request_throughput, step.output_throughput, step.ttft_p95, step.tpot_p95


def _money(result: Result, row: ResultRow) -> tuple[object, ...]:
    money = result.prices.currency, row.imported
    if row.cost is None:
        return ("", "", "", *money)
    cost = row.cost
    return cost.real_thousand, cost.real_million_tokens, cost.full_thousand, *money


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell
