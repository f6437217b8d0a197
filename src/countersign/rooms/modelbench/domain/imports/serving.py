"""Reads results of load generators: vLLM and SGLang bench serve, guidellm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from countersign.rooms.modelbench.domain.study.capacity import Step

from .imported import MOST_STEPS, Fields, Imported, UnreadableImport, number

VLLM, SGLANG, GUIDELLM = "vllm bench serve", "sglang bench_serving", "guidellm"
ALONE = 1.05
"""Requests at once up to which a load counts as one user on an idle server."""


def serving(rows: Sequence[Mapping[str, Any]]) -> Imported:
    """One table for each load; both tools use the same names. Times are in milliseconds."""
    backend = str(rows[0].get("backend", "")).startswith("sglang")
    tool = SGLANG if backend or "total_throughput" in rows[0] else VLLM
    steps = tuple(sorted((_step(tool, row) for row in rows), key=lambda one: one.rate))
    fields = Fields(tool, rows[0])
    completed = fields.number("completed") or 1.0
    alone = min(rows, key=lambda row: number(row.get("max_concurrency")) or 1e9)
    lone = (number(alone.get("max_concurrency")) or 1e9) <= ALONE
    quiet = Fields(tool, alone)
    return Imported(
        tool=tool,
        version=fields.text("version", "vllm_version", "sglang_version"),
        model=fields.text("model_id", "model", "tokenizer_id"),
        steps=steps,
        upper=not any("p95_ttft_ms" in row for row in rows),
        prompt_tokens=_mean(fields, "total_input_tokens", completed),
        output_tokens=_mean(fields, "total_output_tokens", completed),
        alone_first_token=_seconds(quiet, "median_ttft_ms") if lone else None,
        alone_token=_seconds(quiet, "median_tpot_ms") if lone else None,
    )


def _step(tool: str, row: Mapping[str, Any]) -> Step:
    fields = Fields(tool, row)
    completed = fields.number("completed")
    sent = max(fields.maybe("num_prompts") or completed, completed)
    failed = fields.maybe("failed")
    throughput = fields.number("request_throughput")
    return Step(
        # Sent without pause ("inf"), the load is what came through.
        rate=fields.maybe("request_rate") or throughput,
        requests=int(sent),
        failed=int(sent - completed if failed is None else failed),
        seconds=fields.number("duration"),
        ttft_p50=fields.number("median_ttft_ms") / 1000,
        ttft_p95=fields.first("p95_ttft_ms", "p99_ttft_ms") / 1000,
        tpot_p50=fields.number("median_tpot_ms") / 1000,
        tpot_p95=fields.first("p95_tpot_ms", "p99_tpot_ms") / 1000,
        itl_p95=fields.first("p95_itl_ms", "p99_itl_ms") / 1000,
        e2el_p95=(
            fields.maybe("p95_e2el_ms")
            or fields.maybe("p99_e2el_ms")
            or fields.maybe("p99_e2e_latency_ms")
            or 0.0
        )
        / 1000,
        request_throughput=throughput,
        output_throughput=fields.number("output_throughput"),
    )


def guidellm(given: Mapping[str, Any]) -> Imported:
    """``benchmarks``: one for each load, with ``metrics`` over successful requests.

    Its time per output token counts the first one too; its inter-token latency is what vLLM
    calls TPOT, and is taken as such.
    """
    benchmarks = cast("list[object]", given["benchmarks"])[:MOST_STEPS]
    if not benchmarks:
        raise UnreadableImport(tool=GUIDELLM, field="benchmarks")
    steps = [_guided(Fields(GUIDELLM, one)) for one in benchmarks]
    fields = Fields(GUIDELLM, given)
    about = fields.table("metadata") if isinstance(given.get("metadata"), Mapping) else fields
    arguments = fields.table("args") if isinstance(given.get("args"), Mapping) else fields
    first = Fields(GUIDELLM, benchmarks[0]).table("metrics")
    return Imported(
        tool=GUIDELLM,
        version=about.text("guidellm_version", "version"),
        model=arguments.text("model"),
        steps=tuple(sorted(steps, key=lambda one: one.rate)),
        prompt_tokens=_success(first, "prompt_token_count", "mean"),
        output_tokens=_success(first, "output_token_count", "mean"),
    )


def _guided(one: Fields) -> Step:
    metrics = one.table("metrics")
    throughput = _needed(metrics, "requests_per_second", "mean")
    done, failed = _totals(one, metrics)
    tokens = _success(metrics, "output_tokens_per_second", "mean")
    return Step(
        rate=_sent(one) or throughput,
        requests=int(done + failed),
        failed=int(failed),
        seconds=one.maybe("duration") or 0.0,
        ttft_p50=_needed(metrics, "time_to_first_token_ms", "p50") / 1000,
        ttft_p95=_needed(metrics, "time_to_first_token_ms", "p95") / 1000,
        tpot_p50=_needed(metrics, "inter_token_latency_ms", "p50") / 1000,
        tpot_p95=_needed(metrics, "inter_token_latency_ms", "p95") / 1000,
        itl_p95=_needed(metrics, "inter_token_latency_ms", "p95") / 1000,
        e2el_p95=_success(metrics, "request_latency", "p95") or 0.0,
        request_throughput=throughput,
        output_throughput=tokens or 0.0,
    )


def _totals(one: Fields, metrics: Fields) -> tuple[float, float]:
    for place, name in ((metrics, "request_totals"), (one, "run_stats")):
        found = place.given.get(name)
        if isinstance(found, Mapping):
            table = Fields(GUIDELLM, cast("object", found))
            if isinstance(table.given.get("requests_made"), Mapping):
                table = table.table("requests_made")
            if (done := table.maybe("successful")) is not None:
                return done, table.maybe("errored") or 0.0
    raise UnreadableImport(tool=GUIDELLM, field="request_totals")


def _sent(one: Fields) -> float | None:
    for outer in ("config", "args"):
        table = one.given.get(outer)
        if isinstance(table, Mapping):
            strategy = cast("Mapping[str, Any]", table).get("strategy")
            if isinstance(strategy, Mapping):
                return number(cast("Mapping[str, Any]", strategy).get("rate"))
    return None


def _needed(metrics: Fields, name: str, part: str) -> float:
    found = _success(metrics, name, part)
    if found is None:
        raise UnreadableImport(tool=GUIDELLM, field=f"{name} {part}")
    return found


def _success(metrics: Fields, name: str, part: str) -> float | None:
    outer = metrics.given.get(name)
    if not isinstance(outer, Mapping):
        return None
    inner = cast("Mapping[str, Any]", outer).get("successful", cast("object", outer))
    if not isinstance(inner, Mapping):
        return None
    table = cast("Mapping[str, Any]", inner)
    shares = table.get("percentiles")
    if isinstance(shares, Mapping) and part in shares:
        return number(cast("Mapping[str, Any]", shares)[part])
    return number(table.get("median" if part == "p50" else part))


def _seconds(fields: Fields, name: str) -> float | None:
    found = fields.maybe(name)
    return None if found is None else found / 1000


def _mean(fields: Fields, name: str, over: float) -> float | None:
    found = fields.maybe(name)
    return None if found is None else found / over
