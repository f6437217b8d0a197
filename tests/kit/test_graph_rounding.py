"""A network that is rounded to eight bits answers as it did, in fewer bytes."""

from __future__ import annotations

import json

from trained import ran_apart

ROUND = """
import json
import numpy as np, torch
from torch import nn
import io
from countersign.kit import graph_rounding, graphs

torch.manual_seed(1)
wide = nn.Conv2d(32, 64, 3, padding=1), nn.ReLU6(), nn.Conv2d(64, 32, 1)
net = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), *wide, nn.ReLU(), nn.Conv2d(32, 2, 1)).eval()
out = io.BytesIO()
torch.onnx.export(net, (torch.zeros(1, 3, 8, 8),), out, input_names=["image"], dynamo=False)
plain = out.getvalue()
chance = np.random.default_rng(1)
asked = [{"image": chance.normal(0, 1, (1, 3, 8, 8)).astype(np.float32)} for _ in range(8)]
first, second = (graph_rounding.in_eight_bits(plain, iter(asked)) for _ in range(2))
one, other = (graphs.opened(graph).run(None, asked[0])[0] for graph in (plain, first))
print(json.dumps({
    "again": first == second,
    "bytes": len(first) / len(plain),
    "far": float(np.abs(one - other).max()),
    "span": float(np.ptp(one)),
}))
"""


def test_a_rounded_network_answers_as_before() -> None:
    lines = ran_apart(ROUND)
    told = json.loads(lines[-1])
    assert told["again"], "the same questions give the same graph"
    assert told["bytes"] < 0.5
    assert 0 < told["far"] < 0.05 * told["span"], "eight bits leave a trace, and a small one"
