"""Results of other tools are read as their tools define them, or refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.kit.errors import CountersignError
from countersign.rooms.modelbench.domain.imports import (
    LARGEST,
    ImportTooLarge,
    UnknownFormat,
    UnreadableImport,
    imported,
    restored,
    written,
)

VLLM: dict[str, Any] = {
    "date": "20260301-120000", "backend": "openai-chat", "model_id": "DeepSeek-R1",
    "num_prompts": 100, "request_rate": 2.0, "max_concurrency": None, "duration": 52.0,
    "completed": 98, "total_input_tokens": 98000, "total_output_tokens": 19600,
    "request_throughput": 1.88, "output_throughput": 376.9, "mean_ttft_ms": 300.0,
    "median_ttft_ms": 250.0, "p99_ttft_ms": 900.0, "median_tpot_ms": 40.0, "p99_tpot_ms": 55.0,
    "median_itl_ms": 39.0, "p99_itl_ms": 70.0,
}  # fmt: skip
GUIDELLM: dict[str, Any] = {
    "metadata": {"version": 1, "guidellm_version": "0.5.0"},
    "args": {"model": "Qwen3-14B"},
    "benchmarks": [
        {
            "duration": 30.0,
            "config": {"strategy": {"type_": "poisson", "rate": 4.0}},
            "metrics": {
                "request_totals": {"successful": 110, "errored": 2, "incomplete": 0, "total": 112},
                "requests_per_second": {"successful": {"mean": 3.7}},
                "output_tokens_per_second": {"successful": {"mean": 470.0}},
                "request_latency": {"successful": {"median": 4.0, "percentiles": {"p95": 6.0}}},
                "prompt_token_count": {"successful": {"mean": 512.0}},
                "output_token_count": {"successful": {"mean": 128.0}},
                **{
                    name: {"successful": {"median": 1.0, "percentiles": {"p50": low, "p95": high}}}
                    for name, low, high in (
                        ("time_to_first_token_ms", 200.0, 400.0),
                        ("inter_token_latency_ms", 30.0, 44.0),
                    )
                },
            },
        }
    ],
}
LM_EVAL: dict[str, Any] = {
    "results": {
        "medqa_4options": {"alias": "medqa", "acc,none": 0.71, "acc_stderr,none": 0.013},
        "pubmedqa": {"acc,none": 0.78, "acc_stderr,none": "N/A"},
    },
    "n-samples": {"medqa_4options": {"original": 1273, "effective": 1273}},
    "model_name": "DeepSeek-R1-Distill-Llama-70B",
    "lm_eval_version": "0.4.9",
}
LLAMA: list[dict[str, Any]] = [
    {"build_commit": "c46583b", "model_type": "qwen2 14B Q4_K", "n_prompt": 512, "n_gen": 0,
     "avg_ts": 1024.0},
    {"build_commit": "c46583b", "model_type": "qwen2 14B Q4_K", "n_prompt": 0, "n_gen": 128,
     "avg_ts": 40.0},
]  # fmt: skip


def raw(said: object) -> bytes:
    return json.dumps(said).encode()


def test_vllm_with_99th_percentiles_in_the_place_of_95th_ones() -> None:
    found = imported(raw(VLLM))
    (step,) = found.steps
    assert (found.tool, found.model, found.upper) == ("vllm bench serve", "DeepSeek-R1", True)
    assert (step.rate, step.requests, step.failed) == (2.0, 100, 2)
    assert (step.ttft_p95, step.tpot_p95, step.ttft_p50) == (0.9, 0.055, 0.25)
    assert (found.prompt_tokens, found.output_tokens) == (1000.0, 200.0)
    with_95 = imported(raw({**VLLM, "p95_ttft_ms": 700.0, "p95_tpot_ms": 50, "p95_itl_ms": 60}))
    assert (with_95.upper, with_95.steps[0].ttft_p95) == (False, 0.7)


def test_sglang_as_json_lines_of_rising_load() -> None:
    lines = [
        {**VLLM, "backend": "sglang", "request_rate": rate, "max_concurrency": at}
        for rate, at in ((4.0, 8), (1.0, 1))
    ]
    found = imported(b"\n".join(map(raw, lines)))
    assert found.tool == "sglang bench_serving"
    assert [step.rate for step in found.steps] == [1.0, 4.0]
    assert (found.alone_first_token, found.alone_token) == (0.25, 0.04)


def test_guidellms_inter_token_latency_is_vllms_tpot() -> None:
    found = imported(raw(GUIDELLM))
    (step,) = found.steps
    assert (found.tool, found.version, found.model) == ("guidellm", "0.5.0", "Qwen3-14B")
    assert (step.rate, step.requests, step.failed) == (4.0, 112, 2)
    assert (step.ttft_p95, step.tpot_p95, step.e2el_p95) == (0.4, 0.044, 6.0)
    assert step.output_throughput == 470.0


def test_lm_eval_with_its_own_errors() -> None:
    found = imported(raw(LM_EVAL))
    assert [(one.task, one.value, one.stderr, one.n) for one in found.scores] == [
        ("medqa_4options", 0.71, 0.013, 1273),
        ("pubmedqa", 0.78, None, None),
    ]


def test_llama_bench_as_json_and_as_csv() -> None:
    found = imported(raw(LLAMA))
    assert (found.alone_first_token, found.alone_token) == (0.5, 0.025)
    names = list(LLAMA[0])
    lines = [",".join(names)] + [",".join(str(row[name]) for name in names) for row in LLAMA]
    assert imported("\n".join(lines).encode()) == found


@pytest.mark.parametrize("said", [VLLM, GUIDELLM, LM_EVAL, LLAMA])
def test_what_is_kept_reads_back(said: object) -> None:
    found = imported(raw(said))
    assert restored(json.loads(json.dumps(written(found)))) == found


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", UnknownFormat),
        (b"hello", UnknownFormat),
        (b"{}", UnknownFormat),
        (b"[1, 2]", UnknownFormat),
        (b"\xff\xfe", UnknownFormat),
        (b"[" * 100_000, UnknownFormat),
        (raw({"request_throughput": 1}), UnreadableImport),
        (raw({**VLLM, "median_ttft_ms": "fast"}), UnreadableImport),
        (raw({**VLLM, "duration": float("inf")}), CountersignError),
        (raw({"benchmarks": []}), UnreadableImport),
        (raw({"benchmarks": [{"metrics": 3}]}), UnreadableImport),
        (raw({"results": {"x": {"acc,none": 7}}}), UnreadableImport),
        (raw([{"avg_ts": 0, "n_gen": 1}]), UnreadableImport),
        (b" " * (LARGEST + 1), ImportTooLarge),
    ],
)
def test_what_is_none_is_refused(content: bytes, error: type[CountersignError]) -> None:
    with pytest.raises(error):
        imported(content)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.sampled_from([VLLM, GUIDELLM["benchmarks"][0], LM_EVAL, LLAMA[0]]), st.data())
def test_a_file_damaged_anywhere_is_read_or_refused(said: dict[str, Any], data: Any) -> None:
    damaged = json.loads(json.dumps(said))
    for name in data.draw(st.lists(st.sampled_from(sorted(damaged)), max_size=3)):
        damaged[name] = data.draw(VALUES)
    whole = {"benchmarks": [damaged]} if "metrics" in damaged else damaged
    try:
        found = imported(raw(whole))
    except CountersignError:
        return
    assert restored(written(found)) == found


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_an_error_of_the_house(content: bytes) -> None:
    with pytest.raises(CountersignError):
        imported(content)
