"""The small transformer: learnt with PyTorch from hard and soft labels, made ONNX int8."""

# The train extra, and with it the types of PyTorch, is not there where types are checked.
# pyright: basic, reportMissingImports=false
from __future__ import annotations

import io
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from countersign.kit import graphs
from countersign.rooms.modelbench.domain.cascade import Floats
from countersign.rooms.modelbench.inference.network import PAD, SPECIAL, encoded, vocabulary_of

SEEN = 2
"""Texts in which a character must stand to have a number of its own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """``width`` of a character's vector, ``heads`` of attention, ``layers``, ``inner`` width."""

    width: int = 192
    heads: int = 4
    layers: int = 2
    inner: int = 768
    drop: float = 0.2


class Encoder(nn.Module):
    """Characters int64 (n, m), PAD where there are none, to logits (n, k).

    A convolution over three characters stands before the attention: from nothing and with few
    texts, attention alone does not learn which characters are neighbours. It is written as one
    matrix product, because the int8 kernels of ONNX Runtime are slow for a convolution.
    """

    def __init__(self, signs: int, labels: int, shape: Shape) -> None:
        super().__init__()
        self.look = nn.Embedding(signs, shape.width, padding_idx=PAD)
        self.near = nn.Linear(3 * shape.width, shape.width)
        self.layers = nn.ModuleList([_Layer(shape) for _ in range(shape.layers)])
        self.drop = nn.Dropout(shape.drop)
        self.out = nn.Linear(2 * shape.width, labels)

    def forward(self, signs: torch.Tensor) -> torch.Tensor:
        here = (signs != PAD).to(torch.float32)
        flow = self.drop(self.look(signs))
        edge = torch.zeros_like(flow[:, :1])
        sides = [torch.cat([edge, flow[:, :-1]], 1), flow, torch.cat([flow[:, 1:], edge], 1)]
        flow = flow + torch.relu(self.near(torch.cat(sides, 2)))
        away = (1 - here)[:, None, None, :] * -1e4
        for layer in self.layers:
            flow = layer(flow, away)
        kept = here[:, :, None]
        mean = (flow * kept).sum(1) / kept.sum(1)
        most = (flow + (kept - 1) * 1e4).amax(1)
        return self.out(self.drop(torch.cat([mean, most], 1)))


class _Layer(nn.Module):
    """Attention and a feed-forward part, each after a normalisation."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.size = shape.heads, shape.width // shape.heads
        self.before, self.between = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.asks = nn.Linear(shape.width, 3 * shape.width)
        self.joins = nn.Linear(shape.width, shape.width)
        self.inner = nn.Linear(shape.width, shape.inner)
        self.outer = nn.Linear(shape.inner, shape.width)
        self.drop = nn.Dropout(shape.drop)

    def forward(self, flow: torch.Tensor, away: torch.Tensor) -> torch.Tensor:
        n, m, width = flow.shape
        asked = self.asks(self.before(flow)).view(n, m, 3, self.heads, self.size)
        query, key, value = asked.permute(2, 0, 3, 1, 4).unbind(0)
        weight = torch.softmax(query @ key.transpose(2, 3) * self.size**-0.5 + away, dim=-1)
        joined = (weight @ value).transpose(1, 2).reshape(n, m, width)
        flow = flow + self.drop(self.joins(joined))
        return flow + self.drop(self.outer(torch.relu(self.inner(self.between(flow)))))


@dataclass(frozen=True, slots=True)
class Learnt:
    """A trained network with the string of its characters."""

    model: Encoder
    signs: str

    def scores(self, texts: Sequence[str]) -> Floats:
        """Logits (n, k) of the fp32 network itself, for comparison."""
        with torch.inference_mode():
            rows = torch.from_numpy(encoded(texts, vocabulary_of(self.signs)))
            return self.model(rows).numpy()


def learn(
    texts: Sequence[str],
    labels: Floats,
    lessons: Floats | None,
    seed: int,
    *,
    shape: Shape | None = None,
    epochs: int = 10,
    temperature: float = 2.0,
    soft: float = 0.5,
    tell: Callable[[int, int], None] | None = None,
) -> Learnt:
    """Trains on ``labels`` (n, k) and, where given, a teacher's probabilities (n, k).

    The loss is (1 - soft) · cross-entropy + soft · T² · KL(teacher at T ‖ student at T), after
    Hinton, Vinyals, Dean 2015 (arXiv:1503.02531). One thread; the same seed gives the same net.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    signs = _signs(texts)
    vocabulary = vocabulary_of(signs)
    model = Encoder(len(signs) + SPECIAL, labels.shape[1], shape or Shape())
    steps = epochs * -(-len(texts) // 64)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps, pct_start=0.1)
    hard, taught = torch.from_numpy(labels), None if lessons is None else torch.from_numpy(lessons)
    order = np.random.default_rng(seed)
    for epoch in range(epochs):
        model.train()
        for rows in np.array_split(order.permutation(len(texts)), -(-len(texts) // 64)):
            chosen = [str(texts[row]) for row in rows]
            said = model(torch.from_numpy(encoded(chosen, vocabulary)))
            loss = _loss(
                said, hard[rows], None if taught is None else taught[rows], temperature, soft
            )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            pace.step()
        if tell is not None:
            tell(epoch + 1, epochs)
    return Learnt(model.eval(), signs)


def _loss(
    said: torch.Tensor, hard: torch.Tensor, taught: torch.Tensor | None, heat: float, soft: float
) -> torch.Tensor:
    plain = -(hard * torch.log_softmax(said, 1)).sum(1).mean()
    if taught is None:
        return plain
    target = torch.softmax(torch.log(taught.clamp_min(1e-6)) / heat, 1)
    apart = nn.functional.kl_div(torch.log_softmax(said / heat, 1), target, reduction="batchmean")
    return (1 - soft) * plain + soft * heat**2 * apart


def _signs(texts: Sequence[str]) -> str:
    seen = Counter(sign for text in texts for sign in set(text.casefold()) if sign != "\t")
    return "".join(sorted(sign for sign, count in seen.items() if count >= SEEN))


def graph(learnt: Learnt) -> bytes:
    """The network as an ONNX graph in fp32, of any number of texts of any length."""
    out = io.BytesIO()
    torch.onnx.export(
        learnt.model,
        (torch.ones((2, 7), dtype=torch.int64),),
        out,
        input_names=["signs"],
        output_names=["scores"],
        dynamic_axes={"signs": {0: "n", 1: "m"}, "scores": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    return out.getvalue()


def eight_bits(raw: bytes) -> bytes:
    """The graph with weights in int8, each output channel with a scale of its own, and
    activations quantised as they come."""
    graphs.runtime()
    from onnxruntime import quantization  # noqa: TID251  # type: ignore[import-untyped]

    made: Any = quantization
    with tempfile.TemporaryDirectory(prefix="countersign-graph-") as folder:
        before, after = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        before.write_bytes(raw)
        made.quantize_dynamic(
            before, after, weight_type=made.QuantType.QInt8, per_channel=True, reduce_range=False
        )
        return after.read_bytes()
