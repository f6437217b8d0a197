"""What a model's architecture means for bytes: weights, the cache of keys and values, experts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Attention(StrEnum):
    """How keys and values are kept: in groups of heads, or compressed (DeepSeek's MLA)."""

    GQA = "gqa"
    MLA = "mla"


@dataclass(frozen=True, slots=True)
class Quantisation:
    """Bits of one weight with its scales; ``compute`` is the precision that multiplies."""

    key: str
    bits: float
    compute: str


QUANTISATIONS: Mapping[str, Quantisation] = {
    one.key: one
    for one in (
        Quantisation("fp32", 32.0, "fp32"),
        Quantisation("bf16", 16.0, "fp16"),
        Quantisation("fp8", 8.0, "fp8"),
        Quantisation("int8", 8.0, "int8"),
        # Group-wise four bits with scales of 16 bits for 128 weights (AWQ, GPTQ).
        Quantisation("int4", 4.25, "fp16"),
        # llama.cpp: blocks of 32 with a scale of 16 bits; K-quants mix widths.
        Quantisation("q8_0", 8.5, "fp16"),
        Quantisation("q4_k_m", 4.85, "fp16"),
    )
}


@dataclass(frozen=True, slots=True)
class Architecture:
    """A model's shape. Parameters are counts; ``expert_params`` is one routed expert in one layer.

    A dense model has no experts: ``experts`` 0, ``active`` = ``params``. ``source`` and
    ``checked`` (a date, or empty where nobody checked) belong to every number here.
    """

    key: str
    label: str
    params: float
    active: float
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    attention: Attention = Attention.GQA
    kv_rank: int = 0
    rope_dim: int = 0
    experts: int = 0
    experts_used: int = 0
    expert_layers: int = 0
    expert_params: float = 0.0
    context: int = 0
    source: str = ""
    checked: str = ""

    def cache_bytes(self, width: float = 2.0) -> float:
        """Bytes of keys and values for one token at ``width`` bytes a number.

        GQA keeps two vectors for each group of heads; MLA one compressed vector and the part
        that carries positions (DeepSeek-V2, arXiv 2405.04434).
        """
        if self.attention is Attention.MLA:
            return self.layers * (self.kv_rank + self.rope_dim) * width
        return 2 * self.layers * self.kv_heads * self.head_dim * width

    def copies(self, cards: int) -> float:
        """How often a token's cache lies on ``cards`` cards: heads can be split, MLA cannot."""
        groups = 1 if self.attention is Attention.MLA else self.kv_heads
        return max(1.0, cards / groups)

    def read_params(self, batch: float) -> float:
        """Parameters that one decoding step reads for ``batch`` sequences.

        Of ``experts`` routed experts a layer reads those that any sequence chose, with
        independent even choice: E(1 - (1 - k/E)^batch).
        """
        if not self.experts:
            return self.params
        routed = self.expert_layers * self.experts * self.expert_params
        share = 1 - (1 - self.experts_used / self.experts) ** max(batch, 1.0)
        return max(self.params - routed, 0.0) + routed * share
