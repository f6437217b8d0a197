"""Opens trained networks (ONNX) on one thread, in a runtime that tells its maker nothing."""

from __future__ import annotations

import os
from typing import Any

SILENT = "ORT_DISABLE_TELEMETRY"
"""Official builds of ONNX Runtime report to Microsoft unless this is set before they are loaded:
https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md"""


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
