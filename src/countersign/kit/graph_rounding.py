"""Rounds a trained network (ONNX) to eight bits, which a processor counts in two or three times as
quickly."""

# Onnx comes with the train extra, and is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from countersign.kit.graphs import runtime

IN_EIGHT_BITS = "Conv", "Clip", "Relu"
"""What eight bits make quicker. Sums stay as they are, padding too: rounding the flow that blocks
add to costs more than it saves."""


def in_eight_bits(graph: bytes, asked: Iterable[Mapping[str, NDArray[Any]]]) -> bytes:
    """The graph with weights and flow of its convolutions, but the first and the last, in eight
    bits: weights by channel, flow by what it spans while it answers ``asked``. It answers alike
    where ``graphs.exact_in_eight_bits``. Needs onnx, which the train extra brings. Raises the
    runtime's own errors."""
    runtime()
    import onnx
    from onnxruntime.quantization import (  # noqa: TID251
        CalibrationDataReader,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: TID251

    class Asked(CalibrationDataReader):
        left = iter(asked)

        def get_next(self) -> Any:
            return next(self.left, None)

    with tempfile.TemporaryDirectory() as folder:
        plain, ready, out = (Path(folder, f"{name}.onnx") for name in ("plain", "ready", "out"))
        plain.write_bytes(graph)
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        nodes = onnx.load(ready).graph.node
        convolutions = [one.name for one in nodes if one.op_type == "Conv"]
        quantize_static(
            ready,
            out,
            Asked(),
            op_types_to_quantize=list(IN_EIGHT_BITS),
            nodes_to_exclude=[convolutions[0], convolutions[-1]],
            per_channel=True,
            activation_type=QuantType.QUInt8,
        )
        return out.read_bytes()
