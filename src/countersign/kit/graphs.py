"""Opens trained networks (ONNX) on one thread, in a runtime that tells its maker nothing."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

SILENT = "ORT_DISABLE_TELEMETRY"
"""Official builds of ONNX Runtime report to Microsoft unless this is set before they are loaded:
https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md"""

EXACT = {"avx512_vnni", "avx_vnni", "asimddp"}
"""Instructions of x86 and ARM, as Linux calls them, that add products of eight bits up whole.
Without them the runtime may cut sums off, as its tools say of ``reduce_range``."""


def runtime() -> Any:
    """The runtime. Every import of it goes through here."""
    os.putenv(SILENT, "1")  # read by the library itself as it is loaded
    import onnxruntime  # noqa: TID251  # pyright: ignore[reportMissingTypeStubs]

    return onnxruntime


def opened(graph: bytes, *, keeps_memory: bool = True) -> Any:
    """A session of a graph; without ``keeps_memory`` what a look needs is given back after it.
    Raises the runtime's own errors, which share no parent."""
    made = runtime()
    options = made.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = keeps_memory
    return made.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@cache
def exact_in_eight_bits(told: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this machine's processor has one of EXACT; no where it does not say."""
    try:
        return not EXACT.isdisjoint(told.read_text("utf-8").split())
    except (OSError, ValueError):
        return False
